"""Which functions an app registers: by decorators of the v2 model, by files of the v1 model."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from wfsim.lint.function_files import Kind, read_function_files
from wfsim.lint.resolve import Resolver, Where
from wfsim.lint.source import Class, Function, Module
from wfsim.lint.values import Cls, Ext, Fun, Mod

__all__ = ["TRIGGERS", "Registered", "Registry", "constant"]

TRIGGERS: Final[dict[str, tuple[Kind, str, str]]] = {
    "orchestration_trigger": ("orchestrator", "context_name", "orchestration"),
    "activity_trigger": ("activity", "input_name", "activity"),
    "entity_trigger": ("entity", "context_name", "entity_name"),
}
"""Decorator: what it makes, the argument that names the parameter, the one that gives a name."""

_V1: Final[dict[str, Kind]] = {
    "azure.durable_functions.Orchestrator.create": "orchestrator",
    "azure.durable_functions.Entity.create": "entity",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """One function that the host knows."""

    kind: Kind
    function: Function
    name: str | None
    """None where it is computed when the app runs."""
    parameter: str | None = None
    """The parameter that gets the context or input, as the registration says."""
    decorator: ast.expr | None = None


@dataclass(slots=True)
class Registry:
    """What one app registers."""

    entries: list[Registered] = field(default_factory=list[Registered])
    is_open: set[Kind] = field(default_factory=set[Kind])
    """Kinds of which there may be more than reading tells."""
    prefixes: tuple[str, ...] = ()
    """Of names that a library registers."""
    others: list[tuple[Kind, str]] = field(default_factory=list[tuple["Kind", str]])
    """Functions that files describe and whose code is not to be seen."""
    has_app: bool = False
    """Whether the code makes the app itself, and not only parts of one."""
    _kinds: dict[Function, Kind] = field(default_factory=dict[Function, Kind])
    _by_kind: dict[Kind, list[Registered]] = field(default_factory=dict[Kind, list[Registered]])
    _by_name: dict[tuple[Kind, str], list[Registered]] = field(
        default_factory=dict[tuple[Kind, str], list[Registered]]
    )

    def of(self, kind: Kind) -> list[Registered]:
        """Return the functions of a kind."""
        return self._by_kind.get(kind, [])

    def named(self, kind: Kind, name: str) -> list[Registered]:
        """Return the functions of a kind and name, of which the host minds no case."""
        return self._by_name.get((kind, name.casefold()), [])

    def names(self, kind: Kind) -> list[str]:
        """Return the known names of a kind."""
        described = [name for other, name in self.others if other == kind]
        return [entry.name for entry in self.of(kind) if entry.name is not None] + described

    def kind_of(self, function: Function) -> Kind | None:
        """Return as what a function is registered."""
        return self._kinds.get(function)

    def is_unknown(self, kind: Kind, name: str) -> bool:
        """Say whether no function of that kind can have this name."""
        if kind in self.is_open or name.startswith(("BuiltIn::", *self.prefixes)):
            return False
        folded = name.casefold()
        described = any(o == kind and known.casefold() == folded for o, known in self.others)
        return not described and not self.named(kind, name)

    def add(self, entries: Iterable[Registered]) -> None:
        """Take functions in."""
        for entry in entries:
            self.entries.append(entry)
            self._kinds.setdefault(entry.function, entry.kind)
            self._by_kind.setdefault(entry.kind, []).append(entry)
            if entry.name is None:
                self.is_open.add(entry.kind)
            else:
                self._by_name.setdefault((entry.kind, entry.name.casefold()), []).append(entry)

    @classmethod
    def read(cls, modules: Iterable[Module], resolver: Resolver) -> Registry:
        """Find what the modules of an app register."""
        registry = cls()
        known = list(modules)
        for module in known:
            for function in module.functions:
                registry.add(_decorated(function, resolver))
            registry.add(_called(module, resolver))
            _note_others(registry, module, resolver)
        registry.add(_first_model(registry, known, resolver))
        if not (registry.entries and (registry.has_app or registry.others or _has_files(resolver))):
            registry.is_open |= {"orchestrator", "activity", "entity"}
        return registry


def _has_files(resolver: Resolver) -> bool:
    return any(True for _ in read_function_files(resolver.project.root))


def constant(node: ast.expr | None, resolver: Resolver, where: Where) -> str | None:
    """Return the text that an expression is, also through a constant of a module."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Name):
        home = resolver.home(node.id, where)
        bindings = home.body.bindings.get(node.id, []) if home is not None else []
        if home is not None and len(bindings) == 1:
            if isinstance(bindings[0].node, ast.ImportFrom):
                return _imported_constant(bindings[0].node, bindings[0].imported, resolver, home)
            if bindings[0].value is not None:
                return constant(bindings[0].value, resolver, home)
    if isinstance(node, ast.Attribute):
        base = resolver.value(node.value, where)
        if isinstance(base, Mod):
            return constant(ast.Name(node.attr), resolver, base.module)
        if isinstance(base, Cls) and not base.cls.node.bases:
            return _class_constant(base.cls, node.attr, resolver)
    return None


def _class_constant(cls: Class, name: str, resolver: Resolver) -> str | None:
    for node in cls.node.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                return constant(value, resolver, cls.module)
            case _:
                pass
    return None


def _imported_constant(
    node: ast.ImportFrom, name: str | None, resolver: Resolver, where: Function | Module
) -> str | None:
    module = where.module if isinstance(where, Function) else where
    other = resolver.project.find(module, node.module or "", node.level)
    return constant(ast.Name(name or ""), resolver, other) if other and name else None


def _decorated(function: Function, resolver: Resolver) -> Iterator[Registered]:
    given_name: tuple[str | None] | None = None
    for decorator in function.node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        target = call.func if call else decorator
        attr = target.attr if isinstance(target, ast.Attribute) else ""
        if attr == "function_name" and call:
            given_name = (constant(_argument(call, 0, "name"), resolver, function.module),)
        elif attr in TRIGGERS:
            kind, parameter, name = TRIGGERS[attr]
            explicit = _argument(call, 1, name) if call else None
            known: str | None
            if explicit is not None and not _is_none(explicit):
                known = constant(explicit, resolver, function.module)
            else:
                known = given_name[0] if given_name else function.name
            yield Registered(
                kind=kind,
                function=function,
                name=known,
                parameter=constant(_argument(call, 0, parameter), resolver, function.module)
                if call
                else None,
                decorator=decorator,
            )
        else:
            found = resolver.value(target, function.outer or function.module)
            name = found.plain if isinstance(found, Ext) else ""
            if name.startswith("agent_framework") and name.endswith((".workflow", ".step")):
                kind = "workflow" if name.endswith(".workflow") else "step"
                yield Registered(
                    kind=kind, function=function, name=function.name, decorator=decorator
                )
            elif attr.endswith(("_trigger", "route")):
                yield Registered(
                    kind="other", function=function, name=function.name, decorator=decorator
                )


def _called(module: Module, resolver: Resolver) -> Iterator[Registered]:
    """Find `app.orchestration_trigger(…)(function)`."""
    places: list[Where] = [module, *module.functions]
    for where in places:
        for node in where.body.calls:
            if not (isinstance(node.func, ast.Call) and node.args):
                continue
            target = node.func.func
            if not (isinstance(target, ast.Attribute) and target.attr in TRIGGERS):
                continue
            kind, parameter, name = TRIGGERS[target.attr]
            value = resolver.value(node.args[0], where)
            if isinstance(value, Fun):
                explicit = _argument(node.func, 1, name)
                yield Registered(
                    kind=kind,
                    function=value.function,
                    name=constant(explicit, resolver, where) if explicit else value.function.name,
                    parameter=constant(_argument(node.func, 0, parameter), resolver, where),
                    decorator=node.func,
                )


def _created(module: Module, resolver: Resolver) -> Iterator[tuple[str, Kind, Function, ast.Call]]:
    """Find `main = df.Orchestrator.create(function)`, the first model's registration."""
    for node in module.tree.body:
        match node:
            case ast.Assign(targets=[ast.Name() as target], value=ast.Call() as call) if call.args:
                called = resolver.value(call.func, module)
                made = _V1.get(called.plain) if isinstance(called, Ext) else None
                value = resolver.value(call.args[0], module) if made else None
                if made and isinstance(value, Fun):
                    yield target.id, made, value.function, call
            case _:
                pass


def _first_model(
    registry: Registry, modules: Iterable[Module], resolver: Resolver
) -> Iterator[Registered]:
    """Read the function.json files of the first programming model, and what they point to."""
    described = {
        (told.script, told.entry_point): told for told in read_function_files(resolver.project.root)
    }
    for module in modules:
        path = module.path.resolve()
        for variable, kind, function, call in _created(module, resolver):
            told = described.pop((path, variable), None)
            name = told.name if told is not None else None
            yield Registered(kind=kind, function=function, name=name, decorator=call)
        for function in module.functions:
            told = described.get((path, function.qualname))
            if told is not None and told.kind == "activity":
                del described[path, function.qualname]
                yield Registered(
                    kind="activity", function=function, name=told.name, parameter=told.parameter
                )
    for told in described.values():
        registry.others.append((told.kind, told.name))


def _note_others(registry: Registry, module: Module, resolver: Resolver) -> None:
    """Note what registers functions that cannot be read."""
    for node in module.all_calls():
        if isinstance(node.func, ast.Attribute) and node.func.attr in (
            "register_functions",
            "register_blueprint",
        ):
            argument = node.args[0] if node.args else None
            value = resolver.value(argument, module)
            if not (isinstance(value, Ext) and value.plain.endswith(("Blueprint", "FunctionApp"))):
                registry.is_open |= {"orchestrator", "activity", "entity"}
        elif _says_app(node.func):
            value = resolver.value(node.func, module)
            if isinstance(value, Ext) and value.name.endswith(("DFApp", "FunctionApp")):
                registry.has_app = True
                if value.name.endswith(".AgentFunctionApp"):
                    registry.prefixes = ("dafx-",)


def _says_app(node: ast.expr) -> bool:
    """Say whether a call may make an app: one imported under another name is resolved, too."""
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return name.endswith("App") or isinstance(node, ast.Name)


def _argument(call: ast.Call | None, index: int, name: str) -> ast.expr | None:
    if call is None:
        return None
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    return call.args[index] if len(call.args) > index else None


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
