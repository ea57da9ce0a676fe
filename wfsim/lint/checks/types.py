"""What JSON makes of values, and what annotations expect: only the plain kinds."""

from __future__ import annotations

import ast
from collections.abc import Collection
from typing import Final

from wfsim.lint.resolve import Resolver, Where
from wfsim.lint.scene import Scene
from wfsim.lint.values import Ext

__all__ = ["disagree", "given", "kinds", "shown"]

_PLAIN: Final = frozenset({"str", "int", "float", "bool", "dict", "list", "NoneType"})
_FITS: Final = {"int": {"int", "float"}, "bool": {"bool", "int", "float"}}
_WORDS: Final = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "a truth value",
    "dict": "a dict",
    "list": "a list",
    "NoneType": "None",
}


def kinds(annotation: ast.expr | None, where: Where, resolver: Resolver) -> set[str] | None:
    """Return the plain kinds that an annotation allows; None where it allows others, too."""
    match annotation:
        case ast.Constant(value=None):
            return {"NoneType"}
        case ast.Constant(value=str() as text):
            try:
                return kinds(ast.parse(text, mode="eval").body, where, resolver)
            except SyntaxError:
                return None
        case ast.BinOp(op=ast.BitOr()):
            left = kinds(annotation.left, where, resolver)
            right = kinds(annotation.right, where, resolver)
            return left | right if left is not None and right is not None else None
        case ast.Subscript():
            value = resolver.value(annotation.value, where)
            if value == Ext("typing.Optional"):
                inner = kinds(annotation.slice, where, resolver)
                return inner | {"NoneType"} if inner is not None else None
            return kinds(annotation.value, where, resolver)
        case ast.Name() | ast.Attribute():
            value = resolver.value(annotation, where)
            name = value.name if isinstance(value, Ext) else ""
            name = {"typing.Dict": "dict", "typing.List": "list"}.get(
                name, name.removeprefix("builtins.")
            )
            return {name} if name in _PLAIN else None
        case _:
            return None


def given(argument: ast.expr | None, scene: Scene) -> str | None:
    """Return the kind of what is passed, where its text shows it; nothing passed is None."""
    if argument is None:
        return "NoneType"
    if isinstance(argument, ast.Constant) and argument.value is None:
        return "NoneType"
    value = scene.value(argument)
    if not isinstance(value, Ext):
        return None
    name = value.name.removeprefix("builtins.").removesuffix("()")
    return name if name in _PLAIN else None


def disagree(passed: Collection[str], expected: Collection[str]) -> bool:
    """Say whether nothing of what is passed fits what is expected."""
    return not any(_FITS.get(kind, {kind}) & set(expected) for kind in passed)


def shown(kinds: Collection[str]) -> str:
    """Return kinds in words."""
    return " or ".join(_WORDS[kind] for kind in sorted(kinds))
