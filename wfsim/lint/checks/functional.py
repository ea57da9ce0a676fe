"""Steps of functional workflows that depend on more than their arguments."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from typing import Final

from wfsim.lint.checks.state import changed, defined_in
from wfsim.lint.registry import Registered, Registry
from wfsim.lint.resolve import Resolver
from wfsim.lint.scene import Hit
from wfsim.lint.source import Function, Module
from wfsim.lint.values import Ext

__all__ = ["steps"]

_MUTABLE: Final = frozenset({"builtins.list()", "builtins.dict()", "builtins.set()"})


def steps(
    registry: Registry, resolver: Resolver, modules: Collection[Module]
) -> Iterator[tuple[Hit, Function]]:
    """Report steps over state of the function around them, or of their module."""
    written: dict[tuple[Module, str], Function] = {}
    for module in resolver.project.modules:
        for function in module.functions:
            for key in changed(function, resolver):
                written.setdefault(key, function)
    for entry in registry.of("step"):
        if entry.function.module not in modules or _has_replay_key(entry):
            continue
        seen: set[str] = set()
        for node in entry.function.body.nodes:
            if not isinstance(node, ast.Name) or node.id in seen:
                continue
            said = _around(node, entry.function, resolver) or _in_module(
                node, entry.function, resolver, written
            )
            if said is not None:
                seen.add(node.id)
                yield Hit("WF221", node, f"step `{entry.function.name}` {said}"), entry.function


def _has_replay_key(entry: Registered) -> bool:
    call = entry.decorator
    return isinstance(call, ast.Call) and any(k.arg == "replay_key" for k in call.keywords)


def _around(node: ast.Name, step: Function, resolver: Resolver) -> str | None:
    """Look at variables of the function around a step."""
    home = step if node.id in step.body.outer_names else resolver.home(node.id, step)
    if (
        node.id in step.body.outer_names
        and step.outer is not None
        and not step.body.declares_global(node.id)
    ):
        return f"changes `{node.id}` of `{step.outer.name}`, and a resumed run leaves that out"
    if home is step or not isinstance(home, Function):
        return None
    bindings = home.body.bindings.get(node.id, [])
    value = resolver.value(bindings[0].value, home) if len(bindings) == 1 else None
    is_mutable = isinstance(value, Ext) and value.name in _MUTABLE
    is_variable = len([b for b in bindings if not isinstance(b.node, ast.arg)]) > 1
    if is_mutable or is_variable:
        return f"uses `{node.id}` of `{home.name}`, which is not among its arguments"
    return None


def _in_module(
    node: ast.Name,
    step: Function,
    resolver: Resolver,
    written: dict[tuple[Module, str], Function],
) -> str | None:
    """Look at variables of modules that some function changes."""
    home = resolver.home(node.id, step)
    if not isinstance(home, Module):
        return None
    writer = written.get(defined_in(node.id, home, resolver))
    if writer is None:
        return None
    if writer is step:
        return f"changes `{node.id}` of its module, and a resumed run leaves that out"
    return (
        f"uses `{node.id}`, which `{writer.qualname}` changes and which is not among its arguments"
    )
