"""Handles of orchestrations: what a run shows, and what one may ask of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from yarl import URL

from wfsim.clock import format_duration, from_us, parse_duration
from wfsim.errors import (
    OrchestrationFailed,
    OrchestrationTimeout,
    StuckError,
    UsageError,
)
from wfsim.history import History, RuntimeStatus
from wfsim.history.jsontext import JsonValue, parse, unwrap, write
from wfsim.hub import management
from wfsim.hub.decisions import CreateTimer
from wfsim.hub.versions import refusal
from wfsim.waiting import WaitingFor

if TYPE_CHECKING:
    from wfsim.hub.hub import Hub
    from wfsim.hub.instance import Instance
    from wfsim.world import World

__all__ = ["OrchestrationRun"]

_LONGEST_RESULT = timedelta(days=366)
"""How far `result` goes when it is given no timeout: some workflows never end."""


class OrchestrationRun:
    """One orchestration instance."""

    def __init__(self, world: World, instance_id: str) -> None:
        self._world = world
        self._hub = world.hub
        self.instance_id = instance_id

    def __repr__(self) -> str:
        instance = self._hub.instances.get(self.instance_id)
        if instance is None:
            return f"<OrchestrationRun {self.instance_id!r}: purged>"
        return f"<OrchestrationRun {instance.name} {self.instance_id!r}: {instance.status}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, OrchestrationRun):
            return NotImplemented
        return self._hub is other._hub and self.instance_id == other.instance_id

    def __hash__(self) -> int:
        return hash((id(self._hub), self.instance_id))

    @property
    def _instance(self) -> Instance:
        return management.find(self._hub, self.instance_id)

    @property
    def _open_hub(self) -> Hub:
        self._world.require_open()
        return self._hub

    # --- what it shows --------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The orchestrator."""
        return self._instance.name

    @property
    def status(self) -> RuntimeStatus:
        """Its status; equal to text such as "Completed"."""
        return self._instance.status

    @property
    def input(self) -> JsonValue:
        """What it was started with; after continue_as_new, the present generation's input."""
        return unwrap(self._instance.started.input)

    @property
    def output(self) -> JsonValue:
        """What it returned; the failure's or termination's text where it ended that way.

        None while it has not ended.
        """
        instance = self._instance
        if not instance.status.is_final:
            return None
        if instance.status is RuntimeStatus.COMPLETED:
            return parse(instance.result)
        return instance.result

    @property
    def failure(self) -> str | None:
        """The text with which it failed, or None."""
        instance = self._instance
        return instance.result if instance.status is RuntimeStatus.FAILED else None

    @property
    def custom_status(self) -> JsonValue:
        """What the latest episode set as custom status."""
        return parse(self._instance.custom_status)

    @property
    def history(self) -> History:
        """The events of the present generation."""
        return History(self._instance.history)

    @property
    def children(self) -> list[OrchestrationRun]:
        """The sub-orchestrations that the present generation started and that still exist."""
        known = self._hub.instances
        return [
            OrchestrationRun(self._world, child)
            for child in dict.fromkeys(self._instance.children)
            if child in known
        ]

    @property
    def is_child(self) -> bool:
        """Whether another run started it as a sub-orchestration."""
        return self._instance.started.parent is not None

    @property
    def created_at(self) -> datetime:
        """When the present generation was started."""
        return from_us(self._instance.created_us)

    @property
    def finished_at(self) -> datetime | None:
        """When it ended."""
        finished_us = self._instance.finished_us
        return None if finished_us is None else from_us(finished_us)

    @property
    def finished_us(self) -> int | None:
        """When it ended, in microseconds since 1970."""
        return self._instance.finished_us

    @property
    def is_purged(self) -> bool:
        """Whether it has been deleted."""
        self._hub.look(self.instance_id)
        return self.instance_id not in self._hub.instances

    @property
    def waiting_for(self) -> WaitingFor:
        """What the orchestrator waits for, such as `{"events": ["approval"], "timers": [24h]}`.

        Timers are the time that is left, soonest first.
        """
        instance = self._instance
        if instance.status.is_final or instance.last_episode is None:
            return WaitingFor()
        with self._world.looking():
            waiting = self._hub.worker.waiting(instance.last_episode)
        now_us = self._world.clock.now_us
        timers = sorted({*waiting.timers_us, *_retry_timers(instance, waiting.timers_us)})
        everything: dict[str, list[Any]] = {
            "events": list(waiting.events),
            "timers": [timedelta(microseconds=max(0, due_us - now_us)) for due_us in timers],
            "activities": list(waiting.activities),
            "children": list(waiting.children),
            "entities": list(waiting.entities),
        }
        return WaitingFor({kind: items for kind, items in everything.items() if items})

    # --- what one may ask of it -----------------------------------------------------------------

    def raise_event(self, name: str, data: object = None, *, via: str = "http") -> None:
        """Send an external event.

        Args:
            name: The event's name, as the orchestrator waits for it. It travels in a URL, and the
                host does not decode that: "a b" arrives as "a%20b", whatever is waited for.
            data: Its payload, a JSON value.
            via: "http" posts it as the HTTP API does, so that the orchestrator gets the value;
                "client" sends it as the Python client does, and the orchestrator gets JSON text.

        Raises:
            InstanceError: the instance is unknown or has ended.
            UsageError: the payload is not JSON, the name is empty, or `via` is neither.
        """
        if not name:
            raise UsageError("An external event needs a name, and got ''.")
        if "/" in name:
            raise UsageError(
                f"The event name {name!r} has a '/', with which the host finds no route (404). "
                "Choose another separator."
            )
        if via not in {"http", "client"}:
            raise UsageError(f"via={via!r} must be 'http' or 'client'.")
        try:
            payload = write(json.loads(json.dumps(data)))
        except (TypeError, ValueError) as error:
            raise UsageError(f"The payload of event {name!r} is not JSON: {error}.") from None
        if via == "client":
            payload = write(json.dumps(data))
        on_the_wire = URL.build(path=f"/{name}").raw_path[1:]
        management.raise_event(self._open_hub, self.instance_id, on_the_wire, payload)

    def terminate(self, reason: str = "") -> None:
        """End it, whatever it waits for; children go on. One that has ended stays as it is."""
        management.terminate(self._open_hub, self.instance_id, reason)

    def suspend(self, reason: str = "") -> None:
        """Pause it: events and results queue up until `resume`.

        Raises:
            InstanceError: it is suspended already.
        """
        management.suspend(self._open_hub, self.instance_id, reason)

    def resume(self, reason: str = "") -> None:
        """Let a suspended run go on.

        Raises:
            InstanceError: it is not suspended.
        """
        management.resume(self._open_hub, self.instance_id, reason)

    def rewind(self, reason: str = "") -> None:
        """Run the failed parts of a failed run again; what succeeded is not run twice.

        Raises:
            InstanceError: it has not failed.
        """
        management.rewind(self._open_hub, self.instance_id, reason)

    def restart(self, *, new_instance_id: bool = True) -> OrchestrationRun:
        """Start it again with the same input, under an id of its own or the same one.

        Raises:
            InstanceError: the id is to be kept, and the run has not ended.
        """
        copy = management.restart(self._open_hub, self.instance_id, new_id=new_instance_id)
        return OrchestrationRun(self._world, copy.instance_id)

    def purge(self) -> None:
        """Delete it with its history; children stay."""
        management.purge(self._open_hub, self.instance_id)

    # --- its end --------------------------------------------------------------------------------

    def result(self, *, timeout: timedelta | str | None = None) -> JsonValue:
        """Move time from one thing that happens to the next until the run ends.

        Args:
            timeout: The most virtual time to move; the default is a year.

        Returns:
            What the orchestrator returned.

        Raises:
            OrchestrationFailed: it failed or was terminated; the original exception is chained.
            OrchestrationTimeout: it did not end in time.
            StuckError: it waits for something that nobody will send.
        """
        span = _LONGEST_RESULT if timeout is None else timeout
        deadline_us = self._world.clock.now_us + parse_duration(span, what="timeout")
        self._world.move_until(self._has_ended, deadline_us)
        self._hub.has_waited(self.instance_id)
        instance = self._instance
        if not instance.status.is_final:
            raise self._unfinished(span)
        if instance.status is not RuntimeStatus.COMPLETED:
            raise self._failed(instance)
        return parse(instance.result)

    def _has_ended(self) -> bool:
        instance = self._hub.instances.get(self.instance_id)  # asked after each step
        return (self._instance if instance is None else instance).status.is_final

    def _unfinished(self, span: timedelta | str) -> OrchestrationTimeout | StuckError:
        instance = self._instance
        waiting = self.waiting_for
        what = f"{instance.name} {self.instance_id!r} is {instance.status}"
        version = instance.started.version
        refused = refusal(self._hub.settings, version)
        if refused is not None:
            return StuckError(
                f"{what}: the host does not take its version {version!r}, {refused}. "
                "Start it in a version that this app runs, or set defaultVersion in host.json."
            )
        if self._world.is_stuck():
            return StuckError(
                f"{what} and nothing more will happen: it waits for {waiting}. "
                "Raise the event it waits for, or let it give up after a timer."
            )
        shown = format_duration(parse_duration(span, what="timeout"))
        return OrchestrationTimeout(
            f"{what} after {shown} of virtual time: it waits for {waiting}. "
            "Give result() a longer timeout=, or find out why it takes that long."
        )

    def _failed(self, instance: Instance) -> OrchestrationFailed:
        # The host's details are a page of JSON; its first line is what went wrong.
        text = (instance.result or "").partition(" \n ")[0]
        error = OrchestrationFailed(
            f"{instance.name} {self.instance_id!r} ended as {instance.status}: {text}"
        )
        error.instance_id = self.instance_id
        error.status = str(instance.status)
        error.output = instance.result
        error.__cause__ = original_of(instance.error, self._hub.activity_errors.get)
        return error


def original_of(
    error: BaseException | None, lookup: Callable[[str], BaseException | None]
) -> BaseException | None:
    """Follow the plain exceptions that the SDK makes of failed tasks back to what was raised."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        # What the SDK makes is an Exception and no subclass; texts of entities' failures are short,
        # and the user's own exceptions may have the same.
        known = lookup(str(error)) if type(error) is Exception else None
        deeper = known or error.__cause__
        if deeper is None:
            return error
        error = deeper
    return error


def _retry_timers(instance: Instance, known_us: tuple[int, ...]) -> list[int]:
    """Return the timers that the host made by itself, between the attempts of a retry."""
    if instance.last_pass is None or known_us:
        return []
    open_tasks = instance.last_pass.context.open_tasks.values()
    decisions = [entry.decision for entry in open_tasks]
    return [item.fire_at_us for item in decisions if isinstance(item, CreateTimer)]
