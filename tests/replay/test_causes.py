"""What was probably done to the code, for edits of every shape."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.apps import Context, Steps
from tests.replay.recorded import played, replayed
from wfsim.replay import ReplayResult


def a(value: Any) -> str:
    return "a"


def b(value: Any) -> str:
    return "b"


def c(value: Any) -> str:
    return "c"


def _story(*names: str) -> Callable[[Context], Steps]:
    """Return an orchestrator that calls activities, or waits an hour for "timer"."""

    def order(context: Context) -> Steps:
        for name in names:
            if name == "timer":
                due = context.current_utc_datetime + timedelta(hours=1)
                yield context.create_timer(due)
            elif name == "child":
                yield context.call_sub_orchestrator("child", 1)
            elif name == "entity":
                yield context.call_entity(_counter(), "add", 1)
            else:
                yield context.call_activity(name, 1)

    return order


def _counter() -> Any:
    import azure.durable_functions as df

    return df.EntityId("counter", "a")


def child(context: Context) -> str:
    return "grown"


def _advance(sim: Any, run: Any) -> None:
    sim.advance("1d")


def _told(old: tuple[str, ...], new: tuple[str, ...]) -> ReplayResult:
    history = played(_story(*old), a, b, c, child, play=_advance)
    return replayed(history, _story(*new), a, b, c, child)


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ("a b c", "a c", "a step was removed: activity 'b'"),
        ("a b c", "a c b", "order changed: activity 'c' moved"),
        ("a b", "a timer", "activity 'b' is timer of 1h now"),
        ("a timer b", "a b", "a step was removed: timer of 1h"),
        ("a b", "a c b", "activity 'c' was inserted before activity 'b'"),
        ("a child b", "a b", "a step was removed: sub-orchestration 'child'"),
        ("a b", "a child b", "sub-orchestration 'child' was inserted before activity 'b'"),
        ("a a a b", "a a b", "a loop ends earlier: activity 'a' comes 2 times, where it came 3"),
        ("a b c", "b", "steps were removed: activity 'a' and activity 'c'"),
        ("a b", "c timer a", "activity 'c' and timer of 1h were inserted, and more changed after"),
        ("a b c", "a", "the last steps were removed: activity 'b' and activity 'c'"),
        ("a b c", "c", "the first steps were removed: activity 'a' and activity 'b'"),
        ("a b c a b", "a", "the last steps were removed: activity 'b' and activity 'c' and 1"),
    ],
)
def test_an_edit_is_named(old: str, new: str, cause: str) -> None:
    """Removed, moved, replaced, inserted, or a loop that ends earlier."""
    found = _told(tuple(old.split()), tuple(new.split())).difference
    assert found is not None
    assert cause in found.cause


def test_an_event_that_is_not_waited_for_is_named() -> None:
    """The recorded code took an event; today's waits for nothing of that kind."""

    def old(context: Context) -> Steps:
        yield context.wait_for_external_event("go")
        yield context.call_activity("a", 1)

    def new(context: Context) -> Steps:
        yield context.create_timer(context.current_utc_datetime + timedelta(hours=1))
        yield context.call_activity("a", 1)

    def play(sim: Any, run: Any) -> None:
        sim.at("2h", run.raise_event, "go", True)
        sim.advance("1d")

    found = replayed(played(old, a, play=play), new, a).difference
    assert found is not None
    assert found.kind == "extra"

    def end(context: Context) -> Steps:
        yield context.wait_for_external_event("go")
        yield context.wait_for_external_event("go on")

    def other(context: Context) -> Steps:
        yield context.wait_for_external_event("stop")

    found = replayed(played(old, a, play=play), other, a).difference
    assert found is not None
    assert found.cause == "event 'go' came, and today's code waits for 'stop'"
    assert replayed(played(old, a, play=play), end, a).difference is not None


def test_code_that_ends_where_the_old_one_waited() -> None:
    """An instance under way would end at the next thing that comes."""

    def old(context: Context) -> Steps:
        yield context.call_activity("a", 1)
        timer = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
        event = context.wait_for_external_event("go")
        yield context.task_any([timer, event])

    def new(context: Context) -> Steps:
        yield context.call_activity("a", 1)
        timer = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
        timer.cancel()

    found = replayed(played(old, a), new, a)
    assert found.verdict == "incompatible"
    assert found.difference is not None
    assert found.difference.kind == "missing"


def counter(context: Any) -> None:
    context.set_result((context.get_state(lambda: 0) or 0) + 1)


@pytest.mark.parametrize("call", ["child", "entity"])
def test_today_is_followed_over_children_and_entities(call: str) -> None:
    """What answered them then answers them now, whatever number they have today."""
    import azure.durable_functions as df

    from tests.apps import app_of
    from tests.replay.recorded import histories_of
    from wfsim import Simulation
    from wfsim.replay import Replayer

    def app(*names: str) -> Any:
        made: df.DFApp = app_of(_story(*names), a, b, child)
        made.entity_trigger(context_name="context")(counter)
        return made

    with Simulation(app("a", call, "b"), findings="ignore") as sim:
        run = sim.start("order", instance_id="order-17")
        sim.run_until_idle()
        assert run.status == "Completed"
        history = next(h for h in histories_of(sim.trace) if h.name == "order")
    with Replayer(app("a", call, "b")) as same:
        assert same.replay(history).verdict == "compatible"
    with Replayer(app(call, "b")) as shorter:
        found = shorter.replay(history).difference
    assert found is not None
    assert found.cause == "the first step was removed: activity 'a'"
