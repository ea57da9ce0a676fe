"""Which functions run as part of an orchestrator, entity or workflow, and who leads there."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final, Literal, cast

from wfsim.lint.function_files import Kind
from wfsim.lint.registry import Registered, Registry
from wfsim.lint.resolve import Resolver
from wfsim.lint.source import Function, Module
from wfsim.lint.values import CONTEXT, Cls, Ext, Fun, Inst, Value

__all__ = ["Reached", "Role", "is_guarded", "reach", "says_replaying"]

Role = Literal["orchestrator", "entity", "workflow"]
ROLES: Final[tuple[Role, ...]] = ("orchestrator", "entity", "workflow")

_WALKS: Final = 4
_NOT_FOLLOWED: Final[frozenset[Kind]] = frozenset({"activity", "step", "other"})


@dataclass(slots=True, eq=False)
class Reached:
    """A function that runs as part of a root, with the shortest way there."""

    function: Function
    root: Registered
    caller: Reached | None
    is_guarded: bool
    """Whether each way there leads through `if not context.is_replaying`."""

    @property
    def trail(self) -> tuple[str, ...]:
        """Return the names from the root to the function."""
        if self.caller is None:
            return (self.root.name or self.function.name,)
        return (*self.caller.trail, self.function.qualname)


@dataclass(frozen=True, slots=True)
class _Edge:
    called: Function
    call: ast.Call | None
    is_guarded: bool
    is_bound: bool


def reach(
    role: Kind, registry: Registry, resolver: Resolver, modules: Collection[Module] | None = None
) -> list[Reached]:
    """Return the functions that run in some role, each once, with the shortest trail.

    Only what is registered in `modules` counts as a root, if they are given.

    Walks again while callers are found to pass more, a context above all: it leads further.
    """
    kind: dict[Function, Kind] = {entry.function: entry.kind for entry in registry.entries}
    roots = [
        entry for entry in registry.of(role) if modules is None or entry.function.module in modules
    ]
    for root in roots:
        if role == "orchestrator" and (name := _context_parameter(root)):
            resolver.note(root.function, name, CONTEXT)
    found: list[Reached] = []
    is_final = False
    for _ in range(_WALKS):
        if not is_final:
            found, is_final = _walk(roots, kind, resolver)
    return found


def _walk(
    roots: list[Registered], kind: dict[Function, Kind], resolver: Resolver
) -> tuple[list[Reached], bool]:
    """Return what is reached, and whether nothing new was learnt on the way."""
    is_final = True
    found: dict[Function, Reached] = {}
    pending: deque[Reached] = deque()
    for root in roots:
        if root.function not in found:
            found[root.function] = Reached(root.function, root, None, is_guarded=False)
            pending.append(found[root.function])
    while pending:
        current = pending.popleft()
        for edge in _edges(current.function, resolver):
            if kind.get(edge.called) in _NOT_FOLLOWED:
                continue
            if edge.call is not None:
                is_final &= not _pass_on(edge, current.function, resolver)
            guarded = edge.is_guarded or current.is_guarded
            known = found.get(edge.called)
            if known is None:
                known = Reached(edge.called, current.root, current, is_guarded=guarded)
                found[edge.called] = known
                pending.append(known)
            elif known.is_guarded and not guarded:
                known.is_guarded = False
                pending.append(known)
    return list(found.values()), is_final


def _edges(function: Function, resolver: Resolver) -> Iterator[_Edge]:
    body = function.body
    for node in body.nodes:
        if isinstance(node, ast.Call):
            guarded = is_guarded(node, function)
            value = resolver.value(node.func, function)
            for called, bound in _targets(value, resolver):
                yield _Edge(called, node, guarded, bound)
            if value is not None and _runs_what_it_gets(value):
                for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                    for called, bound in _targets(resolver.value(argument, function), resolver):
                        yield _Edge(called, None, guarded, bound)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            base = resolver.value(node.value, function)
            if isinstance(base, Inst) and (found := resolver.method(base.cls, node.attr)):
                names = {d.id for d in found.node.decorator_list if isinstance(d, ast.Name)}
                if names & {"property", "cached_property"}:
                    yield _Edge(found, None, is_guarded(node, function), is_bound=True)


def _targets(value: Value | None, resolver: Resolver) -> Iterator[tuple[Function, bool]]:
    """Yield the functions that a call of a value runs."""
    if isinstance(value, Fun):
        yield value.function, value.is_bound
    elif isinstance(value, Cls):
        for name in ("__init__", "__post_init__"):
            if (method := resolver.method(value.cls, name)) is not None:
                yield method, True
    elif isinstance(value, Inst) and (method := resolver.method(value.cls, "__call__")):
        yield method, True


def _runs_what_it_gets(called: Value) -> bool:
    """Say whether functions among the arguments of a call run in it: of `map`, not of the SDK."""
    return isinstance(called, Ext) and not called.name.startswith(("azure.", "agent_framework"))


def _pass_on(edge: _Edge, caller: Function, resolver: Resolver) -> bool:
    """Note what a call passes, so that the called function's parameters stand for something.

    Returns whether that is news.
    """
    news = False
    assert edge.call is not None
    parameters = edge.called.parameters[1 if edge.is_bound else 0 :]
    pairs: list[tuple[str, ast.expr]] = []
    for parameter, argument in zip(parameters, edge.call.args, strict=False):
        if isinstance(argument, ast.Starred):
            break
        pairs.append((parameter.arg, argument))
    names = {parameter.arg for parameter in edge.called.all_parameters}
    pairs += [(k.arg, k.value) for k in edge.call.keywords if k.arg is not None and k.arg in names]
    for name, argument in pairs:
        value = resolver.value(argument, caller)
        if value is not None:
            news |= resolver.note(edge.called, name, value)
    return news


def _context_parameter(root: Registered) -> str | None:
    parameters = root.function.parameters
    names = [parameter.arg for parameter in parameters]
    if root.parameter in names:
        return root.parameter
    own = parameters[1:] if root.function.owner is not None else parameters
    return own[0].arg if own else None


def is_guarded(node: ast.AST, function: Function) -> bool:
    """Say whether a node runs only where the orchestrator is not replaying."""
    if not function.asks_replaying:
        return False
    body = function.body
    below = node
    for parent in body.above(node):
        match parent:
            case ast.If() | ast.IfExp():
                in_body = below in _listed(parent.body)
                in_else = below in _listed(parent.orelse)
                said = says_replaying(parent.test, function)
                if (said is False and in_body) or (said is True and in_else):
                    return True
            case ast.BoolOp():
                if _is_after_the_guard(below, parent, function):
                    return True
            case _:
                pass
        if _leaves_before(below, parent, function):
            return True
        below = parent
    return False


def _leaves_before(node: ast.AST, parent: ast.AST, function: Function) -> bool:
    """Say whether `if context.is_replaying: return` stands before a statement, in its block."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(parent, name, None)
        if not isinstance(block, list) or node not in block:
            continue
        for statement in cast("list[ast.stmt]", block):
            if statement is node:
                return False
            if (
                isinstance(statement, ast.If)
                and says_replaying(statement.test, function) is True
                and isinstance(statement.body[-1], ast.Return | ast.Continue | ast.Raise)
            ):
                return True
    return False


def _is_after_the_guard(node: ast.AST, chain: ast.BoolOp, function: Function) -> bool:
    """Say whether it is the second half of `context.is_replaying or log(…)`, or the like."""
    passed_by = isinstance(chain.op, ast.Or)
    for value in chain.values:
        if value is node:
            return False
        if says_replaying(value, function) is passed_by:
            return True
    return False


def says_replaying(test: ast.expr, function: Function) -> bool | None:
    """Return what a test implies about `is_replaying` where it holds; None if it says nothing.

    `not context.is_replaying and verbose` implies False; `context.is_replaying or late` nothing.
    """
    match test:
        case ast.Attribute(attr="is_replaying"):
            return True
        case ast.UnaryOp(op=ast.Not()):
            said = says_replaying(test.operand, function)
            return None if said is None else not said
        case ast.BoolOp(op=ast.And()):
            answers = (says_replaying(value, function) for value in test.values)
            return next((said for said in answers if said is not None), None)
        case ast.Compare(
            ops=[ast.Is() | ast.Eq()], comparators=[ast.Constant(value=bool() as is_it)]
        ):
            said = says_replaying(test.left, function)
            return None if said is None else said == is_it
        case ast.Name():
            bindings = function.body.bindings.get(test.id, [])
            value = bindings[0].value if len(bindings) == 1 else None
            return says_replaying(value, function) if value is not None else None
        case _:
            return None


def _listed(part: list[ast.stmt] | ast.expr) -> list[ast.AST]:
    return [part] if isinstance(part, ast.expr) else list(part)
