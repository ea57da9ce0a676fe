"""What is looked for and where: options of the command, `[tool.wfsim.lint]` of pyproject.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Final, cast

from wfsim.errors import UsageError, nearest
from wfsim.lint.rules import RULES, expand

__all__ = ["Settings", "load_settings"]

_KEYS: Final = ("select", "ignore", "per-file-ignores", "exclude")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Which rules count where."""

    selected: frozenset[str] = frozenset(RULES)
    per_file: tuple[tuple[str, frozenset[str]], ...] = ()
    """Pattern of a path, and what is ignored there."""
    exclude: tuple[str, ...] = ()
    """Patterns of paths that are not looked at."""
    base: Path = field(default_factory=Path)
    """What patterns are relative to."""

    def with_options(
        self, select: Sequence[str] | None = None, ignore: Sequence[str] | None = None
    ) -> Settings:
        """Return what the options of a command make of it; `select` starts anew.

        Raises:
            UsageError: A code names no rule.
        """
        selected = self.selected if select is None else expand(_split(select), "--select")
        if ignore is not None:
            selected -= expand(_split(ignore), "--ignore")
        return replace(self, selected=selected)

    def counts(self, code: str, path: Path) -> bool:
        """Say whether a finding in a file counts."""
        if code not in self.selected:
            return False
        return not any(
            code in codes and self._matches(path, pattern) for pattern, codes in self.per_file
        )

    def excludes(self, path: Path) -> bool:
        """Say whether a file is not looked at."""
        return any(self._matches(path, pattern) for pattern in self.exclude)

    def _matches(self, path: Path, pattern: str) -> bool:
        absolute = path.absolute()
        base = self.base.absolute()
        name = absolute.relative_to(base) if absolute.is_relative_to(base) else absolute
        text = name.as_posix()
        pattern = pattern.rstrip("/")
        return (
            fnmatch(text, pattern)
            or fnmatch(text, f"{pattern}/*")
            or ("/" not in pattern and any(fnmatch(part, pattern) for part in name.parts))
        )


def load_settings(path: Path) -> Settings:
    """Return the settings of the nearest pyproject.toml with a `[tool.wfsim.lint]`.

    Raises:
        UsageError: The file is no TOML, or a key or code in the table is unknown.
    """
    start = path.absolute()
    for folder in (start, *start.parents):
        file = folder / "pyproject.toml"
        if not file.is_file():
            continue
        try:
            document: dict[str, object] = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"{file}: this is no TOML: {error}.") from None
        table = document
        for key in ("tool", "wfsim", "lint"):
            inner = table.get(key)
            table = cast("dict[str, object]", inner) if isinstance(inner, dict) else {}
        if table:
            return _settings(table, file)
    return Settings()


def _settings(table: dict[str, object], file: Path) -> Settings:
    for key in table:
        if key not in _KEYS:
            raise UsageError(f"{file}: [tool.wfsim.lint] has no key {key!r}.{nearest(key, _KEYS)}")
    where = f"{file}: [tool.wfsim.lint]"
    selected = expand(table["select"], f"{where} select") if "select" in table else frozenset(RULES)
    if "ignore" in table:
        selected -= expand(table["ignore"], f"{where} ignore")
    per_file = table.get("per-file-ignores", {})
    if not isinstance(per_file, dict):
        raise UsageError(f"{where} per-file-ignores must be a table of patterns, not {per_file!r}.")
    exclude = table.get("exclude", [])
    if not isinstance(exclude, list):
        raise UsageError(f"{where} exclude must be a list of patterns, not {exclude!r}.")
    return Settings(
        selected=selected,
        per_file=tuple(
            (pattern, expand(codes, f"{where} per-file-ignores"))
            for pattern, codes in cast("dict[str, object]", per_file).items()
        ),
        exclude=tuple(str(pattern) for pattern in cast("list[object]", exclude)),
        base=file.parent,
    )


def _split(words: Sequence[str]) -> list[str]:
    return [part for word in words for part in word.split(",") if part.strip()]
