"""Loops whose history grows without end."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from wfsim.lint.scene import TASKS, Hit, Scene

__all__ = ["loops"]


def loops(scene: Scene) -> Iterator[Hit]:
    """Report `while True` that nothing leaves and that never continues as new."""
    for node in scene.body.nodes:
        if not (isinstance(node, ast.While) and _is_always(node.test)):
            continue
        methods = {scene.context_method(inner) for inner in ast.walk(node)}
        if "continue_as_new" not in methods and methods & TASKS and not _is_left(node.body):
            yield Hit(
                "DURABLE0011",
                node,
                "`while True` never ends and never calls `continue_as_new`, so the history grows "
                "until the instance can no longer be loaded",
            )


def _is_always(test: ast.expr) -> bool:
    return isinstance(test, ast.Constant) and bool(test.value)


def _is_left(body: list[ast.stmt], *, in_inner: bool = False) -> bool:
    """Say whether a `return`, `raise` or `break` leads out of a loop."""
    for statement in body:
        match statement:
            case ast.Return() | ast.Raise():
                return True
            case ast.Break() if not in_inner:
                return True
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                continue
            case ast.For() | ast.While() | ast.AsyncFor():
                if _is_left(statement.body, in_inner=True) or _is_left(
                    statement.orelse, in_inner=in_inner
                ):
                    return True
            case _:
                for part in ("body", "orelse", "finalbody"):
                    if _is_left(getattr(statement, part, []), in_inner=in_inner):
                        return True
                for part in (*getattr(statement, "handlers", []), *getattr(statement, "cases", [])):
                    if _is_left(part.body, in_inner=in_inner):
                        return True
    return False
