"""The files of one app, read when they are first asked for, and how imports find them."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from wfsim.lint.source import Module, read

__all__ = ["APP_FILE", "Project", "is_app", "is_skipped", "python_files", "root_of", "roots_below"]

_SKIPPED: Final = frozenset(
    {"__pycache__", "node_modules", "site-packages", "venv", "env", ".python_packages", "build"}
)
APP_FILE: Final = "function_app.py"
_TOPS: Final = (".git", "pyproject.toml")
_APP_FILES: Final = (APP_FILE, "host.json")


def is_skipped(folder: str) -> bool:
    """Say whether a folder of this name holds no code of the project."""
    return folder in _SKIPPED or folder.startswith(".")


def roots_below(folder: Path) -> list[Path]:
    """Return the folders of the apps in and below a folder."""
    return sorted(
        {
            path.parent
            for name in _APP_FILES
            for path in folder.rglob(name)
            if not any(is_skipped(part) for part in path.relative_to(folder).parts[:-1])
        }
    )


def is_app(folder: Path) -> bool:
    """Say whether a folder is that of a function app."""
    return any((folder / name).is_file() for name in _APP_FILES)


def root_of(folder: Path) -> Path:
    """Return the folder of the app that a folder belongs to; itself where there is none.

    Looks upwards no further than the top of the project.
    """
    for candidate in (folder, *folder.parents):
        if is_app(candidate):
            return candidate
        if any((candidate / name).exists() for name in _TOPS):
            break
    return folder


def python_files(root: Path, *, others: Iterable[Path] = ()) -> list[Path]:
    """Return the Python files of an app: those below its folder, without those of apps below it."""
    inner = [other for other in others if other != root and other.is_relative_to(root)]
    found: list[Path] = []
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).parts[:-1]
        if any(is_skipped(part) for part in parts):
            continue
        if any(path.is_relative_to(other) for other in inner):
            continue
        found.append(path)
    return found


class Project:
    """One app: a folder on the import path."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._modules: dict[Path, Module] = {}
        self._found: dict[tuple[Path, str, int], Path | None] = {}

    @property
    def modules(self) -> list[Module]:
        """Return the modules that have been read."""
        return list(self._modules.values())

    def load(self, path: Path) -> Module:
        """Return the module of a file.

        Raises:
            UsageError: The file is no Python.
        """
        module = self._modules.get(path)
        if module is None:
            module = self._modules[path] = read(path)
        return module

    def load_with_imports(self, path: Path) -> list[Module]:
        """Return the module of a file and those of the project that it imports, however far."""
        found: dict[Path, Module] = {}
        pending = [path]
        while pending:
            current = pending.pop()
            if current in found:
                continue
            module = found[current] = self.load(current)
            for node in ast.walk(module.tree):
                pending += [other.path for other in self._imports(module, node)]
        return list(found.values())

    def _imports(self, module: Module, node: ast.AST) -> list[Module]:
        if isinstance(node, ast.Import):
            found = [self.find(module, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            found = [self.find(module, base, node.level)]
            found += [
                self.find(module, f"{base}.{alias.name}".lstrip("."), node.level)
                for alias in node.names
            ]
        else:
            found = []
        return [other for other in found if other is not None]

    def find(self, importer: Module, name: str, level: int = 0) -> Module | None:
        """Return the module of the project that an import means, if it is one."""
        key = (importer.path.parent, name, level)
        if key not in self._found:
            self._found[key] = self._locate(importer.path, name, level)
        path = self._found[key]
        return self.load(path) if path is not None else None

    def _locate(self, importer: Path, name: str, level: int) -> Path | None:
        parts = name.split(".") if name else []
        if level:
            base = importer.parent
            for _ in range(level - 1):
                base = base.parent
            return _module_file(base, parts)
        for folder in (self.root, importer.parent, self.root / "src", self.root.parent):
            if (path := _module_file(folder, parts)) is not None:
                return path
        return None


def _module_file(folder: Path, parts: list[str]) -> Path | None:
    target = folder.joinpath(*parts)
    if parts and (path := target.with_name(f"{target.name}.py")).is_file():
        return path
    path = target / "__init__.py"
    return path if path.is_file() else None
