"""Triggers and bindings that do not fit the functions under them."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from wfsim.errors import nearest
from wfsim.lint.function_files import Kind
from wfsim.lint.reach import Reached
from wfsim.lint.registry import TRIGGERS, Registered, Registry, constant
from wfsim.lint.resolve import Resolver
from wfsim.lint.scene import Hit
from wfsim.lint.source import Function, Module
from wfsim.lint.values import CONTEXT, Ext, Value

__all__ = ["bindings"]

_CODES: Final[dict[Kind, str]] = {
    "orchestrator": "DURABLE1001",
    "entity": "DURABLE1003",
    "activity": "WF222",
}
_CONTEXTS: Final[dict[Kind, str]] = {
    "orchestrator": "DurableOrchestrationContext",
    "entity": "DurableEntityContext",
}
_CLIENT: Final = "DurableOrchestrationClient"
_PLAIN: Final = frozenset(
    {"builtins.int()", "builtins.float()", "builtins.dict()", "builtins.list()", "builtins.bool()"}
)


def bindings(
    registry: Registry,
    resolver: Resolver,
    modules: Collection[Module],
    reached: Iterable[Reached],
) -> Iterator[tuple[Hit, Function]]:
    """Report what decorators and parameters say differently."""
    for entry in registry.entries:
        if entry.function.module not in modules:
            continue
        for hit in (*_async(entry), *_trigger(entry, resolver), *_others(entry), *_order(entry)):
            yield hit, entry.function
    for module in modules:
        for function in module.functions:
            for hit in (*_client(function, resolver), *_bare(function)):
                yield hit, function
    yield from _undecorated(registry, resolver, modules, {one.function for one in reached})


def _async(entry: Registered) -> Iterator[Hit]:
    node = entry.function.node
    if entry.kind in _CONTEXTS and isinstance(node, ast.AsyncFunctionDef):
        yield Hit(
            "WF201",
            node,
            f"{entry.kind} `{entry.function.name}` is an `async def`, and nothing ever awaits it",
        )


def _trigger(entry: Registered, resolver: Resolver) -> Iterator[Hit]:
    code = _CODES.get(entry.kind)
    call = entry.decorator
    if code is None or not isinstance(call, ast.Call):
        return
    own = entry.function.all_parameters
    names = [parameter.arg for parameter in own]
    if entry.parameter is not None and entry.parameter not in names:
        argument = next(iter([*call.args, *(k.value for k in call.keywords)]), call)
        yield Hit(
            code,
            argument,
            f"`{entry.function.name}` has no parameter {entry.parameter!r}."
            + nearest(entry.parameter, names),
        )
        return
    if entry.parameter is None and not (call.args or call.keywords) and not _is_create(call):
        expected = next(p for k, p, _ in TRIGGERS.values() if k == entry.kind)
        yield Hit(code, call, f"the decorator needs `{expected}`, the name of the parameter")
        return
    wanted = _CONTEXTS.get(entry.kind)
    if wanted is None:
        return
    if len(_required(entry.function)) > 1:
        yield Hit(
            code,
            own[1],
            f"the SDK calls `{entry.function.name}` with the context alone, and `{own[1].arg}` "
            "gets nothing",
        )
    parameter = next((p for p in own if p.arg == entry.parameter), own[0] if own else None)
    if parameter is not None and (
        other := _other_type(parameter, entry.function, resolver, wanted)
    ):
        yield Hit(
            code,
            parameter,
            f"`{parameter.arg}` is a `{wanted}`, and is annotated as `{other}`",
        )


def _is_create(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "create"


def _required(function: Function) -> list[ast.arg]:
    arguments = function.node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    required = positional[: len(positional) - len(arguments.defaults)]
    return required[1:] if function.owner is not None else required


def _other_type(
    parameter: ast.arg, function: Function, resolver: Resolver, wanted: str
) -> str | None:
    """Return the annotation of a parameter where it is certainly another type."""
    value = resolver.annotated(parameter.annotation, function.module)
    if not isinstance(value, Ext) or parameter.annotation is None:
        return None
    is_other = value.name.startswith("azure.") and not value.plain.endswith(f".{wanted}")
    return ast.unparse(parameter.annotation) if is_other or value.name in _PLAIN else None


def _others(entry: Registered) -> Iterator[Hit]:
    """Look for bindings that an orchestrator must not have."""
    if entry.kind != "orchestrator":
        return
    for decorator in entry.function.node.decorator_list:
        attr = _attr(decorator)
        is_binding = attr.endswith(("_input", "_output", "_trigger")) or attr == "route"
        if is_binding and attr != "orchestration_trigger":
            yield Hit(
                "DURABLE0008",
                decorator,
                f"orchestrator `{entry.function.name}` has the binding `{attr}`, which acts at "
                "each replay",
            )


def _order(entry: Registered) -> Iterator[Hit]:
    """Look for decorators of the app below the one that takes the plain function."""
    if entry.kind not in _CONTEXTS or entry.decorator is None:
        return
    decorators = entry.function.node.decorator_list
    if entry.decorator not in decorators:
        return
    for below in decorators[decorators.index(entry.decorator) + 1 :]:
        if _attr(below) == "function_name":
            yield Hit(
                _CODES[entry.kind],
                below,
                f"`function_name` stands below `{_attr(entry.decorator)}`, which then gets no "
                "plain function: put it above",
            )


def _client(function: Function, resolver: Resolver) -> Iterator[Hit]:
    names = [parameter.arg for parameter in function.all_parameters]
    bound: set[str] = set()
    is_registered = False
    for decorator in function.node.decorator_list:
        attr = _attr(decorator)
        is_registered |= attr.endswith("_trigger") or attr == "route"
        if attr != "durable_client_input":
            continue
        if not isinstance(decorator, ast.Call):
            yield Hit("DURABLE1002", decorator, "the decorator must be called, with `client_name`")
            continue
        given = decorator.args[0] if decorator.args else None
        given = next((k.value for k in decorator.keywords if k.arg == "client_name"), given)
        name = constant(given, resolver, function.module)
        if name is None or given is None:
            continue
        bound.add(name)
        if name not in names:
            yield Hit(
                "DURABLE1002",
                given,
                f"`{function.name}` has no parameter {name!r}." + nearest(name, names),
            )
    for parameter in function.all_parameters:
        annotated = resolver.annotated(parameter.annotation, function.module)
        if parameter.arg in bound:
            if other := _other_type(parameter, function, resolver, _CLIENT):
                yield Hit(
                    "DURABLE1002",
                    parameter,
                    f"`{parameter.arg}` is a `{_CLIENT}`, and is annotated as `{other}`",
                )
        elif (
            is_registered
            and not bound
            and _is_client(annotated)
            and not _is_bound(parameter, function)
        ):
            yield Hit(
                "DURABLE1002",
                parameter,
                f"`{parameter.arg}` is a client, and no `durable_client_input` binds it",
            )


def _is_bound(parameter: ast.arg, function: Function) -> bool:
    """Say whether some decorator names a parameter, as those for any kind of binding do."""
    return any(
        isinstance(node, ast.Constant) and node.value == parameter.arg
        for decorator in function.node.decorator_list
        for node in ast.walk(decorator)
    )


def _is_client(value: Value | None) -> bool:
    return isinstance(value, Ext) and value.plain.endswith(f".{_CLIENT}")


def _bare(function: Function) -> Iterator[Hit]:
    for decorator in function.node.decorator_list:
        attr = _attr(decorator)
        if attr in TRIGGERS and not isinstance(decorator, ast.Call):
            kind, parameter, _ = TRIGGERS[attr]
            yield Hit(_CODES[kind], decorator, f"`{attr}` must be called, with `{parameter}`")


def _undecorated(
    registry: Registry, resolver: Resolver, modules: Iterable[Module], reached: set[Function]
) -> Iterator[tuple[Hit, Function]]:
    """Look for orchestrators that nobody registers, calls or mentions."""
    if not registry.entries:
        return
    known = {entry.function for entry in registry.entries} | reached
    candidates = [
        function
        for module in modules
        for function in module.functions
        if function.is_generator
        and function not in known
        and function.outer is None
        and function.owner is None
        and len(function.parameters) == 1
        and resolver.annotated(function.parameters[0].annotation, function.module) == CONTEXT
    ]
    if not candidates:
        return
    mentioned = {
        name for module in modules for node in ast.walk(module.tree) for name in _mentions(node)
    }
    for function in candidates:
        if function.name not in mentioned:
            yield (
                Hit(
                    "DURABLE1001",
                    function.node,
                    f"`{function.name}` looks like an orchestrator, and no decorator registers it",
                ),
                function,
            )


def _mentions(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name():
            yield node.id
        case ast.Attribute():
            yield node.attr
        case ast.ImportFrom():
            yield from (alias.name for alias in node.names)
        case _:
            pass


def _attr(decorator: ast.expr) -> str:
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    return target.attr if isinstance(target, ast.Attribute) else ""
