"""Strategies for hypothesis: schedules of a simulated world, budgets of faults, state machines."""

from __future__ import annotations

from dataclasses import fields

from hypothesis import strategies as st

from wfsim.errors import UsageError
from wfsim.explore.drawn import DrawnSchedule, drawn_schedules
from wfsim.explore.machine import DurableMachine
from wfsim.hub.faults import ALL_FAULTS, Faults

__all__ = ["DrawnSchedule", "DurableMachine", "faults", "schedules"]


def schedules(*, most: int = 20) -> st.SearchStrategy[DrawnSchedule]:
    """Return a strategy of schedules: `@given(schedule=schedules())`, `Simulation(…, schedule=…)`.

    Choices are drawn when the simulation asks. Examples shrink towards the quiet run, and a
    failing one tells in words what goes otherwise.

    Args:
        most: How many choices of one example may go otherwise than in the quiet run.

    Raises:
        UsageError: `most` is less than 1.
    """
    _check_at_least("schedules(most=…)", most, 1)
    return drawn_schedules(most)


def faults(*, most: int = 1) -> st.SearchStrategy[Faults]:
    """Return a strategy of what may go wrong: budgets for `Simulation(…, faults=…)`.

    Args:
        most: How many faults of each kind there may be.

    Raises:
        UsageError: `most` is negative.
    """
    _check_at_least("faults(most=…)", most, 0)
    counts = {
        field.name: st.integers(0, most)
        for field in fields(Faults)
        if getattr(ALL_FAULTS, field.name)  # others ask what if, and are no faults
    }
    return st.builds(Faults, **counts)


def _check_at_least(what: str, given: object, least: int) -> None:
    if not isinstance(given, int) or isinstance(given, bool) or given < least:
        raise UsageError(f"{what} must be an int of at least {least}, not {given!r}.")
