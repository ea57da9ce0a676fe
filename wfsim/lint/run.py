"""Reads the apps that paths mean, and asks every check about what is reached in them."""

from __future__ import annotations

import ast
import gc
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from wfsim.errors import UsageError
from wfsim.lint.checks import CHECKS
from wfsim.lint.checks.bindings import bindings
from wfsim.lint.checks.direct import direct, stale
from wfsim.lint.checks.functional import steps
from wfsim.lint.noqa import silenced
from wfsim.lint.project import APP_FILE, Project, is_app, python_files, root_of, roots_below
from wfsim.lint.reach import ROLES, Reached, reach
from wfsim.lint.records import Finding, Report, relative
from wfsim.lint.registry import Registry
from wfsim.lint.resolve import Resolver
from wfsim.lint.scene import Hit, Scene
from wfsim.lint.settings import Settings
from wfsim.lint.source import Function, Module

__all__ = ["lint"]

_DEFAULTS: Final = Settings()


def lint(paths: Sequence[Path], settings: Settings = _DEFAULTS) -> Report:
    """Read the code of durable apps, without running it, and report what replays would trip over.

    Args:
        paths: Files, or folders with apps in and below them. A file stands for itself and for what
            it imports out of its project.
        settings: Which rules count where.

    Raises:
        UsageError: A path does not exist, holds no Python, or a file is no Python.
    """
    with _no_collection():
        return _lint(paths, settings)


@contextmanager
def _no_collection() -> Generator[None]:
    """Keep the garbage collector from walking syntax trees, which are needed to the end."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _lint(paths: Sequence[Path], settings: Settings) -> Report:
    findings: dict[tuple[str, Path, int, int], Finding] = {}
    files: set[Path] = set()
    functions: set[tuple[Path, int]] = set()
    for given in paths:
        path = Path(os.path.normpath(given.absolute()))
        for root, chosen in _apps(path, settings):
            project = Project(root)
            modules = _modules(project, path, chosen, settings)
            files |= {module.path for module in modules}
            for finding in _findings(project, modules, settings, functions):
                place = (finding.code, finding.path, finding.line, finding.column)
                findings.setdefault(place, finding)
    return Report(
        findings=tuple(sorted(findings.values(), key=lambda finding: finding.sort_key)),
        files=len(files),
        functions=len(functions),
    )


def _apps(path: Path, settings: Settings) -> Iterator[tuple[Path, list[Path]]]:
    """Yield the folder of each app, and its files; of a file that alone."""
    if path.is_file():
        yield root_of(path.parent), [path]
        return
    if not path.is_dir():
        raise UsageError(f"{relative(path)}: there is no such file or folder.")
    roots = roots_below(path)
    everything = [(root, python_files(root, others=roots)) for root in roots]
    taken = {file for _, chosen in everything for file in chosen}
    if loose := [file for file in python_files(path) if file not in taken]:
        everything.append((root_of(path), loose))
    if not everything:
        raise UsageError(f"{relative(path)}: there is no Python file in or below this folder.")
    for root, chosen in everything:
        kept = [file for file in chosen if not settings.excludes(file)]
        if kept:
            yield root, kept


def _modules(project: Project, path: Path, chosen: list[Path], settings: Settings) -> list[Module]:
    if path.is_file():
        found = project.load_with_imports(path)
        return [
            module for module in found if module.path == path or not settings.excludes(module.path)
        ]
    return [project.load(file) for file in chosen]


def _whole_app(project: Project, modules: list[Module]) -> list[Module]:
    """Return the modules that register functions: of a part of an app, those of all of it."""
    paths = {module.path for module in modules}
    if project.root / APP_FILE in paths or not is_app(project.root):
        return modules
    others = [path for path in python_files(project.root) if path not in paths]
    return [*modules, *(project.load(path) for path in others)]


def _findings(
    project: Project,
    modules: list[Module],
    settings: Settings,
    functions: set[tuple[Path, int]],
) -> Iterator[Finding]:
    resolver = Resolver(project)
    registry = Registry.read(_whole_app(project, modules), resolver)
    quiet: dict[Module, dict[int, frozenset[str] | None]] = {}
    for hit, function, trail in _hits(registry, resolver, modules, functions):
        module = function.module
        if module not in quiet:
            quiet[module] = silenced(module.source)
        finding = _finding(hit, module, trail)
        if not settings.counts(hit.code, module.path) or settings.excludes(module.path):
            continue
        if not _is_silenced(finding, quiet[module]):
            yield finding


def _hits(
    registry: Registry,
    resolver: Resolver,
    modules: list[Module],
    functions: set[tuple[Path, int]],
) -> Iterator[tuple[Hit, Function, tuple[str, ...]]]:
    reached: dict[str, list[Reached]] = {}
    chosen = set(modules)
    for role in ROLES:
        reached[role] = reach(role, registry, resolver, chosen)
        for one in reached[role]:
            functions.add((one.function.module.path, one.function.node.lineno))
            scene = Scene(role, one, registry, resolver)
            for check in CHECKS[role]:
                for hit in check(scene):
                    yield hit, one.function, one.trail
            if role == "orchestrator":
                for hit in direct(scene):
                    yield hit, one.function, one.trail
    for hit, one in stale(reached["orchestrator"], registry, resolver):
        yield hit, one.function, one.trail
    for hit, function in bindings(registry, resolver, chosen, reached["orchestrator"]):
        yield hit, function, (function.name,)
    for hit, function in steps(registry, resolver, chosen):
        yield hit, function, (function.name,)


def _finding(hit: Hit, module: Module, trail: tuple[str, ...]) -> Finding:
    node = hit.node
    line = getattr(node, "lineno", 1)
    end_line = getattr(node, "end_lineno", None) or line
    column = _characters(module, line, getattr(node, "col_offset", 0))
    end = _characters(module, end_line, getattr(node, "end_col_offset", None) or 0)
    if not isinstance(node, ast.expr):
        # Of a statement the first line says enough.
        end_line, end = line, len(_text(module, line).rstrip())
    return Finding(
        code=hit.code,
        message=hit.message,
        path=module.path,
        line=line,
        column=column + 1,
        end_line=end_line,
        end_column=end + 1,
        source=_text(module, line),
        trail=trail,
    )


def _text(module: Module, line: int) -> str:
    """Return a line; Python 3.11 is not exact about places in f-strings of several lines."""
    return module.lines[min(line, len(module.lines)) - 1]


def _characters(module: Module, line: int, offset: int) -> int:
    """Return a column in characters: the parser counts bytes."""
    text = _text(module, line)
    if text.isascii():
        return offset
    return len(text.encode()[:offset].decode(errors="ignore"))


def _is_silenced(finding: Finding, quiet: dict[int, frozenset[str] | None]) -> bool:
    for line in {finding.line, finding.end_line}:
        codes = quiet.get(line, frozenset())
        if codes is None or finding.code in codes:
            return True
    return False
