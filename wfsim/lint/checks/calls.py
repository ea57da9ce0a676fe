"""Calls whose answer differs from replay to replay, or that do something outside."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from wfsim.lint.hazards import Hazard, hazard
from wfsim.lint.scene import Hit, Scene
from wfsim.lint.source import Class, Function, Module
from wfsim.lint.values import Cls, Ext

__all__ = ["calls"]

_WAYS_OUT: Final = {
    "DURABLE0001": "reads the clock, which shows another time at each replay",
    "DURABLE0002": "makes another id at each replay",
    "DURABLE0003": "blocks the worker at each replay and is in no history",
    "DURABLE0004": "starts work that no history keeps",
    "DURABLE0005": "goes outside at each replay",
    "DURABLE0006": "reads the environment of whichever worker replays",
    "DURABLE0010": "logs at each replay",
    "WF206": "differs from process to process",
    "WF213": "prints at each replay",
    "WF216": "draws other numbers at each replay",
    "WF217": "names the process or machine that happens to replay",
}
_AT_IMPORT: Final = frozenset({"DURABLE0001", "DURABLE0002", "WF216", "WF217"})
_IN_WORKFLOWS: Final = frozenset({"DURABLE0001", "DURABLE0002", "WF216"})
_EVERYWHERE_THE_SAME: Final = frozenset(
    {"WEBSITE_HOSTNAME", "WEBSITE_SITE_NAME", "WEBSITE_OWNER_NAME", "FUNCTIONS_WORKER_RUNTIME"}
)
"""Variables that the platform sets alike for each worker of an app."""


def calls(scene: Scene) -> Iterator[Hit]:
    """Report calls of the hazards' table, those passed on to be called, and what imports made."""
    for node in scene.body.nodes:
        found = _found(scene, node)
        if found is None or scene.is_quiet(node):
            continue
        name, what = found
        told = _WAYS_OUT[what.code]
        if scene.role == "workflow":
            if what.code in _IN_WORKFLOWS:
                yield Hit("WF220", node, f"`{name}` {_at_each_run(told)}, outside any step")
            continue
        yield Hit(what.code, node, f"`{name}` {told}")


def _at_each_run(told: str) -> str:
    return told.replace("at each replay", "each time the workflow is resumed")


def _found(scene: Scene, node: ast.AST) -> tuple[str, Hazard] | None:
    """Return how the user calls a hazard that a node is, and what it is."""
    if isinstance(node, ast.Call):
        called = scene.value(node.func)
        if isinstance(called, Cls):
            return _made_by_a_field(scene, called.cls)
        if not isinstance(called, Ext):
            return None
        what = hazard(called.plain, node)
        if what is None or _is_said_inside(scene, node, what) or _is_same_everywhere(what, node):
            return None
        return f"{ast.unparse(node.func)}()", what
    if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
        return _environment(scene, node) or _made_at_import(scene, node) or _passed(scene, node)
    return None


def _made_by_a_field(scene: Scene, cls: Class) -> tuple[str, Hazard] | None:
    """Look at fields of a class that each new object draws: `field(default_factory=uuid4)`."""
    for node in cls.node.body:
        if not (isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Call)):
            continue
        for keyword in node.value.keywords:
            made = keyword.value if keyword.arg == "default_factory" else None
            factory = made.body if isinstance(made, ast.Lambda) else made
            for inner in ast.walk(factory) if factory is not None else ():
                if not isinstance(inner, ast.Name | ast.Attribute):
                    continue
                value = scene.resolver.value(inner, cls.module)
                what = hazard(value.name, None) if isinstance(value, Ext) else None
                if what is not None:
                    return f"{cls.qualname}.{ast.unparse(node.target)}", what
    return None


def _is_said_inside(scene: Scene, node: ast.Call, what: Hazard) -> bool:
    """Say whether what the call is a method of is reported itself: `requests.get(url).json()`."""
    inner = node.func
    while isinstance(inner, ast.Attribute | ast.Call | ast.Subscript):
        if isinstance(inner, ast.Call):
            called = scene.value(inner.func)
            found = hazard(called.plain, inner) if isinstance(called, Ext) else None
            if found is not None and found.code == what.code:
                return True
            inner = inner.func
        else:
            inner = inner.value
    return False


def _is_same_everywhere(what: Hazard, node: ast.Call) -> bool:
    key = node.args[0] if node.args else None
    return what.name == "os.getenv" and _is_platform(key)


def _is_platform(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and key.value in _EVERYWHERE_THE_SAME


def _environment(scene: Scene, node: ast.Name | ast.Attribute) -> tuple[str, Hazard] | None:
    if scene.value(node) not in (Ext("os.environ"), Ext("os.environb")):
        return None
    parent = scene.body.parents.get(node)
    if isinstance(parent, ast.Subscript) and _is_platform(parent.slice):
        return None
    if isinstance(parent, ast.Attribute) and parent.attr == "get":
        call = scene.body.parents.get(parent)
        if isinstance(call, ast.Call) and call.args and _is_platform(call.args[0]):
            return None
    return ast.unparse(node), Hazard("DURABLE0006", "os.environ")


def _passed(scene: Scene, node: ast.Name | ast.Attribute) -> tuple[str, Hazard] | None:
    """Look at functions that are handed over: `field(default_factory=uuid4)`."""
    parent = scene.body.parents.get(node)
    is_argument = isinstance(parent, ast.keyword) or (
        isinstance(parent, ast.Call) and node in parent.args
    )
    if not is_argument:
        return None
    value = scene.value(node)
    if not isinstance(value, Ext) or "(" in value.name:
        return None
    what = hazard(value.name, None)
    return (ast.unparse(node), what) if what is not None else None


def _made_at_import(scene: Scene, node: ast.Name | ast.Attribute) -> tuple[str, Hazard] | None:
    """Look at variables of modules whose value an import has drawn or read off a clock."""
    found = origin(scene, node)
    if found is None:
        return None
    module, value = found
    for inner in ast.walk(value):
        if isinstance(inner, ast.Call):
            called = scene.resolver.value(inner.func, module)
            what = hazard(called.plain, inner) if isinstance(called, Ext) else None
            if what is not None and what.code in _AT_IMPORT:
                return f"{ast.unparse(node)} = {ast.unparse(value)}", what
    return None


def origin(scene: Scene, node: ast.Name | ast.Attribute) -> tuple[Module, ast.expr] | None:
    """Return the module and the expression that a variable of a module got its value from."""
    if isinstance(node, ast.Attribute):
        base = scene.value(node.value)
        module = getattr(base, "module", None)
        return _value_in(scene, module, node.attr) if isinstance(module, Module) else None
    home = scene.resolver.home(node.id, scene.function)
    return None if home is None or isinstance(home, Function) else _value_in(scene, home, node.id)


def _value_in(
    scene: Scene, module: Module, name: str, depth: int = 0
) -> tuple[Module, ast.expr] | None:
    bindings = module.body.bindings.get(name, [])
    if len(bindings) != 1 or depth > 8:
        return None
    binding = bindings[0]
    if isinstance(binding.node, ast.ImportFrom) and binding.imported:
        source = scene.resolver.project.find(module, binding.node.module or "", binding.node.level)
        return _value_in(scene, source, binding.imported, depth + 1) if source else None
    return (module, binding.value) if binding.value is not None else None
