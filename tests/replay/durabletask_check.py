"""What `durabletask`'s own check says of the edits: `python -m tests.replay.durabletask_check`.

The orchestrators of fixtures/edits run through durabletask's executor, on a context that lends them
the names of Azure's; their histories are translated event by event. Prints the table of
docs/edits.md.
"""

from __future__ import annotations

import inspect
import json
import logging
from collections.abc import Callable
from datetime import timedelta
from importlib.metadata import version
from types import GeneratorType
from typing import Any

from rich.console import Console

from tests.replay.midpoint import EDITS, Edit, midpoint
from wfsim.clock import from_us
from wfsim.history import (
    EventRaised,
    ExecutionStarted,
    OrchestratorStarted,
    SubOrchestrationInstanceCreated,
    TaskCompleted,
    TaskScheduled,
    TimerCreated,
    TimerFired,
)
from wfsim.history.jsontext import unwrap
from wfsim.replay import RecordedHistory, Replayer
from wfsim.workers.azure_functions import load_app
from wfsim.workers.azure_functions._sdk import orchestrator_code


class Lent:
    """durabletask's context under the names of Azure's."""

    def __init__(self, context: Any, given: Any) -> None:
        self._context = context
        self._given = given
        self.is_replaying = context.is_replaying
        self.current_utc_datetime = context.current_utc_datetime

    def get_input(self) -> Any:
        return self._given

    def set_custom_status(self, status: Any) -> None:
        self._context.set_custom_status(status)

    def call_activity(self, name: str, given: Any = None) -> Any:
        return self._context.call_activity(name, input=given)

    def call_activity_with_retry(self, name: str, retry: Any, given: Any = None) -> Any:
        from durabletask import task

        policy = task.RetryPolicy(
            first_retry_interval=timedelta(milliseconds=retry.first_retry_interval_in_milliseconds),
            max_number_of_attempts=retry.max_number_of_attempts,
        )
        return self._context.call_activity(name, input=given, retry_policy=policy)

    def call_sub_orchestrator(self, name: str, given: Any = None) -> Any:
        return self._context.call_sub_orchestrator(name, input=given)

    def create_timer(self, due: Any) -> Any:
        return self._context.create_timer(due)

    def wait_for_external_event(self, name: str) -> Any:
        return self._context.wait_for_external_event(name)

    def task_all(self, tasks: list[Any]) -> Any:
        from durabletask import task

        return task.when_all(tasks)


def _adapted(code: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    def orchestrator(context: Any, given: Any) -> Any:
        lent = Lent(context, given)
        made = code(lent)
        if not isinstance(made, GeneratorType):
            return made
        return _driven(made, lent, context)

    return orchestrator


def _driven(generator: Any, lent: Lent, context: Any) -> Any:
    value = None
    while True:
        lent.is_replaying = context.is_replaying
        lent.current_utc_datetime = context.current_utc_datetime
        try:
            task = generator.send(value)
        except StopIteration as stop:
            return stop.value
        value = yield task


def _events(history: RecordedHistory) -> list[Any]:
    """Translate a history; durabletask counts from 1."""
    from durabletask.internal import helpers

    events: list[Any] = []
    for event in history.events:
        match event:
            case OrchestratorStarted():
                at = from_us(event.at_us).replace(tzinfo=None)
                events.append(helpers.new_orchestrator_started_event(at))
            case ExecutionStarted():
                given = json.dumps(unwrap(event.input))
                made = helpers.new_execution_started_event(event.name, event.instance_id, given)
                events.append(made)
            case TaskScheduled():
                given = json.dumps(unwrap(event.input))
                number = event.event_id + 1
                events.append(helpers.new_task_scheduled_event(number, event.name, given))
            case TaskCompleted():
                events.append(helpers.new_task_completed_event(event.task_id + 1, event.result))
            case TimerCreated():
                due = from_us(event.fire_at_us).replace(tzinfo=None)
                events.append(helpers.new_timer_created_event(event.event_id + 1, due))
            case TimerFired():
                due = from_us(event.fire_at_us).replace(tzinfo=None)
                events.append(helpers.new_timer_fired_event(event.timer_id + 1, due))
            case EventRaised():
                events.append(helpers.new_event_raised_event(event.name, event.input))
            case SubOrchestrationInstanceCreated():
                given = json.dumps(unwrap(event.input))
                made = helpers.new_sub_orchestration_created_event(
                    event.event_id + 1, event.name, event.instance_id, given
                )
                events.append(made)
            case _:
                pass
    return events


def says(edit: Edit) -> str:
    """Return what durabletask says where the new code takes the history over."""
    from durabletask import worker
    from durabletask.internal import helpers
    from durabletask.serialization import JsonDataConverter

    history = midpoint(edit)
    registry = worker._Registry()  # type: ignore[no-untyped-call,unused-ignore]
    for function in load_app(edit.new).functions:
        if function.kind == "orchestrator":
            code = orchestrator_code(function.call)
            registry.add_named_orchestrator(function.name, _adapted(code))
    arguments: list[Any] = [registry, logging.getLogger("durabletask")]
    if "data_converter" in inspect.signature(worker._OrchestrationExecutor).parameters:
        arguments.append(JsonDataConverter())
    executor = worker._OrchestrationExecutor(*arguments)
    fresh = helpers.new_orchestrator_started_event(from_us(history.events[-1].at_us))
    found = executor.execute(history.instance_id, _events(history), [fresh])
    for action in found.actions:
        if action.HasField("completeOrchestration"):
            done = action.completeOrchestration
            if done.HasField("failureDetails"):
                return f"`{done.failureDetails.errorType.rpartition('.')[2]}`"
            return "completes"
    return "nothing" if not found.actions else f"nothing; takes {len(found.actions)} new step(s)"


def main() -> None:
    """Print the table."""
    logging.disable(logging.CRITICAL)
    lines = [
        f"durabletask {version('durabletask')}",
        "",
        "| edit | wfsim | durabletask |",
        "| --- | --- | --- |",
    ]
    for edit in sorted(EDITS.values(), key=lambda edit: (edit.verdict, edit.name)):
        with Replayer(edit.new) as replayer:
            result = replayer.replay(midpoint(edit))
        kind = f" ({edit.kind})" if edit.kind else ""
        name = edit.name.replace("_", " ")
        lines.append(f"| {name} | {result.verdict}{kind} | {says(edit)} |")
    Console(markup=False).print("\n".join(lines), soft_wrap=True)


if __name__ == "__main__":
    main()
