"""The SDK's executor, and what it answers.

It writes its answer as JSON text, for the host to parse. Where it only tells of actions that JSON
does not change, they are taken as they are; tests/worker/test_answers.py holds both together.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import IntEnum
from functools import cache
from typing import Any, Final

from azure.durable_functions import Orchestrator
from azure.durable_functions.models.TaskOrchestrationExecutor import TaskOrchestrationExecutor

from wfsim.workers.azure_functions.payloads._sdk import dumps
from wfsim.workers.azure_functions.reply import Action, Reply, from_text, reply_of

__all__ = ["TellingExecutor", "answer_of", "new_executor", "orchestrator_of"]

_EXECUTOR: Final[Any] = TaskOrchestrationExecutor
_TABLES: Final = ("event_to_SetTaskValuePayload", "task_completion_events")
"""What an executor makes for itself and never changes."""
_COMPOUND_ACTIONS: Final = 2
"""From this schema on the context has one list of actions."""
_PLAIN: Final = frozenset({str, int, bool, type(None)})


def _initialize(self: Any) -> None:  # noqa: ANN401 - the SDK's executor is untyped
    TaskOrchestrationExecutor.initialize(self)
    self.settled, self.is_asked = [], False


def _get_orchestrator_state_str(self: Any) -> str:  # noqa: ANN401
    # It asks itself at the end of `execute`; whoever wants the answer asks once more.
    return TaskOrchestrationExecutor.get_orchestrator_state_str(self) if self.is_asked else ""


TellingExecutor: Final[Any] = type(
    "TaskOrchestrationExecutor",
    (TaskOrchestrationExecutor,),
    {"initialize": _initialize, "get_orchestrator_state_str": _get_orchestrator_state_str},
)
"""An executor that leaves it to `answer_of` to answer."""


def new_executor(kind: Any = TellingExecutor) -> Any:  # noqa: ANN401
    """Return an executor as its constructor makes it, in a third of the time.

    Leans on its `initialize`, and on two tables that it reads and never changes.

    Args:
        kind: Its class.
    """
    made = object.__new__(kind)
    made.__dict__.update(_tables())
    made.initialize()
    return made


@cache
def _tables() -> dict[str, Any]:
    executor: object = _EXECUTOR()
    known = vars(executor)
    return {name: known[name] for name in _TABLES}


def orchestrator_of(code: Callable[..., Any], executor: Any) -> Any:  # noqa: ANN401
    """Return the SDK's orchestrator around a function, with an executor in place of its own."""
    made: Any = object.__new__(Orchestrator)
    made.fn, made.task_orchestration_executor = code, executor
    return made


def answer_of(
    executor: Any,  # noqa: ANN401 - untyped
    context: Any,  # noqa: ANN401
    first: int = 0,
    told: list[Action] | None = None,
) -> Reply:
    """Return what an executor answers now, or raise as the SDK does.

    Leans on `get_orchestrator_state_str` and on all that it reads: `output`, `exception`,
    `has_execution_completed`, and the context's custom status, schema and list of actions.

    Args:
        executor: A `TellingExecutor` that has run.
        context: What it ran on.
        first: The first action to tell of.
        told: Those before it. If there is nothing else to tell, the answer has this very list, with
            the others behind.
    """
    actions = context._action_payload_v2
    if (
        executor.output is None
        and executor.exception is None
        and context.custom_status is None
        and not executor.has_execution_completed
        and (schema := context._replay_schema.value) >= _COMPOUND_ACTIONS
    ):
        made = [_read(action.to_json()) for action in (actions[first:] if first else actions)]
        if told is not None:
            told.extend(made)
        return reply_of(
            actions=made if told is None else told,
            is_done=False,
            output=None,
            custom_status=None,
            schema=schema,
        )
    executor.is_asked = True
    context._action_payload_v2 = actions[first:] if first else actions
    try:
        return from_text(executor.get_orchestrator_state_str())
    finally:
        context._action_payload_v2 = actions


def _read(action: dict[str, Any]) -> dict[str, Any]:
    """Return an action as whoever parses the answer gets it."""
    for name, value in action.items():
        kind: Any = type(value)  # pyright: ignore[reportUnknownVariableType]
        if kind in _PLAIN:
            continue
        if isinstance(value, IntEnum):
            action[name] = int(value)
        elif name == "compoundActions" and kind is list:
            action[name] = [_read(part) for part in value]
        else:
            action[name] = json.loads(dumps({name: value}))[name]
    return action
