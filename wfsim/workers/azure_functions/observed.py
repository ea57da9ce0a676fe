"""What an observation says of an orchestrator's waits, in the hub's words."""

from __future__ import annotations

from wfsim.clock import to_us
from wfsim.hub.worker import Waiting
from wfsim.workers.azure_functions._sdk import Observation

__all__ = ["waiting_of"]


def waiting_of(seen: Observation) -> Waiting:
    """Return what an orchestrator waits for, and what it has waited for so far."""
    waits, asked = seen.waits(), seen.event_waits()

    def of(kind: str) -> tuple[str, ...]:
        return tuple(str(detail) for found, detail in waits if found == kind)

    return Waiting(
        events=of("event"),
        timers_us=tuple(to_us(detail) for found, detail in waits if found == "timer"),
        activities=of("activity"),
        children=of("child"),
        entities=of("entity"),
        place=seen.current_place,
        events_asked=tuple(name for name, _ in asked),
        events_taken=tuple(name for name, came in asked if came),
    )
