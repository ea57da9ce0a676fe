"""Tasks and generators that are made and not waited for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from wfsim.lint.scene import Hit, Scene
from wfsim.lint.values import Fun

__all__ = ["tasks"]

_OWN: Final = frozenset({"cancel", "is_completed", "is_canceled", "is_cancelled", "completed"})
"""What may be asked of a task that was not yielded."""
_WITH_INPUT: Final = frozenset(
    {
        *("call_activity", "call_activity_with_retry", "call_sub_orchestrator", "call_entity"),
        *("call_sub_orchestrator_with_retry", "signal_entity", "continue_as_new"),
    }
)


def tasks(scene: Scene) -> Iterator[Hit]:
    """Report tasks that are dropped or taken for results, yielded lists, generators never run."""
    for node in scene.body.nodes:
        match node:
            case ast.Call():
                yield from _task(scene, node)
                yield from _generator(scene, node)
                yield from _inputs(scene, node)
            case ast.Yield() if node.value is not None:
                if _is_list_of_tasks(scene, node.value):
                    yield Hit(
                        "WF203",
                        node,
                        "a list of tasks is yielded: the SDK takes it for a result and waits for "
                        "none of them",
                    )
            case _:
                pass


def _task(scene: Scene, node: ast.Call) -> Iterator[Hit]:
    if not scene.is_task(node):
        return
    name = ast.unparse(node.func)
    parent = scene.body.parents[node]
    match parent:
        case ast.Expr():
            said = "makes a task that is never yielded, so it never runs"
        case ast.Assign(targets=[ast.Name() as target]) if not scene.loads(target.id):
            said = f"makes a task that `{target.id}` keeps and nothing yields, so it never runs"
        case ast.Attribute() if parent.attr not in _OWN:
            said = f"gives a task, and `.{parent.attr}` is asked before it is yielded"
        case ast.Subscript() if node is parent.value:
            said = "gives a task, which is indexed as if it were the result"
        case ast.BinOp() | ast.UnaryOp() | ast.FormattedValue() | ast.Compare():
            said = "gives a task, which is used as if it were the result"
        case ast.If() | ast.While() | ast.IfExp() | ast.BoolOp() if _is_test(node, parent):
            said = "gives a task, which is always true"
        case ast.For() if node is parent.iter:
            said = "gives a task, which is walked as if it were the result"
        case ast.Return() if scene.is_root:
            said = "gives a task, which is returned as if it were the result"
        case _:
            return
    yield Hit("WF202", node, f"`{name}` {said}")


def _is_test(node: ast.AST, parent: ast.If | ast.While | ast.IfExp | ast.BoolOp) -> bool:
    return isinstance(parent, ast.BoolOp) or node is parent.test


def _inputs(scene: Scene, node: ast.Call) -> Iterator[Hit]:
    """Look for tasks that are handed on as input, before their result is there."""
    method = scene.context_method(node)
    if method not in _WITH_INPUT:
        return
    given = [*node.args[1:], *(k.value for k in node.keywords)]
    if method == "continue_as_new":
        given += node.args[:1]
    for argument in given:
        made = scene.assigned(argument.id) if isinstance(argument, ast.Name) else argument
        if made is not None and scene.is_task(made):
            yield Hit(
                "WF202",
                argument,
                f"`{ast.unparse(argument)}` is a task and no result, and JSON cannot hold it",
            )


def _is_list_of_tasks(scene: Scene, node: ast.expr) -> bool:
    match node:
        case ast.List() | ast.Tuple() | ast.Set():
            return any(_is_or_names_task(scene, element) for element in node.elts)
        case ast.ListComp() | ast.GeneratorExp() | ast.SetComp():
            return scene.is_task(node.elt)
        case ast.Name():
            made = scene.assigned(node.id)
            if isinstance(made, ast.List | ast.ListComp | ast.Tuple):
                return _is_list_of_tasks(scene, made) or _gets_tasks(scene, node.id)
            return False
        case _:
            return False


def _is_or_names_task(scene: Scene, node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        made = scene.assigned(node.id)
        return made is not None and scene.is_task(made)
    return scene.is_task(node)


def _gets_tasks(scene: Scene, name: str) -> bool:
    return any(
        isinstance(call.func, ast.Attribute)
        and call.func.attr == "append"
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == name
        and bool(call.args)
        and scene.is_task(call.args[0])
        for call in scene.calls()
    )


def _generator(scene: Scene, node: ast.Call) -> Iterator[Hit]:
    value = scene.value(node.func)
    if not isinstance(value, Fun) or scene.registry.kind_of(value.function) is not None:
        return
    is_coroutine = isinstance(value.function.node, ast.AsyncFunctionDef)
    if not (is_coroutine or value.function.is_generator):
        return
    made = "coroutine" if is_coroutine else "generator"
    name = ast.unparse(node.func)
    match scene.body.parents[node]:
        case ast.Expr():
            said = f"only makes a {made}, and nothing runs it"
        case ast.Yield():
            said = f"is yielded as a {made}, which is no task"
        case ast.Assign(targets=[ast.Name() as target]) if not scene.loads(target.id):
            said = f"only makes a {made}, which `{target.id}` keeps and nothing runs"
        case ast.Assign(targets=[ast.Name() as target]) if _is_yielded(scene, target.id):
            said = f"makes a {made}, and `yield {target.id}` yields that instead of running it"
        case ast.Return() if scene.function.is_generator:
            said = f"is returned as a {made}, and nothing runs it"
        case _:
            return
    yield Hit("WF204", node, f"`{name}()` {said}")


def _is_yielded(scene: Scene, name: str) -> bool:
    loads = scene.loads(name)
    return all(isinstance(scene.body.parents.get(load), ast.Yield) for load in loads)
