"""What outlives a replay in the worker's memory: defaults, module variables, caches."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from wfsim.lint.resolve import Resolver
from wfsim.lint.scene import Hit, Scene
from wfsim.lint.source import Class, Function, Module
from wfsim.lint.values import Cls, Ext, Fun, Inst, Mod

__all__ = ["caches", "changed", "defaults", "writes"]

_MUTATORS: Final = frozenset(
    {
        *("append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse", "update"),
        *("setdefault", "popitem", "add", "discard", "appendleft", "extendleft", "popleft"),
        *("difference_update", "intersection_update", "symmetric_difference_update", "rotate"),
    }
)
_CONTAINERS: Final = frozenset(
    {
        *("builtins.list()", "builtins.dict()", "builtins.set()", "builtins.bytearray()"),
        *("collections.deque()", "collections.defaultdict()", "collections.OrderedDict()"),
        *("collections.Counter()",),
    }
)
_CACHES: Final = frozenset(
    {
        *(
            "functools.lru_cache",
            "functools.cache",
            "cachetools.cached",
            "cachetools.func.ttl_cache",
        ),
        *("cachetools.func.lru_cache", "functools.cached_property"),
    }
)


def defaults(scene: Scene) -> Iterator[Hit]:
    """Report default arguments that the function changes, and so keeps for the next replay."""
    arguments = scene.function.node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = list(zip(reversed(positional), reversed(arguments.defaults), strict=False))
    pairs += [(a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d]
    for parameter, default in pairs:
        module = scene.function.module
        if _is_container(scene.resolver, default, module) and any(
            _changed_name(node) == parameter.arg for node in scene.body.nodes
        ):
            yield Hit(
                "WF207",
                default,
                f"`{parameter.arg}={ast.unparse(default)}` is made once and changed by each call, "
                "so a replay starts with what the last one left",
            )


def writes(scene: Scene) -> Iterator[Hit]:
    """Report where variables of a module or class are written."""
    for node, shown, _ in _written(scene.function, scene.resolver):
        yield Hit(
            "WF208",
            node,
            f"`{shown}` outlives the run: each replay, and each other instance, changes it again",
        )


def caches(scene: Scene) -> Iterator[Hit]:
    """Report functions that remember in the worker's memory what they returned."""
    for decorator in scene.function.node.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        value = scene.resolver.value(target, scene.function.module)
        if isinstance(value, Ext) and value.name in _CACHES:
            yield Hit(
                "WF212",
                decorator,
                f"`{ast.unparse(target)}` keeps results in the memory of one worker, so what "
                f"`{scene.function.name}` returns depends on what ran there before",
            )


def changed(function: Function, resolver: Resolver) -> set[tuple[Module, str]]:
    """Return which variables of modules a function changes."""
    return {key for _, _, key in _written(function, resolver) if key is not None}


def _written(
    function: Function, resolver: Resolver
) -> Iterator[tuple[ast.AST, str, tuple[Module, str] | None]]:
    body = function.body
    for node in body.nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            if node.id in body.outer_names and body.declares_global(node.id):
                yield node, node.id, (function.module, node.id)
        elif (target := _changed(node)) is not None:
            found = _variable(target, function, resolver)
            if found is not None:
                yield node, ast.unparse(target), found[0]


def _changed(node: ast.AST) -> ast.expr | None:
    """Return whose content a node changes: `x.append(…)`, `x[k] = …`, `x.y = …`."""
    match node:
        case ast.Call(func=ast.Attribute(attr=attr, value=value)) if attr in _MUTATORS:
            return value
        case (
            ast.Subscript(ctx=ast.Store() | ast.Del()) | ast.Attribute(ctx=ast.Store() | ast.Del())
        ):
            inner = node.value
            while isinstance(inner, ast.Subscript):
                inner = inner.value
            return inner
        case _:
            return None


def _changed_name(node: ast.AST) -> str | None:
    target = _changed(node)
    return target.id if isinstance(target, ast.Name) else None


def _variable(
    target: ast.expr, function: Function, resolver: Resolver
) -> tuple[tuple[Module, str] | None] | None:
    """Return which variable of a module an expression is, where its content can be changed."""
    value = resolver.value(target, function)
    if isinstance(value, Mod | Cls):
        return (None,)
    if isinstance(value, Fun) or (isinstance(value, Ext) and value.name not in _CONTAINERS):
        return None
    if isinstance(target, ast.Name):
        home = resolver.home(target.id, function)
        if not isinstance(home, Module) or value is None:
            return None
        return (defined_in(target.id, home, resolver),)
    if isinstance(target, ast.Attribute):
        base = resolver.value(target.value, function)
        if isinstance(base, Mod) and value is not None:
            return (defined_in(target.attr, base.module, resolver),)
        if isinstance(base, Cls):
            return (None,)
        if isinstance(base, Inst):
            if _is_of_class(base.cls, target.attr):
                return (None,)
            return _variable(target.value, function, resolver)
    return None


def _is_of_class(cls: Class, attr: str) -> bool:
    """Say whether instances share an attribute: the class has it, and no method sets it anew."""
    shared = any(
        isinstance(node, ast.Assign | ast.AnnAssign)
        and any(
            isinstance(target, ast.Name) and target.id == attr
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        )
        for node in cls.node.body
    )
    return shared and not any(
        isinstance(node, ast.Attribute) and node.attr == attr and isinstance(node.ctx, ast.Store)
        for method in cls.methods.values()
        for node in method.body.nodes
    )


def defined_in(name: str, module: Module, resolver: Resolver, depth: int = 0) -> tuple[Module, str]:
    """Return the module that a variable comes from, and its name there."""
    bindings = module.body.bindings.get(name, [])
    if depth < 8 and len(bindings) == 1 and isinstance(bindings[0].node, ast.ImportFrom):
        node = bindings[0].node
        other = resolver.project.find(module, node.module or "", node.level)
        if other is not None and bindings[0].imported:
            return defined_in(bindings[0].imported, other, resolver, depth + 1)
    return module, name


def _is_container(resolver: Resolver, node: ast.expr, where: Module) -> bool:
    value = resolver.value(node, where)
    return isinstance(value, Ext) and value.name in _CONTAINERS
