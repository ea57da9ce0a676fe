"""`is_replaying` that decides more than what is logged."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from wfsim.lint.hazards import hazard
from wfsim.lint.reach import says_replaying
from wfsim.lint.scene import Hit, Scene
from wfsim.lint.source import Function
from wfsim.lint.values import CONTEXT, Ext, Fun

__all__ = ["replaying"]

_MESSAGE = "`is_replaying` decides {what}, so a replay does not repeat what the first run did"
_DEPTH = 3


def replaying(scene: Scene) -> Iterator[Hit]:
    """Report what differs between a first run and a replay, logging left out."""
    for node in scene.body.nodes:
        match node:
            case ast.If() if says_replaying(node.test, scene.function) is not None:
                if _only_skips_logs(scene, node):
                    continue
                for statement in (*node.body, *node.orelse):
                    if (what := _steers(scene, statement, node)) is not None:
                        yield Hit("WF210", statement, _MESSAGE.format(what=what))
                        break
            case ast.Attribute(attr="is_replaying", ctx=ast.Load()):
                if scene.value(node.value) in (CONTEXT, None) and not _is_harmless(scene, node):
                    yield Hit("WF210", node, _MESSAGE.format(what="a value"))
            case _:
                pass


def _only_skips_logs(scene: Scene, node: ast.If) -> bool:
    """Say whether it is the `if context.is_replaying: return` of a helper that only logs."""
    block = scene.body.root
    if scene.function.is_generator or not isinstance(block, ast.FunctionDef):
        return False
    if [type(statement) for statement in node.body] != [ast.Return] or node.orelse:
        return False
    if scene.body.parents[node] is not block or any(
        isinstance(inner, ast.Return) and inner.value is not None for inner in scene.body.nodes
    ):
        return False
    rest = block.body[block.body.index(node) + 1 :]
    return all(_steers(scene, statement, block) is None for statement in rest)


def _is_harmless(scene: Scene, node: ast.Attribute) -> bool:
    """Say whether `is_replaying` is only a test, a name for it, or part of what is logged."""
    below: ast.AST = node
    for parent in scene.body.above(node):
        if scene.is_log(parent):
            return True
        match parent:
            case ast.If():
                return below is parent.test
            case ast.UnaryOp(op=ast.Not()) | ast.BoolOp() | ast.Compare() | ast.IfExp():
                below = parent
            case ast.Assign(targets=[ast.Name()]) | ast.AnnAssign(target=ast.Name()):
                return not isinstance(below, ast.IfExp)
            case ast.Expr():
                return _is_short_log(scene, below)
            case _:
                return False
    return False


def _is_short_log(scene: Scene, node: ast.AST) -> bool:
    """Say whether it is `context.is_replaying or logging.info(…)`."""
    calls = [inner for inner in ast.walk(node) if isinstance(inner, ast.Call)]
    return bool(calls) and all(scene.is_log(call) for call in calls[:1])


def _steers(scene: Scene, statement: ast.stmt, guard: ast.stmt) -> str | None:
    """Return what else than logging a statement does, in words; None if it does nothing else."""
    for node in ast.walk(statement):
        match node:
            case ast.Yield() | ast.YieldFrom():
                return "whether a task is yielded"
            case ast.Return() | ast.Raise() | ast.Break() | ast.Continue():
                return "where the orchestrator goes on"
            case ast.Assign() | ast.AugAssign() | ast.AnnAssign():
                if _is_seen_outside(scene, node, guard):
                    return "the value of a variable"
            case ast.Call():
                if (what := _does(scene, node)) is not None:
                    return what
            case _:
                pass
    return None


def _is_seen_outside(
    scene: Scene, node: ast.Assign | ast.AugAssign | ast.AnnAssign, guard: ast.stmt
) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    inside = set(map(id, ast.walk(guard)))
    for target in targets:
        if not isinstance(target, ast.Name):
            return True
        if any(id(load) not in inside for load in scene.loads(target.id)):
            return True
    return False


def _does(scene: Scene, call: ast.Call) -> str | None:
    method = scene.context_method(call)
    if method == "set_custom_status":
        return "the custom status, which the next turn takes away again"
    if method is not None and method != "get_input":
        return f"whether `{method}` is called"
    value = scene.value(call.func)
    if isinstance(value, Fun) and not _only_logs(scene, value.function, _DEPTH):
        return f"whether `{value.function.name}` is called"
    if isinstance(value, Ext) and not scene.is_log(call) and _goes_outside(value, call):
        return f"whether `{ast.unparse(call.func)}` is called"
    return None


def _goes_outside(value: Ext, call: ast.Call) -> bool:
    found = hazard(value.plain, call)
    return found is not None and found.code in ("DURABLE0003", "DURABLE0004", "DURABLE0005")


def _only_logs(scene: Scene, function: Function, depth: int) -> bool:
    """Say whether a helper does nothing that an orchestrator could notice."""
    if depth == 0 or function.is_generator or scene.registry.kind_of(function) is not None:
        return False
    for node in function.body.nodes:
        if isinstance(node, ast.Global | ast.Nonlocal):
            return False
        if isinstance(node, ast.Call):
            value = scene.resolver.value(node.func, function)
            if isinstance(value, Fun) and not _only_logs(scene, value.function, depth - 1):
                return False
            if isinstance(value, Ext) and _goes_outside(value, node):
                return False
    return True
