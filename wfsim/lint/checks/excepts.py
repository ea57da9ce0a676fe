"""Handlers that swallow what must get through."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from wfsim.lint.scene import Hit, Scene
from wfsim.lint.values import Ext

__all__ = ["excepts"]

_EVERYTHING: Final = "builtins.BaseException"
_FAILURES: Final = "builtins.Exception"
_SILENCE: Final = (
    "around a `yield` makes each failure look like success: of an activity, of a name, of the "
    "framework"
)


def excepts(scene: Scene) -> Iterator[Hit]:
    """Report handlers around a `yield` that catch everything, or that say nothing of a failure."""
    for node in scene.body.nodes:
        match node:
            case ast.Try() | ast.TryStar() if _waits(node.body, scene):
                for handler in node.handlers:
                    yield from _handler(scene, handler)
            case ast.With() if scene.role == "orchestrator" and _waits(node.body, scene):
                yield from _suppressed(scene, node)
            case _:
                pass


def _handler(scene: Scene, handler: ast.ExceptHandler) -> Iterator[Hit]:
    names = set(_names(scene, handler.type))
    if any(isinstance(inner, ast.Raise) for inner in ast.walk(handler)):
        return
    if scene.role == "workflow":
        if handler.type is None or names & {_EVERYTHING, "asyncio.CancelledError"}:
            said = "also swallows the interruption with which a workflow waits for an answer"
            yield Hit("WF211", handler, f"`{_shown(handler)}` around an `await` {said}")
    elif handler.type is None or _EVERYTHING in names:
        said = "also swallows GeneratorExit, with which the framework leaves the orchestrator"
        yield Hit("WF211", handler, f"`{_shown(handler)}` around a `yield` {said}")
    elif _FAILURES in names and all(map(_is_nothing, handler.body)):
        yield Hit("WF211", handler, f"`except Exception: pass` {_SILENCE}")


def _suppressed(scene: Scene, node: ast.With) -> Iterator[Hit]:
    for item in node.items:
        call = item.context_expr
        if isinstance(call, ast.Call) and scene.value(call.func) == Ext("contextlib.suppress"):
            names = {name for argument in call.args for name in _names(scene, argument)}
            if names & {_EVERYTHING, _FAILURES}:
                yield Hit("WF211", call, f"`{ast.unparse(call)}` {_SILENCE}")


def _shown(handler: ast.ExceptHandler) -> str:
    return f"except {ast.unparse(handler.type)}:" if handler.type is not None else "except:"


def _waits(body: list[ast.stmt], scene: Scene) -> bool:
    """Say whether the framework is waited for in a block."""
    waiting = ast.Await if scene.role == "workflow" else ast.Yield | ast.YieldFrom
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, waiting):
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
