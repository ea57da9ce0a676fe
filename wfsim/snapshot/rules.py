"""What a user may say about a view: what to hide, how to read types, how strict to be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from wfsim.errors import UsageError

__all__ = ["Mask", "Rules"]

Mask = str | Callable[[Any], Any]
"""What stands in place of a value: a text, or a function of the value."""

_PARTS: Final = {"**": r"(?:[^.]+\.)*", "*": r"[^.]*"}


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How recorded things are shown.

    Args:
        masks: What to show instead of values, by their paths in payloads: `input.card`,
            `result.items.*.id`, `**.token`. `*` stands for one part of a path, `**` for any number.
        types: How to read objects of a type that are no JSON: a function that returns plain data.
        redact: Texts and patterns that become `<redacted>`, wherever they stand.
        exact_order: Whether to keep the recorded order also of what happened at once.

    Raises:
        UsageError: an argument makes no sense.
    """

    masks: Mapping[str, Mask] = field(default_factory=dict[str, Mask])
    types: Mapping[type, Callable[[Any], Any]] = field(
        default_factory=dict[type, Callable[[Any], Any]]
    )
    redact: Sequence[str | re.Pattern[str]] = ()
    exact_order: bool = False

    def __post_init__(self) -> None:
        for path, mask in self.masks.items():
            if not path or ".." in path or path.startswith(".") or path.endswith("."):
                raise UsageError(
                    f"The path {path!r} in masks= names nothing. Write for example 'input.card', "
                    "'result.items.*.id' or '**.token'."
                )
            if not isinstance(mask, str) and not callable(mask):
                raise UsageError(
                    f"masks={{{path!r}: {mask!r}}} must be a text or a function of the value."
                )
        for kind, read in self.types.items():
            if not isinstance(kind, type) or not callable(read):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise UsageError(
                    f"types={{{kind!r}: {read!r}}} must have a class and a function of its objects."
                )
        if isinstance(self.redact, str) or "" in self.redact:
            raise UsageError(
                f"redact={self.redact!r} must be a list of texts and patterns that are not empty."
            )

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], Mask]]:
        return [(_pattern(path), mask) for path, mask in self.masks.items()]

    @cached_property
    def _secrets(self) -> re.Pattern[str] | None:
        sources = [
            item.pattern if isinstance(item, re.Pattern) else re.escape(item)
            for item in self.redact
        ]
        return re.compile("|".join(f"(?:{source})" for source in sources)) if sources else None

    def mask_of(self, path: tuple[str, ...]) -> Mask | None:
        """Return what to show in place of the value at a path, or None for the value itself."""
        if not self.masks:
            return None
        text = ".".join(path)
        return next((mask for pattern, mask in self._patterns if pattern.fullmatch(text)), None)

    def reader_of(self, value: object) -> Callable[[Any], Any] | None:
        """Return how to read an object, or None where no rule is about its type."""
        if not self.types:
            return None
        return next((self.types[kind] for kind in type(value).__mro__ if kind in self.types), None)

    def around_secrets(self, text: str) -> list[str]:
        """Return what stands before, between and behind the secrets of a text."""
        if self._secrets is None:
            return [text]
        ends = [0]
        for match in self._secrets.finditer(text):
            ends += match.span()
        ends.append(len(text))
        return [text[start:end] for start, end in zip(ends[::2], ends[1::2], strict=True)]


def _pattern(path: str) -> re.Pattern[str]:
    *heads, last = path.split(".")
    source = "".join(_PARTS["**"] if part == "**" else f"{_part(part)}\\." for part in heads)
    return re.compile(source + (r".*" if last == "**" else _part(last)))


def _part(part: str) -> str:
    return _PARTS["*"].join(map(re.escape, part.split("*")))
