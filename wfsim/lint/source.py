"""Python files as the linter sees them: modules, classes, functions, and the names they bind."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, cast

from wfsim.errors import UsageError
from wfsim.lint.records import relative

__all__ = ["Binding", "Body", "Class", "Definition", "Function", "Module", "own_nodes", "read"]

Definition = ast.FunctionDef | ast.AsyncFunctionDef

_NEWLINE: Final = re.compile(r"\r\n|\r|\n")
"""What Python takes for the end of a line; `splitlines` knows more."""
_MARKS: Final = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop)


@dataclass(frozen=True, slots=True)
class Binding:
    """One way in which a scope gives a name its meaning."""

    node: ast.AST
    """The import, definition, parameter, or the expression whose value is bound."""
    imported: str | None = None
    """Which part of an import it is: the module, or the name out of it."""
    value: ast.expr | None = None
    """What is assigned, where one expression says so."""


class Body:
    """The nodes of a function or module that run with it, and the names it binds."""

    def __init__(self, root: ast.AST) -> None:
        self.root = root
        self.parents: dict[ast.AST, ast.AST] = {}
        self.nodes: list[ast.AST] = list(own_nodes(root, self.parents))

    @cached_property
    def calls(self) -> list[ast.Call]:
        """Return the calls, in the order of the text."""
        return [node for node in self.nodes if isinstance(node, ast.Call)]

    @cached_property
    def bindings(self) -> dict[str, list[Binding]]:
        """Return what binds each name; names declared global or nonlocal are left out."""
        found: dict[str, list[Binding]] = {}
        if isinstance(self.root, ast.FunctionDef | ast.AsyncFunctionDef):
            for parameter in _parameters(self.root.args):
                found.setdefault(parameter.arg, []).append(Binding(parameter))
        for node in self.nodes:
            for name, binding in _bound(node):
                found.setdefault(name, []).append(binding)
        for name in self.outer_names:
            found.pop(name, None)
        return found

    @cached_property
    def outer_names(self) -> frozenset[str]:
        """Return the names declared `global` or `nonlocal`."""
        return frozenset(
            name
            for node in self.nodes
            if isinstance(node, ast.Global | ast.Nonlocal)
            for name in node.names
        )

    def declares_global(self, name: str) -> bool:
        """Say whether a name is declared `global`."""
        return any(isinstance(n, ast.Global) and name in n.names for n in self.nodes)

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield the nodes around a node, the innermost first, up to the root."""
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent


@dataclass(slots=True, eq=False)
class Class:
    """A class statement of the project."""

    module: Module
    node: ast.ClassDef
    qualname: str
    methods: dict[str, Function] = field(default_factory=dict[str, "Function"])


@dataclass(eq=False)
class Function:
    """A function of the project."""

    module: Module
    node: Definition
    qualname: str
    outer: Function | None
    """The function it is defined in."""
    owner: Class | None
    """The class it is a method of."""

    @property
    def name(self) -> str:
        """Return the name after `def`."""
        return self.node.name

    @cached_property
    def body(self) -> Body:
        """Return the nodes that run when it is called."""
        return Body(self.node)

    @cached_property
    def is_generator(self) -> bool:
        """Say whether a call of it only makes a generator."""
        return isinstance(self.node, ast.FunctionDef) and any(
            isinstance(node, ast.Yield | ast.YieldFrom) for node in self.body.nodes
        )

    @cached_property
    def asks_replaying(self) -> bool:
        """Say whether `is_replaying` occurs in it."""
        return any(
            isinstance(n, ast.Attribute) and n.attr == "is_replaying" for n in self.body.nodes
        )

    @cached_property
    def has_inner(self) -> bool:
        """Say whether functions or classes are defined in it."""
        return any(isinstance(n, Definition | ast.ClassDef) for n in self.body.nodes)

    @cached_property
    def loads(self) -> dict[str, list[ast.Name]]:
        """Return where each name is read, also in functions defined in this one."""
        found: dict[str, list[ast.Name]] = {}
        nodes = ast.walk(self.node) if self.has_inner else self.body.nodes
        for node in nodes:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                found.setdefault(node.id, []).append(node)
        return found

    @property
    def parameters(self) -> list[ast.arg]:
        """Return the parameters that can be passed by position."""
        return [*self.node.args.posonlyargs, *self.node.args.args]

    @property
    def all_parameters(self) -> list[ast.arg]:
        """Return every parameter."""
        return _parameters(self.node.args)


class Module:
    """One file."""

    def __init__(self, path: Path, source: str, tree: ast.Module) -> None:
        self.path = path
        self.source = source
        self.tree = tree
        self.functions: list[Function] = []
        self.classes: dict[ast.ClassDef, Class] = {}
        self.of_node: dict[ast.AST, Function] = {}
        self._collect(tree, "", None, None)

    @cached_property
    def body(self) -> Body:
        """Return the nodes that run at import."""
        return Body(self.tree)

    @cached_property
    def lines(self) -> list[str]:
        """Return the lines of the source."""
        return _NEWLINE.split(self.source)

    @property
    def is_package(self) -> bool:
        """Say whether it is the `__init__.py` of a package."""
        return self.path.name == "__init__.py"

    def all_calls(self) -> Iterator[ast.Call]:
        """Yield the calls of the module and of its functions."""
        yield from self.body.calls
        for function in self.functions:
            yield from function.body.calls

    def _collect(
        self, node: ast.AST, prefix: str, outer: Function | None, owner: Class | None
    ) -> None:
        for child in _statements(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                function = Function(self, child, prefix + child.name, outer, owner)
                self.functions.append(function)
                self.of_node[child] = function
                if owner is not None:
                    owner.methods.setdefault(child.name, function)
                self._collect(child, f"{function.qualname}.", function, None)
            elif isinstance(child, ast.ClassDef):
                found = Class(self, child, prefix + child.name)
                self.classes[child] = found
                self._collect(child, f"{found.qualname}.", outer, found)
            else:
                self._collect(child, prefix, outer, owner)


def read(path: Path) -> Module:
    """Read a file.

    Raises:
        UsageError: It is no Python source; the message names the place.
    """
    try:
        data = path.read_bytes()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        tree = ast.parse(data, filename=str(path))
    except SyntaxError as error:
        line, column = error.lineno or 1, error.offset or 1
        raise UsageError(
            f"{relative(path)}:{line}:{column}: this is no Python: {error.msg}."
        ) from None
    except ValueError as error:
        raise UsageError(f"{relative(path)}: this is no Python: {error}.") from None
    except OSError as error:
        raise UsageError(f"{relative(path)}: cannot be read: {error.strerror}.") from None
    return Module(path, data.decode(encoding), tree)


def own_nodes(root: ast.AST, parents: dict[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    """Yield the nodes that run with `root`, in the order of the text.

    The bodies of inner functions and classes are left out, those of lambdas and comprehensions are
    not: nearly all of them run where they stand.
    """
    if isinstance(root, ast.FunctionDef | ast.AsyncFunctionDef):
        pending: list[ast.AST] = list(reversed(root.body))
    else:
        pending = list(reversed(_children(root)))
    for node in pending:
        parents[node] = root
    while pending:
        node = pending.pop()
        yield node
        for child in reversed(_running(node)):
            parents[child] = node
            pending.append(child)


def _running(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases]
    return _children(node)


def _children(node: ast.AST) -> list[ast.AST]:
    """Return the nodes in a node, without those that say how a name is used, or an operator."""
    found: list[ast.AST] = []
    for name in node._fields:
        value: object = getattr(node, name, None)
        if isinstance(value, list):
            items = cast("list[object]", value)
            found += [item for item in items if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST) and not isinstance(value, _MARKS):
            found.append(value)
    return found


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements in a statement or module, and its handlers and cases."""
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        block: object = getattr(node, name, None)
        if isinstance(block, list):
            yield from cast("list[ast.AST]", block)


def _parameters(arguments: ast.arguments) -> list[ast.arg]:
    found = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [*found, *filter(None, (arguments.vararg, arguments.kwarg))]


def _bound(node: ast.AST) -> Iterator[tuple[str, Binding]]:
    """Yield the names that one node binds."""
    match node:
        case ast.Import():
            for alias in node.names:
                whole = alias.name if alias.asname else alias.name.partition(".")[0]
                yield alias.asname or whole, Binding(node, imported=whole)
        case ast.ImportFrom():
            for alias in node.names:
                yield alias.asname or alias.name, Binding(node, imported=alias.name)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name, Binding(node)
        case ast.Assign():
            for target in node.targets:
                yield from _targets(target, node.value)
        case ast.AnnAssign() if node.value is not None:
            yield from _targets(node.target, node.value)
        case ast.AugAssign():
            yield from _targets(node.target, None)
        case ast.NamedExpr():
            yield node.target.id, Binding(node, value=node.value)
        case ast.For() | ast.AsyncFor():
            yield from _targets(node.target, None)
        case ast.comprehension():
            yield from _targets(node.target, None)
        case ast.withitem() if node.optional_vars is not None:
            yield from _targets(node.optional_vars, node.context_expr)
        case ast.ExceptHandler() if node.name:
            yield node.name, Binding(node)
        case ast.MatchAs() | ast.MatchStar() if node.name:
            yield node.name, Binding(node)
        case ast.Lambda():
            for parameter in _parameters(node.args):
                yield parameter.arg, Binding(parameter)
        case _:
            pass


def _targets(target: ast.expr, value: ast.expr | None) -> Iterator[tuple[str, Binding]]:
    match target:
        case ast.Name():
            yield target.id, Binding(target, value=value)
        case ast.Starred():
            yield from _targets(target.value, None)
        case ast.Tuple() | ast.List():
            parts: list[ast.expr] | None = None
            if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts):
                parts = value.elts
            for index, element in enumerate(target.elts):
                yield from _targets(element, parts[index] if parts else None)
        case _:
            pass
