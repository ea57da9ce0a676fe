"""Handlers that swallow what must get through."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from wfsim.lint.scene import Hit, Scene
from wfsim.lint.values import Ext

__all__ = ["excepts"]


def excepts(scene: Scene) -> Iterator[Hit]:
    """Report handlers around a `yield` that catch everything, or that say nothing of a failure."""
    for node in scene.body.nodes:
        if not isinstance(node, ast.Try | ast.TryStar) or not _waits(node.body, scene):
            continue
        for handler in node.handlers:
            names = set(_names(scene, handler.type))
            if any(isinstance(inner, ast.Raise) for inner in ast.walk(handler)):
                continue
            if handler.type is None or "builtins.BaseException" in names:
                shown = "except:" if handler.type is None else "except BaseException:"
                yield Hit(
                    "WF211",
                    handler,
                    f"`{shown}` around a `yield` also swallows GeneratorExit, with which the "
                    "framework leaves the orchestrator",
                )
            elif "builtins.Exception" in names and all(map(_is_nothing, handler.body)):
                yield Hit(
                    "WF211",
                    handler,
                    "`except Exception: pass` around a `yield` makes each failure look like "
                    "success: of an activity, of a name, of the framework",
                )


def _waits(body: list[ast.stmt], scene: Scene) -> bool:
    if not scene.function.is_generator:
        return False
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            pending += ast.iter_child_nodes(node)
    return False


def _names(scene: Scene, caught: ast.expr | None) -> Iterator[str]:
    parts = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    for part in parts:
        value = scene.value(part)
        if isinstance(value, Ext):
            yield value.name


def _is_nothing(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )
