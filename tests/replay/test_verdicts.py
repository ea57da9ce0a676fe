"""What `Replayer` says of edits, one at a time: the same story, told by old and by new code."""

from __future__ import annotations

import inspect
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.apps import Context, Steps, app_of
from tests.replay.recorded import Play, played, replayed
from wfsim import UsageError
from wfsim.history import ExecutionCompleted, OrchestratorStarted, RuntimeStatus, TaskScheduled
from wfsim.replay import Gap, RecordedHistory, Replayer, ReplayResult


def reserve(order: Any) -> str:
    return "reserved"


def charge(order: Any) -> str:
    return "charged"


def ship(order: Any) -> str:
    return "shipped"


def order(context: Context) -> Steps:
    reserved = yield context.call_activity("reserve", {"id": 1})
    timer = context.create_timer(context.current_utc_datetime + timedelta(hours=24))
    approval = context.wait_for_external_event("approval")
    if (yield context.task_any([timer, approval])) == approval:
        timer.cancel()
    charged = yield context.call_activity("charge", {"of": reserved})
    return (yield context.call_activity("ship", {"of": charged}))


def _approved(sim: Any, run: Any) -> None:
    sim.at("2h", run.raise_event, "approval", True)
    sim.advance(hours=3)


def _history(play: Play | None = _approved) -> RecordedHistory:
    return played(order, reserve, charge, ship, play=play)


def _replayed(code: Any, history: RecordedHistory | None = None, *more: Any) -> ReplayResult:
    return replayed(history or _history(), code, reserve, charge, ship, *more)


def _line(code: Any, text: str) -> int:
    """Return the number of the only line of some code that has a text in it."""
    lines = inspect.getsource(code).splitlines()
    first: int = code.__code__.co_firstlineno
    return first + next(number for number, line in enumerate(lines) if text in line)


@pytest.mark.parametrize("play", [None, _approved])
def test_unchanged_code_is_compatible(play: Play | None) -> None:
    """The code that made a history takes it over at every turn border, running or over."""
    result = _replayed(order, _history(play))
    assert (result.verdict, result.difference, result.warnings) == ("compatible", None, ())
    assert result.turns == (2 if play is None else 5)


def test_a_renamed_activity_is_named_with_its_line() -> None:
    """Another activity at a step that is done: kind, number, both names, and the yield."""

    def bill(order: Any) -> str:
        return "billed"

    def new(context: Context) -> Steps:
        reserved = yield context.call_activity("reserve", {"id": 1})
        timer = context.create_timer(context.current_utc_datetime + timedelta(hours=24))
        approval = context.wait_for_external_event("approval")
        if (yield context.task_any([timer, approval])) == approval:
            timer.cancel()
        charged = yield context.call_activity("bill", {"of": reserved})
        return (yield context.call_activity("ship", {"of": charged}))

    result = _replayed(new, None, bill)
    found = result.difference
    assert (result.verdict, found and found.kind, found and found.step) == (
        "incompatible",
        "name",
        2,
    )
    assert found
    assert found.cause.startswith("activity 'charge' is 'bill' now")
    assert found.place is not None
    assert found.place.line == _line(new, '"bill"')
    assert "named 'charge', but the current" in found.host
    assert [row.step for row in found.rows if row.differs] == [2]
    assert len(found.ways_out) == 3


def test_an_activity_that_is_gone_is_not_registered() -> None:
    """A recorded step whose function the app lacks says so, with the nearest name."""

    def new(context: Context) -> Steps:
        yield context.call_activity("reserv", {"id": 1})

    found = _replayed(new).difference
    assert found
    assert found.cause.startswith("activity 'reserv' is not registered.")


def test_another_event_name_shows_where_the_event_came() -> None:
    """The recorded code took an event that today's code leaves lying."""

    def new(context: Context) -> Steps:
        reserved = yield context.call_activity("reserve", {"id": 1})
        timer = context.create_timer(context.current_utc_datetime + timedelta(hours=24))
        approved = context.wait_for_external_event("approved")
        if (yield context.task_any([timer, approved])) == approved:
            timer.cancel()
        yield context.call_activity("charge", {"of": reserved})

    found = _replayed(new).difference
    assert found
    assert (found.kind, found.turn) == ("event", 3)
    assert found.cause == "event 'approval' came, and today's code waits for 'approved'"


def test_an_event_that_ends_the_run_shows_without_any_decision() -> None:
    """Where an event was the last thing to come, waiting for another one is a difference."""

    def waits(context: Context) -> Steps:
        return (yield context.wait_for_external_event("approval"))

    def new(context: Context) -> Steps:
        return (yield context.wait_for_external_event("approved"))

    found = _replayed(new, played(waits, play=_approved)).difference
    assert found
    assert (found.kind, found.recorded) == ("event", "ends as Completed")


def test_appended_steps_are_compatible() -> None:
    """What comes after the end of a recorded run, another wait included, is new business."""

    def calls(context: Context) -> Steps:
        yield from order(context)
        yield context.call_activity("reserve", {"id": 2})

    def waits(context: Context) -> Steps:
        yield from order(context)
        yield context.wait_for_external_event("receipt")

    assert [_replayed(code).verdict for code in (calls, waits)] == ["compatible"] * 2


def test_inputs_timers_are_warnings() -> None:
    """A changed input and a changed timer of steps that are done: the host tolerates both."""

    def new(context: Context) -> Steps:
        reserved = yield context.call_activity("reserve", {"id": 1})
        timer = context.create_timer(context.current_utc_datetime + timedelta(hours=48))
        approval = context.wait_for_external_event("approval")
        if (yield context.task_any([timer, approval])) == approval:
            timer.cancel()
        charged = yield context.call_activity("charge", {"of": reserved, "vat": 0.25})
        return (yield context.call_activity("ship", {"of": charged}))

    result = _replayed(new)
    assert result.verdict == "warning"
    assert [(item.kind, item.recorded, item.replayed) for item in result.warnings] == [
        ("timer", "create_timer(1d)", "create_timer(2d)"),
        (
            "input",
            'call_activity charge({"of": "reserved"})',
            'call_activity charge({"of": "reserved", "vat": 0.25})',
        ),
    ]


def test_inputs_that_are_not_stored_are_not_compared() -> None:
    """Without inputs in the history, a changed one is neither warned of nor passed over."""

    def new(context: Context) -> Steps:
        yield context.call_activity("reserve", {"id": 2})

    def old(context: Context) -> Steps:
        yield context.call_activity("reserve", {"id": 1})

    known = played(old, reserve)
    events = [replace(e, input=None) if isinstance(e, TaskScheduled) else e for e in known.events]
    unknown = replace(known, events=tuple(events), gaps=frozenset({Gap.INPUTS}))
    assert _replayed(new, known).verdict == "warning"
    result = _replayed(new, unknown)
    assert result.verdict == "compatible"
    assert Gap.INPUTS.value in result.not_compared


def test_equal_calls_whose_inputs_changed_places_are_another_order() -> None:
    """In a fan-out to one activity only inputs tell the calls apart: results would go astray."""

    def old(context: Context) -> Steps:
        yield context.task_all([context.call_activity("ship", item) for item in ("a", "b")])

    def new(context: Context) -> Steps:
        yield context.task_all([context.call_activity("ship", item) for item in ("b", "a")])

    found = _replayed(new, played(old, ship)).difference
    assert found
    assert (found.kind, found.step) == ("order", 0)


def test_steps_made_parallel_are_too_many_in_a_turn_that_is_over() -> None:
    """The host would take the extra step without a word; the verdict does not."""

    def old(context: Context) -> Steps:
        yield context.call_activity("charge", 1)
        yield context.call_activity("ship", 2)

    def new(context: Context) -> Steps:
        yield context.task_all(
            [context.call_activity("charge", 1), context.call_activity("ship", 2)]
        )

    found = _replayed(new, played(old, charge, ship)).difference
    assert found
    assert (found.kind, found.step, found.host) == ("extra", 1, "")
    assert "made parallel" in found.cause


def test_steps_made_sequential_are_missing() -> None:
    """The reverse is what the host itself rejects."""

    def old(context: Context) -> Steps:
        yield context.task_all(
            [context.call_activity("charge", 1), context.call_activity("ship", 2)]
        )

    def new(context: Context) -> Steps:
        yield context.call_activity("charge", 1)
        yield context.call_activity("ship", 2)

    found = _replayed(new, played(old, charge, ship)).difference
    assert found
    assert (found.kind, found.step) == ("missing", 1)
    assert "hasn't (yet?) scheduled" in found.host
    assert "made sequential" in found.cause


def test_an_instance_with_nothing_to_wait_for_is_stuck() -> None:
    """The wait that held an instance is gone: nothing will ever run it again."""

    def waits(context: Context) -> Steps:
        yield context.wait_for_external_event("go")
        yield context.call_activity("ship", 1)

    def new(context: Context) -> Steps:
        yield context.call_activity("ship", 1)

    result = _replayed(new, played(waits, ship))
    assert result.verdict == "stuck"
    assert result.difference
    assert result.difference.kind == "extra"


def test_code_that_raises_names_its_error() -> None:
    """Today's code fails on what production recorded."""

    def new(context: Context) -> Steps:
        reserved = yield context.call_activity("reserve", {"id": 1})
        yield context.call_activity("charge", reserved["id"])

    found = _replayed(new).difference
    assert found
    assert (found.kind, found.place and found.place.line) == ("fails", _line(new, '["id"]'))
    assert "TypeError" in found.cause


def test_a_branch_on_chance_is_blamed() -> None:
    """Where time or randomness decide, that is the cause, with its line."""

    def new(context: Context) -> Steps:
        which = "charge" if random.random() < 0.5 else "ship"
        yield context.call_activity(which, {"id": 1})

    found = _replayed(new).difference
    assert found
    assert found.cause.startswith("it branches on random.random() at ")
    assert found.cause.endswith(f"test_verdicts.py:{_line(new, 'random.random()')}")


def test_what_was_not_saved_is_new_business() -> None:
    """Of a turn that the host had not saved yet, nothing is missed."""
    history = _history(None)
    begins = [i for i, event in enumerate(history.events) if isinstance(event, OrchestratorStarted)]
    middle = replace(history, events=history.events[: begins[-1] + 2])

    def new(context: Context) -> Steps:
        yield context.call_activity("reserve", {"id": 1})
        yield context.call_activity("ship", 1)

    assert _replayed(new, middle).verdict == "compatible"


def test_what_the_host_broke_is_replayed_as_far_as_code_decided() -> None:
    """An instance that an earlier deployment broke ends with the host's words, not with code's."""
    history = _history()
    end = history.events[-2]
    assert isinstance(end, ExecutionCompleted)
    words = "Non-Deterministic workflow detected: x"
    broken = replace(end, status=RuntimeStatus.FAILED, result=words)
    events = (*history.events[:-2], broken, history.events[-1])
    result = _replayed(order, replace(history, events=events, status=RuntimeStatus.FAILED))
    assert (result.verdict, result.turns) == ("compatible", 4)


def test_an_orchestrator_that_is_gone_is_incompatible() -> None:
    """Its instances would fail; the nearest name is told."""
    with Replayer(app_of(order, reserve, charge, ship)) as replayer:
        history = _history()
        gone = replace(history.started, name="ordr")
        result = replayer.replay(replace(history, started=gone))
    assert result.verdict == "incompatible"
    assert result.difference
    assert result.difference.cause.endswith("Did you mean 'order'?")


def test_only_histories_are_replayed() -> None:
    """Anything else is a wrong call that says what to do."""
    with Replayer(app_of(order)) as replayer, pytest.raises(UsageError, match="load_history"):
        replayer.replay("order-17.json")  # type: ignore[arg-type]
