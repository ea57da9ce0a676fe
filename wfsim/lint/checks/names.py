"""Names of activities, orchestrators and entities, and what is passed to them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wfsim.errors import nearest
from wfsim.lint.checks.types import disagree, given, kinds, shown
from wfsim.lint.function_files import Kind
from wfsim.lint.registry import Registered, constant
from wfsim.lint.scene import Hit, Scene
from wfsim.lint.source import Function
from wfsim.lint.values import Ext, Fun

__all__ = ["names"]


@dataclass(frozen=True, slots=True)
class _Signature:
    kind: Kind
    parameters: tuple[str, ...]
    required: int

    @property
    def input_at(self) -> int:
        return self.parameters.index("input_")


_SIGNATURES: Final = {
    "call_activity": _Signature("activity", ("name", "input_", "expected_type"), 1),
    "call_activity_with_retry": _Signature(
        "activity", ("name", "retry_options", "input_", "expected_type"), 2
    ),
    "call_sub_orchestrator": _Signature(
        "orchestrator", ("name", "input_", "instance_id", "version", "expected_type"), 1
    ),
    "call_sub_orchestrator_with_retry": _Signature(
        "orchestrator",
        ("name", "retry_options", "input_", "instance_id", "version", "expected_type"),
        2,
    ),
}
_CODES: Final[dict[Kind, str]] = {"activity": "DURABLE2003", "orchestrator": "DURABLE2004"}
_ENTITY_ID: Final = "azure.durable_functions.EntityId"


def names(scene: Scene) -> Iterator[Hit]:
    """Report unknown names, and arguments that do not fit."""
    for node in scene.calls():
        method = scene.context_method(node)
        if method is None:
            continue
        signature = _SIGNATURES.get(method)
        if signature is not None:
            faults = list(_arguments(node, method, signature))
            yield from faults
            yield from _target(scene, node, signature, fits=not faults)
        elif method in ("call_entity", "signal_entity"):
            yield from _entity(scene, node)


def _arguments(node: ast.Call, method: str, signature: _Signature) -> Iterator[Hit]:
    if any(isinstance(argument, ast.Starred) for argument in node.args) or any(
        keyword.arg is None for keyword in node.keywords
    ):
        return
    if len(node.args) > len(signature.parameters):
        yield Hit(
            "DURABLE2001",
            node.args[len(signature.parameters)],
            f"`{method}` takes one input: put several values into one dict or list",
        )
    for keyword in node.keywords:
        if keyword.arg is not None and keyword.arg not in signature.parameters:
            yield Hit(
                "DURABLE2001",
                keyword.value,
                f"`{method}` has no parameter {keyword.arg!r}."
                + nearest(keyword.arg, signature.parameters),
            )
    there = {*signature.parameters[: len(node.args)], *(k.arg for k in node.keywords)}
    missing = [p for p in signature.parameters[: signature.required] if p not in there]
    if missing:
        yield Hit("DURABLE2001", node, f"`{method}` is called without `{missing[0]}`")


def _target(scene: Scene, node: ast.Call, signature: _Signature, *, fits: bool) -> Iterator[Hit]:
    named = _argument(node, 0, "name")
    if named is None:
        return
    what = "activity" if signature.kind == "activity" else "orchestrator"
    value = scene.value(named)
    target: Registered | None = None
    if isinstance(value, Fun):
        entries = scene.registry.of(signature.kind)
        target = next((entry for entry in entries if entry.function is value.function), None)
        if target is None:
            yield Hit(
                _CODES[signature.kind],
                named,
                f"`{value.function.name}` is not registered as an {what}",
            )
    else:
        name = constant(named, scene.resolver, scene.function)
        if name is None:
            return
        if scene.registry.is_unknown(signature.kind, name):
            yield Hit(_CODES[signature.kind], named, _unknown(scene, what, signature.kind, name))
        same = scene.registry.named(signature.kind, name)
        target = same[0] if len(same) == 1 else None
    if target is not None and signature.kind == "activity":
        if fits:
            yield from _input(scene, node, signature, target)
        yield from _output(scene, node, target)


def _unknown(scene: Scene, what: str, kind: Kind, name: str) -> str:
    others = {entry.name: entry.kind for entry in scene.registry.entries if entry.name}
    if name in others:
        return f"{name!r} is an {others[name]} and no {what}"
    unregistered = any(
        function.name == name and scene.registry.kind_of(function) is None
        for module in scene.resolver.project.modules
        for function in module.functions
        if function.outer is None and function.owner is None
    )
    if unregistered:
        return f"the function {name!r} has no decorator that makes it an {what}"
    return f"the app has no {what} {name!r}." + nearest(name, scene.registry.names(kind))


def _input(
    scene: Scene, node: ast.Call, signature: _Signature, target: Registered
) -> Iterator[Hit]:
    parameter = next((p for p in target.function.all_parameters if p.arg == target.parameter), None)
    expected = (
        kinds(parameter.annotation, target.function.module, scene.resolver) if parameter else None
    )
    if parameter is None or expected is None:
        return
    argument = _argument(node, signature.input_at, "input_")
    passed = given(argument, scene)
    if passed == "NoneType" and not _is_read(parameter.arg, target.function):
        return
    if passed is not None and disagree({passed}, expected):
        what = f"gets {shown({passed})}" if argument is not None else "gets no input"
        yield Hit(
            "DURABLE2001",
            argument or node,
            f"activity {target.name!r} {what}, and `{parameter.arg}` is {shown(expected)}",
        )


def _is_read(name: str, function: Function) -> bool:
    """Say whether an activity does anything with its input."""
    return any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
        for node in ast.walk(function.node)
    )


def _output(scene: Scene, node: ast.Call, target: Registered) -> Iterator[Hit]:
    """Compare `total: int = yield …` with what the activity says it returns."""
    parent = scene.body.parents.get(node)
    outer = scene.body.parents.get(parent) if isinstance(parent, ast.Yield) else None
    if not isinstance(outer, ast.AnnAssign):
        return
    module = target.function.module
    wanted = kinds(outer.annotation, scene.function.module, scene.resolver)
    returned = kinds(target.function.node.returns, module, scene.resolver)
    if wanted and returned and all(disagree({kind}, wanted) for kind in returned):
        yield Hit(
            "DURABLE2002",
            outer.annotation,
            f"activity {target.name!r} returns {shown(returned)}, and not {shown(wanted)}",
        )


def _entity(scene: Scene, node: ast.Call) -> Iterator[Hit]:
    made = _argument(node, 0, "entityId")
    if isinstance(made, ast.Name):
        home = scene.resolver.home(made.id, scene.function)
        bindings = home.body.bindings.get(made.id, []) if home else []
        made = bindings[0].value if len(bindings) == 1 else None
    if not isinstance(made, ast.Call) or scene.value(made.func) != Ext(_ENTITY_ID):
        return
    named = _argument(made, 0, "name")
    name = constant(named, scene.resolver, scene.function)
    if name is not None and scene.registry.is_unknown("entity", name):
        yield Hit("WF219", named or made, _unknown(scene, "entity", "entity", name))


def _argument(call: ast.Call, index: int, name: str) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    if any(isinstance(argument, ast.Starred) for argument in call.args[: index + 1]):
        return None
    return call.args[index] if len(call.args) > index else None
