"""Runs and checkpoints as plain data for comparing: the same in every process.

Ids and hashes are named by first appearance, keys are sorted, and what belongs to a release of the
framework and not to the workflow is left out: origins of events, texts of error details, forms of
cache keys, timestamps of checkpoints.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from wfsim.snapshot.naming import Naming
from wfsim.snapshot.plain import plain

if TYPE_CHECKING:
    from agent_framework import WorkflowCheckpoint, WorkflowEvent

    from wfsim.workflows.run import WorkflowRun

__all__ = ["CACHES", "checkpoint_data", "event_data", "readable_state", "run_data"]

CACHES: Final = ("_step_cache", "_step_cache_auto_request_info_counts")
"""Where functional workflows keep the results of their steps, and what belongs to these."""
_VERSION_2: Final = "v2::"


def run_data(run: WorkflowRun, naming: Naming | None = None) -> dict[str, Any]:
    """Return a run as plain data.

    Args:
        run: The run.
        naming: Shared with other data, where ids are to have the same names in both.
    """
    names = naming or Naming()
    return {
        "workflow": names.text(run.workflow),
        "status": run.status,
        "events": [event_data(event, names) for event in run.events],
        "outputs": plain(run.outputs, names),
        "failure": plain(run.failure, names),
        "answers": plain(run.answers, names),
        "pending": [names.text(request.id) for request in run.pending],
        "elapsed": str(run.elapsed),
        "checkpoints": checkpoint_data(run.checkpoints, names),
    }


def event_data(event: WorkflowEvent[Any], naming: Naming) -> dict[str, Any]:
    """Return an event of the framework as plain data, without what it does not say."""
    found: dict[str, Any] = {"type": event.type}
    if event.executor_id is not None:
        found["executor"] = naming.text(event.executor_id)
    if event.state is not None:
        found["state"] = event.state.name
    if event.iteration is not None:
        found["iteration"] = event.iteration
    if event.type == "request_info":
        found["request"] = naming.text(event.request_id)
        found["executor"] = naming.text(event.source_executor_id)
        found["response_type"] = plain(event.response_type, naming)
    if event.details is not None:
        found["error"] = event.details.error_type
    elif event.data is not None:
        found["data"] = plain(event.data, naming)
    return found


def checkpoint_data(
    checkpoints: Sequence[WorkflowCheckpoint], naming: Naming | None = None
) -> list[dict[str, Any]]:
    """Return checkpoints as plain data; each names its predecessor by place, from 1."""
    names = naming or Naming()
    places = {item.checkpoint_id: place for place, item in enumerate(checkpoints, 1)}
    return [_checkpoint(item, places, names) for item in checkpoints]


def _checkpoint(
    checkpoint: WorkflowCheckpoint, places: Mapping[str, int], names: Naming
) -> dict[str, Any]:
    previous = checkpoint.previous_checkpoint_id
    pending = checkpoint.pending_request_info_events
    return {
        "workflow": names.text(checkpoint.workflow_name),
        "previous": None if previous is None else places.get(previous, "elsewhere"),
        "iteration": checkpoint.iteration_count,
        "messages": plain(checkpoint.messages, names),
        "state": plain(readable_state(checkpoint.state), names),
        "pending": [event_data(event, names) for event in pending.values()],
        "metadata": plain(checkpoint.metadata, names),
    }


def readable_state(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return a checkpoint's state in which cached steps are called by their names."""
    return {key: _renamed(value) if key in CACHES else value for key, value in state.items()}


def _renamed(cache: Mapping[str, Any]) -> dict[str, Any]:
    """Return a cache of steps under names that are the same in every release."""
    seen: Counter[str] = Counter()
    found: dict[str, Any] = {}
    for key, value in cache.items():
        name = _step_of(key)
        seen[name] += 1
        found[f"{name} {seen[name]}"] = value
    return found


def _step_of(key: str) -> str:
    if key.startswith(_VERSION_2):
        return str(cast("list[object]", json.loads(key.removeprefix(_VERSION_2)))[1])
    return key.rpartition("::")[0]
