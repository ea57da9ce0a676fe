"""What a check gets to see, and what it gives back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wfsim.lint.hazards import hazard
from wfsim.lint.reach import Reached, Role, is_guarded
from wfsim.lint.registry import Registry
from wfsim.lint.resolve import Resolver
from wfsim.lint.source import Body, Function
from wfsim.lint.values import CONTEXT, Ext, Value

__all__ = ["TASKS", "Hit", "Scene"]

TASKS: Final = frozenset(
    {
        *("call_activity", "call_activity_with_retry", "call_sub_orchestrator", "call_http"),
        *("call_sub_orchestrator_with_retry", "call_entity", "create_timer", "task_all"),
        *("wait_for_external_event", "task_any"),
    }
)
"""Methods of the context that give a task."""

_OF_CONTEXT: Final = f"{CONTEXT.name}."
_AGENT: Final = ".get_agent().run"


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that a check has found."""

    code: str
    node: ast.AST
    message: str


@dataclass(frozen=True, slots=True)
class Scene:
    """One function that runs as part of an orchestrator, entity or workflow."""

    role: Role
    reached: Reached
    registry: Registry
    resolver: Resolver

    @property
    def function(self) -> Function:
        """Return the function that is looked at."""
        return self.reached.function

    @property
    def body(self) -> Body:
        """Return the nodes that run with it."""
        return self.reached.function.body

    @property
    def is_root(self) -> bool:
        """Say whether it is the orchestrator itself and no helper."""
        return self.reached.caller is None

    def value(self, node: ast.expr | None) -> Value | None:
        """Return what an expression stands for."""
        return self.resolver.value(node, self.function)

    def calls(self) -> Iterator[ast.Call]:
        """Yield the calls in the order of the text."""
        yield from self.body.calls

    def context_method(self, node: ast.AST) -> str | None:
        """Return which method of the orchestration's context a call is of."""
        if not isinstance(node, ast.Call):
            return None
        called = self.value(node.func)
        if not (isinstance(called, Ext) and called.name.startswith(_OF_CONTEXT)):
            return None
        method = called.name.removeprefix(_OF_CONTEXT)
        return method if method.isidentifier() else None

    def is_task(self, node: ast.AST) -> bool:
        """Say whether a call gives a task, which means nothing before it is yielded."""
        if not isinstance(node, ast.Call):
            return False
        if self.context_method(node) in TASKS:
            return True
        if not (isinstance(node.func, ast.Attribute) and node.func.attr == "run"):
            return False
        called = self.value(node.func)
        return isinstance(called, Ext) and called.name.endswith(_AGENT)

    def is_quiet(self, node: ast.AST) -> bool:
        """Say whether a node runs once only, because replays pass it by."""
        return self.reached.is_guarded or is_guarded(node, self.function)

    def is_log(self, node: ast.AST) -> bool:
        """Say whether a call writes to a log or the console."""
        if not isinstance(node, ast.Call):
            return False
        called = self.value(node.func)
        if isinstance(called, Ext):
            found = hazard(called.plain, node)
            return found is not None and found.code in ("DURABLE0010", "WF213")
        return False

    def loads(self, name: str) -> list[ast.Name]:
        """Return where a name is read, in the function and in those defined in it."""
        return self.function.loads.get(name, [])

    def assigned(self, name: str) -> ast.expr | None:
        """Return the one expression that is assigned to a name of this function, if it is one."""
        bindings = self.body.bindings.get(name, [])
        return bindings[0].value if len(bindings) == 1 else None
