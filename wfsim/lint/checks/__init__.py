"""What is looked for: one module for each kind of hazard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from wfsim.lint.checks.agents import agents
from wfsim.lint.checks.calls import calls
from wfsim.lint.checks.excepts import excepts
from wfsim.lint.checks.loops import loops
from wfsim.lint.checks.names import names
from wfsim.lint.checks.replaying import replaying
from wfsim.lint.checks.sets import sets
from wfsim.lint.checks.state import caches, defaults, writes
from wfsim.lint.checks.tasks import tasks
from wfsim.lint.checks.timers import timers
from wfsim.lint.reach import Role
from wfsim.lint.scene import Hit, Scene

__all__ = ["CHECKS"]

CHECKS: Final[dict[Role, tuple[Callable[[Scene], Iterator[Hit]], ...]]] = {
    "orchestrator": (
        *(calls, tasks, timers, names, sets, excepts, replaying, loops),
        *(defaults, writes, caches, agents),
    ),
    "entity": (defaults, writes),
    "workflow": (calls, excepts, defaults, writes),
}
"""What is asked about each function, by the role in which it runs."""
