"""A twin of an orchestrator in which sets of text iterate in another order.

The order of a set of strings follows PYTHONHASHSEED, so it is the same for every replay in one
process and differs in the next one. To show that here and now, the orchestrator's code is compiled
once more from its source with `set`, `frozenset` and set displays making sets that iterate in an
order of ours, and replayed in two such orders. Nothing else about it changes: same lines, globals
and closure.
"""

from __future__ import annotations

import ast
import linecache
import types
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, cast

__all__ = ["descending", "other_order"]

_PLACEHOLDER = "wfsim: stands for a type that iterates in another order: "


def _is_stable(value: object) -> bool:
    """Whether a value's hash is the same in every process."""
    if isinstance(value, tuple):
        return all(_is_stable(item) for item in cast("tuple[object, ...]", value))
    return isinstance(value, int | float | complex)


_descending: ContextVar[bool] = ContextVar("wfsim_descending", default=False)


@contextmanager
def descending(*, yes: bool) -> Generator[None]:
    """Let the stand-ins iterate in descending order, or in ascending order.

    A program's own order cannot equal both, so a look at both shows whether order matters.
    """
    token = _descending.set(yes)
    try:
        yield
    finally:
        _descending.reset(token)


def _reordered(items: Iterable[Any]) -> Iterator[Any]:
    listed = list(items)
    if not all(map(_is_stable, listed)):
        listed.sort(key=_by_text, reverse=_descending.get())
    return iter(listed)


def _by_text(value: object) -> tuple[str, str]:
    return type(value).__name__, repr(value)


class _LikeSet(type):
    """Lets `isinstance(plain, set)` stay true where `set` is the stand-in."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls.__mro__[1])


class _OtherSet(set[Any], metaclass=_LikeSet):
    def __iter__(self) -> Iterator[Any]:
        return _reordered(super().__iter__())

    def pop(self) -> Any:  # noqa: ANN401 - a set of anything
        if not self:
            return super().pop()  # raises as a set does
        first = next(iter(self))
        self.remove(first)
        return first


class _OtherFrozenSet(frozenset[Any], metaclass=_LikeSet):
    def __iter__(self) -> Iterator[Any]:
        return _reordered(super().__iter__())


_SAME_KIND = (
    "__and__",
    "__or__",
    "__sub__",
    "__xor__",
    "__rand__",
    "__ror__",
    "__rsub__",
    "__rxor__",
    "copy",
    "difference",
    "intersection",
    "symmetric_difference",
    "union",
)


def _keep_kind(cls: type[Any], base: type[Any]) -> None:
    """Let the operations that make a new set make one of `cls`."""
    for name in _SAME_KIND:
        original = getattr(base, name)

        def operation(self: Any, *args: Any, _original: Any = original) -> Any:  # noqa: ANN401
            made = _original(self, *args)
            return made if made is NotImplemented else cls(made)

        setattr(cls, name, operation)


_keep_kind(_OtherSet, set)
_keep_kind(_OtherFrozenSet, frozenset)

_STAND_INS: dict[str, type[Any]] = {"set": _OtherSet, "frozenset": _OtherFrozenSet}


class _Rewriter(ast.NodeTransformer):
    """Turns whatever makes a set into a call of the stand-in."""

    def __init__(self, names: frozenset[str]) -> None:
        self.changed = False
        self._names = names

    def _stand_in(self, name: str, node: ast.AST) -> ast.expr:
        self.changed = True
        return ast.copy_location(ast.Constant(_PLACEHOLDER + name), node)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._names and isinstance(node.ctx, ast.Load):
            return self._stand_in(node.id, node)
        return node

    def visit_MatchClass(self, node: ast.MatchClass) -> ast.MatchClass:
        return node  # a pattern must be a name, and `isinstance` is all it asks

    def _wrap(self, node: ast.expr) -> ast.expr:
        call = ast.Call(func=self._stand_in("set", node), args=[node], keywords=[])
        return ast.copy_location(call, node)

    def visit_Set(self, node: ast.Set) -> ast.expr:
        return self._wrap(cast("ast.expr", self.generic_visit(node)))

    def visit_SetComp(self, node: ast.SetComp) -> ast.expr:
        return self._wrap(cast("ast.expr", self.generic_visit(node)))


def _bound_names(tree: ast.AST) -> Iterator[str]:
    """Yield the names that the file gives a meaning of its own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.asname or node.name


def _rewritten(filename: str) -> types.CodeType | None:
    """Compile a source file again with its sets replaced; None when it makes none."""
    linecache.checkcache(filename)  # a file may be edited between two simulations
    return _compiled(filename, "".join(linecache.getlines(filename)))


@lru_cache(maxsize=256)
def _compiled(filename: str, source: str) -> types.CodeType | None:
    try:
        tree = ast.parse(source, filename)
    except SyntaxError:
        return None
    rewriter = _Rewriter(frozenset(_STAND_INS) - set(_bound_names(tree)))
    tree = ast.fix_missing_locations(rewriter.visit(tree))
    if not rewriter.changed:
        return None
    with warnings.catch_warnings():
        # Placeholders are texts that get called; that is what the compiler warns about.
        warnings.simplefilter("ignore", SyntaxWarning)
        return compile(tree, filename, "exec", dont_inherit=True)


def _with_stand_ins(code: types.CodeType) -> types.CodeType:
    constants: list[object] = []
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            constants.append(_with_stand_ins(constant))
        elif isinstance(constant, str) and constant.startswith(_PLACEHOLDER):
            constants.append(_STAND_INS[constant.removeprefix(_PLACEHOLDER)])
        else:
            constants.append(constant)
    return code.replace(co_consts=tuple(constants))


def _same_code(tree: types.CodeType, wanted: types.CodeType) -> types.CodeType | None:
    for constant in tree.co_consts:
        if not isinstance(constant, types.CodeType):
            continue
        same = (
            constant.co_qualname == wanted.co_qualname
            and constant.co_firstlineno == wanted.co_firstlineno
        )
        found = constant if same else _same_code(constant, wanted)
        if found is not None:
            return found
    return None


def _twin_function(
    function: types.FunctionType, namespace: dict[str, Any]
) -> types.FunctionType | None:
    tree = _rewritten(function.__code__.co_filename)
    code = None if tree is None else _same_code(tree, function.__code__)
    if code is None or code.co_freevars != function.__code__.co_freevars:
        return None
    twin = types.FunctionType(
        _with_stand_ins(code),
        namespace,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    twin.__kwdefaults__ = function.__kwdefaults__
    return twin


def other_order(code: Callable[..., Any]) -> Callable[..., Any] | None:
    """Return the twin of an orchestrator, or None when it makes no set, or has no source.

    Helper functions and sets at the top of the orchestrator's module are replaced for the twin,
    too; other modules are not.
    """
    if not isinstance(code, types.FunctionType) or _rewritten(code.__code__.co_filename) is None:
        return None
    module = code.__module__
    # A copy, so that the app itself never sees a stand-in.
    namespace = dict(code.__globals__)
    for name, value in code.__globals__.items():
        if isinstance(value, types.FunctionType) and value.__module__ == module:
            namespace[name] = _twin_function(value, namespace) or value
        elif type(value) is set:
            namespace[name] = _OtherSet(cast("Any", value))
        elif type(value) is frozenset:
            namespace[name] = _OtherFrozenSet(cast("Any", value))
    return _twin_function(code, namespace)
