"""What names and expressions stand for: through imports, aliases, assignments, classes and calls.

It is no type checker. A name bound in several ways stands for what all of them agree on; what
cannot be told is None, and nothing is reported about it.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from typing import Final

from wfsim.lint.hazards import hazard
from wfsim.lint.project import Project
from wfsim.lint.source import Binding, Class, Function, Module
from wfsim.lint.values import CONTEXT, ENTITY_CONTEXT, Cls, Ext, Fun, Inst, Mod, Value

__all__ = ["Resolver", "Where"]

Where = Function | Module
"""Where an expression stands."""

_DEPTH: Final = 12
_BUILTINS: Final = frozenset(dir(builtins))
_DISPLAYS: Final[dict[type[ast.expr], str]] = {
    ast.Set: "set",
    ast.SetComp: "set",
    ast.List: "list",
    ast.ListComp: "list",
    ast.Dict: "dict",
    ast.DictComp: "dict",
    ast.Tuple: "tuple",
    ast.JoinedStr: "str",
}
_ALIASES: Final = {
    "azure.durable_functions.models.DurableOrchestrationContext.DurableOrchestrationContext()": (
        CONTEXT.name
    ),
    "azure.durable_functions.DurableEntityContext()": ENTITY_CONTEXT.name,
}
_SET_METHODS: Final = frozenset(
    {"union", "intersection", "difference", "symmetric_difference", "copy"}
)


class Resolver:
    """Tells what expressions stand for, in one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.passed: dict[tuple[Function, str], Value | None] = {}
        """What callers are known to pass, by function and parameter; None if they differ."""
        self._known: dict[Where, dict[ast.expr, Value | None]] = {}

    def note(self, function: Function, parameter: str, value: Value) -> bool:
        """Note what a caller passes; say whether that is news."""
        key = function, parameter
        if key in self.passed and self.passed[key] in (value, None):
            return False
        self.passed[key] = None if key in self.passed else value
        if function.is_generator and not function.has_inner:
            self._known.pop(function, None)
        else:
            # What it returns, and what it sets on `self`, may be known elsewhere.
            self._known.clear()
        return True

    def value(self, node: ast.expr | None, where: Where, depth: int = 0) -> Value | None:
        """Return what an expression stands for, or None where that cannot be told."""
        if node is None or depth > _DEPTH:
            return None
        if depth:
            return self._value(node, where, depth + 1)
        known = self._known.setdefault(where, {})
        if node not in known:
            known[node] = self._value(node, where, 1)
        return known[node]

    def _value(self, node: ast.expr, where: Where, deeper: int) -> Value | None:
        match node:
            case ast.Name():
                return self.name(node.id, where, deeper)
            case ast.Attribute():
                return self.attribute(self.value(node.value, where, deeper), node.attr, deeper)
            case ast.Call():
                return self._called(self.value(node.func, where, deeper), node, where, deeper)
            case ast.Await() | ast.NamedExpr():
                return self.value(node.value, where, deeper)
            case ast.BoolOp():
                for option in node.values:
                    if (found := self.value(option, where, deeper)) is not None:
                        return found
                return None
            case ast.IfExp():
                return self.value(node.body, where, deeper) or self.value(
                    node.orelse, where, deeper
                )
            case ast.BinOp():
                return self._binary(node, where, deeper)
            case ast.Constant() if node.value is not None:
                return Ext(f"builtins.{type(node.value).__name__}()")
            case _:
                display = _DISPLAYS.get(type(node))
                return Ext(f"builtins.{display}()") if display else None

    def name(self, name: str, where: Where, depth: int = 0) -> Value | None:
        """Return what a name stands for in a function or module."""
        function = where if isinstance(where, Function) else None
        while function is not None:
            if name not in function.body.outer_names:
                bindings = function.body.bindings.get(name)
                if bindings:
                    return self._agreed(bindings, function, name, depth)
            function = function.outer
        module = where.module if isinstance(where, Function) else where
        return self.global_name(name, module, depth)

    def global_name(self, name: str, module: Module, depth: int = 0) -> Value | None:
        """Return what a name stands for at the top of a module."""
        if depth > _DEPTH:
            return None
        bindings = module.body.bindings.get(name)
        if bindings:
            return self._agreed(bindings, module, name, depth)
        for node in module.tree.body:
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                found = self._starred(node, name, module, depth)
                if found is not None:
                    return found
        return Ext(f"builtins.{name}") if name in _BUILTINS else None

    def _starred(self, node: ast.ImportFrom, name: str, module: Module, depth: int) -> Value | None:
        other = self.project.find(module, node.module or "", node.level)
        if other is None:
            # Of libraries only what would be reported is known to be in them.
            dotted = f"{node.module}.{name}"
            return Ext(dotted) if hazard(dotted, None) is not None else None
        found = self.global_name(name, other, depth + 1)
        return None if found is None or _is_builtin(found) else found

    def home(self, name: str, where: Where) -> Where | None:
        """Return the function or module whose variable a name is; None for builtins."""
        function = where if isinstance(where, Function) else None
        while function is not None:
            if name not in function.body.outer_names and name in function.body.bindings:
                return function
            function = function.outer
        module = where.module if isinstance(where, Function) else where
        return module if name in module.body.bindings else None

    def attribute(self, base: Value | None, attr: str, depth: int = 0) -> Value | None:
        """Return what an attribute of a value stands for."""
        match base:
            case Ext():
                return Ext(f"{base.name}.{attr}")
            case Mod():
                found = self.global_name(attr, base.module, depth + 1)
                if found is None or _is_builtin(found):
                    submodule = self._submodule(base.module, attr)
                    return Mod(submodule) if submodule else None
                return found
            case Cls() | Inst():
                return self._member(base.cls, attr, depth, is_bound=isinstance(base, Inst))
            case _:
                return None

    def bases(self, cls: Class, depth: int = 0) -> list[Value]:
        """Return what a class derives from, as far as it can be told."""
        found = (self.value(base, cls.module, depth + 1) for base in cls.node.bases)
        return [base for base in found if base is not None]

    def method(self, cls: Class, name: str, depth: int = 0) -> Function | None:
        """Return a method of a class or of one of its bases in the project."""
        if depth > _DEPTH:
            return None
        if name in cls.methods:
            return cls.methods[name]
        for base in self.bases(cls, depth):
            if isinstance(base, Cls) and (found := self.method(base.cls, name, depth + 1)):
                return found
        return None

    def annotated(self, annotation: ast.expr | None, where: Where, depth: int = 0) -> Value | None:
        """Return what a parameter of this annotation is."""
        node = annotation
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value, mode="eval").body
            except SyntaxError:
                return None
        if isinstance(node, ast.Subscript):
            node = node.value
        found = self.value(node, where, depth + 1) if node is not None else None
        if isinstance(found, Cls):
            return Inst(found.cls)
        if isinstance(found, Ext):
            name = f"{found.name}()"
            return Ext(_ALIASES.get(name, name))
        return None

    def _agreed(self, bindings: list[Binding], where: Where, name: str, depth: int) -> Value | None:
        values = {self._bound(binding, where, name, depth + 1) for binding in bindings}
        return values.pop() if len(values) == 1 else None

    def _bound(self, binding: Binding, where: Where, name: str, depth: int) -> Value | None:
        module = where.module if isinstance(where, Function) else where
        match binding.node:
            case ast.Import():
                found = self.project.find(module, binding.imported or "")
                return Mod(found) if found else Ext(binding.imported or "")
            case ast.ImportFrom() as node:
                return self._imported_from(node, binding.imported or "", module, depth)
            case ast.FunctionDef() | ast.AsyncFunctionDef() as node:
                return Fun(module.of_node[node])
            case ast.ClassDef() as node:
                return Cls(module.classes[node])
            case ast.arg() as node if isinstance(where, Function):
                return self._parameter(where, node, name, depth)
            case _:
                return self.value(binding.value, where, depth)

    def _imported_from(
        self, node: ast.ImportFrom, name: str, module: Module, depth: int
    ) -> Value | None:
        other = self.project.find(module, node.module or "", node.level)
        if other is not None and other is not module:
            found = self.global_name(name, other, depth)
            if found is not None and not _is_builtin(found):
                return found
        dotted = f"{node.module}.{name}" if node.module else name
        submodule = self.project.find(module, dotted, node.level)
        if submodule is not None:
            return Mod(submodule)
        if other is not None or node.level:
            return None
        return Ext(dotted)

    def _parameter(self, function: Function, node: ast.arg, name: str, depth: int) -> Value | None:
        if (passed := self.passed.get((function, name))) is not None:
            return passed
        positional = function.parameters
        if function.owner is not None and positional and node is positional[0]:
            decorators = {d.id for d in function.node.decorator_list if isinstance(d, ast.Name)}
            if "staticmethod" not in decorators:
                owner = function.owner
                return Cls(owner) if "classmethod" in decorators else Inst(owner)
        return self.annotated(node.annotation, function.module, depth)

    def _member(self, cls: Class, attr: str, depth: int, *, is_bound: bool) -> Value | None:
        if (method := self.method(cls, attr)) is not None:
            decorators = {d.id for d in method.node.decorator_list if isinstance(d, ast.Name)}
            if "property" in decorators or "cached_property" in decorators:
                return self._returned(method, depth) if is_bound else None
            return Fun(method, is_bound and "staticmethod" not in decorators)
        for node in cls.node.body:
            targets = node.targets if isinstance(node, ast.Assign) else []
            if isinstance(node, ast.AnnAssign):
                targets = [node.target]
            if any(isinstance(target, ast.Name) and target.id == attr for target in targets):
                value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
                annotation = node.annotation if isinstance(node, ast.AnnAssign) else None
                return self.value(value, cls.module, depth + 1) or self.annotated(
                    annotation, cls.module, depth
                )
        if is_bound and (init := cls.methods.get("__init__")) is not None:
            return self._set_in(init, attr, depth)
        for base in self.bases(cls, depth):
            if isinstance(base, Ext):
                return Ext(f"{base.name}().{attr}")
        return None

    def _set_in(self, init: Function, attr: str, depth: int) -> Value | None:
        """Return what `__init__` sets an attribute to."""
        own = init.parameters[0].arg if init.parameters else ""
        for node in init.body.nodes:
            for target, value in _assignments(node):
                match target:
                    case ast.Attribute(attr=name, value=ast.Name(id=base)):
                        if (base, name) == (own, attr):
                            return self.value(value, init, depth + 1)
                    case _:
                        pass
        return None

    def _called(
        self, called: Value | None, node: ast.Call, where: Where, depth: int
    ) -> Value | None:
        match called:
            case Ext():
                if called.plain in ("builtins.set", "builtins.frozenset"):
                    return Ext("builtins.set()")
                if called.name.startswith("builtins.set()."):
                    method = called.name.rpartition(".")[2]
                    return Ext("builtins.set()") if method in _SET_METHODS else None
                if called.name == "functools.partial" and node.args:
                    return self.value(node.args[0], where, depth)
                return Ext(f"{called.name}()")
            case Cls():
                return Inst(called.cls)
            case Fun():
                return self._returned(called.function, depth)
            case _:
                return None

    def _returned(self, function: Function, depth: int) -> Value | None:
        if function.is_generator or depth > _DEPTH:
            return None
        returns = [node.value for node in function.body.nodes if isinstance(node, ast.Return)]
        if len(returns) == 1 and (found := self.value(returns[0], function, depth + 1)):
            return found
        return self.annotated(function.node.returns, function.module, depth)

    def _binary(self, node: ast.BinOp, where: Where, depth: int) -> Value | None:
        if isinstance(node.op, ast.BitOr | ast.BitAnd | ast.Sub | ast.BitXor):
            for side in (node.left, node.right):
                if self.value(side, where, depth) == Ext("builtins.set()"):
                    return Ext("builtins.set()")
        left = self.value(node.left, where, depth)
        if isinstance(node.op, ast.Div) and isinstance(left, Ext) and "Path()" in left.name:
            return left
        return None

    def _submodule(self, module: Module, name: str) -> Module | None:
        if not module.is_package:
            return None
        return self.project.find(module, name, 1)


def _is_builtin(value: Value) -> bool:
    return isinstance(value, Ext) and value.name.startswith("builtins.") and "(" not in value.name


def _assignments(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    """Yield what a statement assigns to, with the values; `a, b = c, d` counts as two."""
    if isinstance(node, ast.AnnAssign):
        yield node.target, node.value
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                yield from zip(target.elts, node.value.elts, strict=False)
            else:
                yield target, node.value
