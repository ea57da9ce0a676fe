"""Activities called as functions, and variables that they change behind an orchestrator's back."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from wfsim.lint.checks.state import changed, defined_in
from wfsim.lint.reach import Reached, reach
from wfsim.lint.registry import Registry
from wfsim.lint.resolve import Resolver
from wfsim.lint.scene import Hit, Scene
from wfsim.lint.source import Function, Module
from wfsim.lint.values import Fun, Mod

__all__ = ["direct", "stale"]


def direct(scene: Scene) -> Iterator[Hit]:
    """Report activities that an orchestrator calls itself."""
    for node in scene.calls():
        value = scene.value(node.func)
        if isinstance(value, Fun) and scene.registry.kind_of(value.function) == "activity":
            name = value.function.name
            yield Hit(
                "WF218",
                node,
                f"`{name}` is an activity, and runs inside the orchestrator here, again at each "
                "replay",
            )


def stale(
    orchestrators: list[Reached], registry: Registry, resolver: Resolver
) -> Iterator[tuple[Hit, Reached]]:
    """Report variables of modules that orchestrators read and other functions change."""
    inside = {one.function for one in orchestrators}
    writing = {
        function: variables
        for module in resolver.project.modules
        for function in module.functions
        if function not in inside and (variables := changed(function, resolver))
    }
    if not writing:
        return
    writers: dict[tuple[Module, str], Function] = {}
    for role in ("activity", "other", "entity"):
        for one in reach(role, registry, resolver):
            for variable in writing.get(one.function, ()):
                writers.setdefault(variable, one.function)
    for one in orchestrators:
        seen: set[tuple[Module, str]] = set()
        for node in one.function.body.nodes:
            key = _variable(node, one.function, resolver)
            if key is not None and key in writers and key not in seen:
                seen.add(key)
                yield (
                    Hit(
                        "WF209",
                        node,
                        f"`{key[1]}` is changed by `{writers[key].qualname}`, which may run in "
                        "another worker, and at another time than the replay",
                    ),
                    one,
                )


def _variable(node: ast.AST, function: Function, resolver: Resolver) -> tuple[Module, str] | None:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        home = resolver.home(node.id, function)
        return defined_in(node.id, home, resolver) if isinstance(home, Module) else None
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        base = resolver.value(node.value, function)
        return defined_in(node.attr, base.module, resolver) if isinstance(base, Mod) else None
    return None
