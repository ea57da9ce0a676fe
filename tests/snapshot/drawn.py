"""Values and streams of events that hypothesis draws; small, so that things meet by chance."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from agent_framework import WorkflowEvent
from hypothesis import strategies as st

__all__ = ["EXECUTORS", "VALUES", "Doing", "Supersteps", "events_of", "lines_of", "supersteps"]

_LEAVES = st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "x", "y", "a: 1"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
    max_leaves=3,
)
EXECUTORS = "abc"


@dataclass(frozen=True, kw_only=True)
class Doing:
    """What an executor does in a superstep."""

    who: str
    got: Any
    gives: list[Any]
    """Outputs."""
    sends: list[Any]

    def events(self) -> list[WorkflowEvent[Any]]:
        """Return what the framework tells of it."""
        return [
            WorkflowEvent("executor_invoked", executor_id=self.who, data=self.got),
            *(WorkflowEvent("output", executor_id=self.who, data=item) for item in self.gives),
            WorkflowEvent(
                "executor_completed",
                executor_id=self.who,
                data=[*self.sends, *self.gives] or None,
            ),
        ]


Supersteps = list[list[Doing]]

_DOING = st.builds(
    Doing,
    who=st.just("a"),
    got=VALUES,
    gives=st.lists(VALUES, max_size=2),
    sends=st.lists(VALUES, max_size=2),
)


@st.composite
def supersteps(draw: st.DrawFn) -> Supersteps:
    """Draw what happens in a graph; each executor works at most once in a superstep."""
    found: Supersteps = []
    for _ in range(draw(st.integers(1, 3))):
        names = sorted(draw(st.sets(st.sampled_from(EXECUTORS), min_size=1)))
        found.append([replace(draw(_DOING), who=name) for name in names])
    return found


def events_of(steps: Supersteps, order: Any = None) -> list[WorkflowEvent[Any]]:
    """Return the events of a graph.

    Args:
        steps: What happens.
        order: A `random.Random` that mixes what happens inside a superstep.
    """
    found: list[WorkflowEvent[Any]] = [WorkflowEvent("started")]
    for number, step in enumerate(steps, 1):
        found.append(WorkflowEvent("superstep_started", iteration=number))
        queues = [doing.events() for doing in step]
        while any(queues):
            full = [queue for queue in queues if queue]
            found.append((order.choice(full) if order else full[0]).pop(0))
        found.append(WorkflowEvent("superstep_completed", iteration=number))
    return found


def lines_of(value: Any) -> str:
    """Return a value as text that is equal for equal values, where 1 is not True."""
    return json.dumps(value, sort_keys=True, default=vars)
