"""The order of sets."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from wfsim.lint.scene import Hit, Scene
from wfsim.lint.values import Ext

__all__ = ["sets"]

_SET: Final = Ext("builtins.set()")
_ORDERED: Final = frozenset(
    {"list", "tuple", "enumerate", "iter", "zip", "map", "filter", "reversed"}
)
_TAKING: Final = frozenset({"join", "extend", "fromkeys", "extendleft"})
_UNORDERED: Final = frozenset(
    {"sorted", "set", "frozenset", "len", "sum", "min", "max", "any", "all", "Counter"}
)


def sets(scene: Scene) -> Iterator[Hit]:
    """Report where the order of a set decides."""
    for node in scene.body.nodes:
        for iterable in _walked(scene, node):
            if _is_set(scene, iterable):
                yield Hit(
                    "WF205",
                    iterable,
                    f"`{ast.unparse(iterable)}` is a set, whose order differs from process to "
                    "process",
                )


def _walked(scene: Scene, node: ast.AST) -> Iterator[ast.expr]:
    """Yield what a node walks in order."""
    match node:
        case ast.For():
            yield node.iter
        case ast.ListComp() | ast.DictComp() | ast.GeneratorExp():
            if not _is_order_lost(scene, node):
                for generator in node.generators:
                    yield generator.iter
        case ast.YieldFrom() | ast.Starred():
            yield node.value
        case ast.Assign(targets=[ast.Tuple() | ast.List()]):
            yield node.value
        case ast.Call():
            called = scene.value(node.func)
            if isinstance(called, Ext) and called.name.removeprefix("builtins.") in _ORDERED:
                if not _is_order_lost(scene, node):
                    yield from node.args
            elif isinstance(node.func, ast.Attribute) and node.func.attr in _TAKING:
                yield from node.args[:1]
            elif isinstance(node.func, ast.Attribute) and node.func.attr == "pop" and not node.args:
                yield node.func.value
        case _:
            pass


def _is_order_lost(scene: Scene, node: ast.AST) -> bool:
    parent = scene.body.parents.get(node)
    if not (isinstance(parent, ast.Call) and node in parent.args):
        return False
    called = scene.value(parent.func)
    return isinstance(called, Ext) and called.name.rpartition(".")[2] in _UNORDERED


def _is_set(scene: Scene, node: ast.expr) -> bool:
    if scene.value(node) != _SET:
        return False
    display = scene.assigned(node.id) if isinstance(node, ast.Name) else node
    if not isinstance(display, ast.Set):
        return True
    # Small numbers lie in a set as their values say, in each process alike.
    numbers = [e for e in display.elts if isinstance(e, ast.Constant) and isinstance(e.value, int)]
    return len(display.elts) > 1 and len(numbers) < len(display.elts)
