"""The fast lane and the wire lane: one result, whatever the app does and the world decides."""

from __future__ import annotations

import json
import random
import re
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from tests.apps import Context, Steps, app_of
from tests.hub import programs
from tests.hub.programs import EVENTS, PROGRAMS
from tests.scenes import SCENES, staged
from wfsim import InstanceError, Simulation
from wfsim.choices import Chooser

LOGS: dict[tuple[str, str], list[list[tuple[bool, str]]]] = {}
"""Per generation: what each pass has seen at each of its steps."""


AGENTS_CLOCK = re.compile(r"\d\d(\.\d+)?(?=\+00:00)")
"""Seconds that a framework reads from the wall clock for its requests: no two reads are equal."""


def program(context: Context) -> Steps:
    """Run a random program, and note what the context shows at each of its steps."""
    log: list[tuple[bool, str]] = []
    LOGS.setdefault((context.instance_id, json.dumps(context.get_input())), []).append(log)
    steps: Any = programs.program(context)
    resume, value = steps.send, None
    while True:
        # Not the property: whoever asks it and tells a status is not taken to the fast lane.
        log.append((context._is_replaying, context.current_utc_datetime.isoformat()))
        try:
            task = resume(value)
        except StopIteration as stop:
            return stop.value
        try:
            value = yield task
            resume = steps.send
        except Exception as error:
            resume, value = steps.throw, error


def chooser(seed: int) -> Chooser:
    """Return a schedule that answers at random."""
    rng = random.Random(seed)

    def choose(about: str, options: Sequence[str]) -> int:
        return rng.randrange(len(options))

    return choose


def played(
    plan: Any, events: list[tuple[int, str]], seed: int, replay: Any, code: Any = program
) -> list[str]:
    """Run a program in a world that is decided by `seed`, and return its trace."""
    with Simulation(
        app_of(code),
        schedule=chooser(seed),
        findings="ignore",
        max_steps=500,
        replay=replay,
        faults="all" if seed % 3 == 0 else None,
    ) as sim:
        sim.start("program", input=plan)
        for delay, name in events:
            sim.at(f"{delay}s", _raise, sim, name)
        sim.advance("90s")
        sim.advance("40d")
        return list(sim.trace.lines())


def _raise(sim: Simulation, name: str) -> None:
    run = sim.runs[0]
    if name == "rewind":
        if run.status == "Failed":
            run.rewind("once more")
    elif run.status.is_final:
        return
    elif name in EVENTS:
        run.raise_event(name, {"from": "the test"})
    else:
        with suppress(InstanceError):  # the host refuses to resume what is not suspended
            getattr(run, name)("the test wants it")


_ASKED = (*EVENTS, "suspend", "resume", "terminate", "rewind")
_RAISED = st.lists(st.tuples(st.integers(0, 100), st.sampled_from(_ASKED)), max_size=5)


@pytest.mark.slow
@given(plan=PROGRAMS, events=_RAISED, seed=st.integers(0, 1_000))
@settings(max_examples=150)
def test_random_programs_leave_the_same_trace(
    plan: Any, events: list[tuple[int, str]], seed: int
) -> None:
    """Every event, status, finding and choice is the same on both lanes, faults included."""
    wire = played(plan, events, seed, "all")
    fast = played(plan, events, seed, "every")
    note("\n".join(wire))
    assert fast == wire


@pytest.mark.slow
@given(plan=PROGRAMS, events=_RAISED, seed=st.integers(0, 1_000))
@settings(max_examples=150)
def test_self_contained_programs_leave_the_same_trace(
    plan: Any, events: list[tuple[int, str]], seed: int
) -> None:
    """Where code cannot tell whether it is replayed, less is done for it, and the same happens."""
    wire = played(plan, events, seed, "all", programs.program)
    note("\n".join(wire))
    for replay in ("every", "search"):
        assert played(plan, events, seed, replay, programs.program) == wire, replay


@pytest.mark.slow
@given(plan=PROGRAMS, events=_RAISED, seed=st.integers(0, 1_000).filter(lambda n: n % 3))
@settings(max_examples=100)
def test_random_programs_see_the_same_context(
    plan: Any, events: list[tuple[int, str]], seed: int
) -> None:
    """At each step `is_replaying` and the clock are as where each episode begins anew."""
    LOGS.clear()
    played(plan, events, seed, "off")
    wire = {key: _news(passes) for key, passes in LOGS.items()}
    LOGS.clear()
    played(plan, events, seed, "every")
    assert {key: passes[0] for key, passes in LOGS.items()} == wire


def _news(passes: list[list[tuple[bool, str]]]) -> list[tuple[bool, str]]:
    """Return what each pass saw beyond the steps of those before it."""
    seen: list[tuple[bool, str]] = []
    for log in passes:
        seen += log[len(seen) :]
    return seen


@pytest.mark.slow
@pytest.mark.parametrize("scene", SCENES)
def test_fixture_apps_leave_the_same_trace(scene: str) -> None:
    """Every scenario of every fixture app happens the same way on both lanes."""
    traces = []
    # The first run in a process draws what libraries draw when they are imported.
    for replay in ("every", "all", "every", "search"):
        with staged(scene, replay=replay) as (sim, until):
            sim.advance(until)
            traces.append([AGENTS_CLOCK.sub("", line) for line in sim.trace.lines()])
    _, wire, fast, searched = traces
    assert fast == wire
    assert searched == wire


def test_a_timer_that_is_cancelled_later_changes_what_was_told() -> None:
    """Cancelled in another episode than it was made in, it leaves the same history."""

    def remind(context: Context) -> Steps:
        answers = 0
        for _ in range(5):
            timer = context.create_timer(programs.later(context, hours=2))
            answer = context.wait_for_external_event("answer")
            if (yield context.task_any([answer, timer])) is answer:
                timer.cancel()
                answers += 1
            yield context.call_activity("say", answers)
        return answers

    histories = []
    for replay in ("all", "every"):
        with Simulation(app_of(remind), replay=replay) as sim:
            run = sim.start("remind", instance_id="one")
            for hours in (1, 2, 6):
                sim.at(f"{hours}h", run.raise_event, "answer", hours)
            assert run.result() == 3
            histories.append(str(run.history))
    assert histories[0] == histories[1]


def test_a_status_that_depends_on_replaying_is_that_of_production() -> None:
    """What only the first pass tells is gone with the next episode, as on the wire."""

    def tell_once(context: Context) -> Steps:
        if not context.is_replaying:
            context.set_custom_status("begun")
        yield context.wait_for_external_event("go")
        yield context.wait_for_external_event("end")

    for replay in ("every", "all", "off"):
        with Simulation(app_of(tell_once), replay=replay, findings="ignore") as sim:
            run = sim.start("tell_once")
            sim.run_until_idle()
            assert run.custom_status == "begun"
            run.raise_event("go")
            sim.run_until_idle()
            assert run.custom_status is None


def test_whoever_reads_the_whole_history_gets_it() -> None:
    """`context.histories` holds what it does where each episode begins anew."""
    lengths: list[int] = []

    def count(context: Context) -> Steps:
        for _ in range(3):
            yield context.call_activity("say", 1)
        lengths.append(len(context.histories))

    for replay in ("off", "every"):
        with Simulation(app_of(count), replay=replay) as sim:
            sim.start("count").result()
    assert lengths[0] == 14
    assert set(lengths) == {14}


LOCK = threading.Lock()
LEFT: list[str] = []


def _finally(context: Context) -> Steps:
    try:
        yield context.call_activity("say", 1)
        yield context.call_activity("say", 2)
    finally:
        LEFT.append("left")


def _locked(context: Context) -> Steps:
    with LOCK:
        yield context.call_activity("say", 1)
        yield context.call_activity("say", 2)
    LEFT.append("left")


def _bare(context: Context) -> Steps:
    try:
        yield context.call_activity("say", 1)
    except:
        LEFT.append("left")
        raise


def _all(context: Context) -> Steps:
    try:
        yield context.call_activity("say", 1)
    except (ValueError, GeneratorExit):
        LEFT.append("left")
        raise


def _helped(context: Context) -> Steps:
    yield context.call_activity("say", 0)
    yield from _finally(context)


def _nested(context: Context) -> Steps:
    try:
        try:
            yield context.call_activity("say", 1)
        except ValueError:
            LEFT.append("not this")
    finally:
        LEFT.append("left")


@pytest.mark.parametrize("code", [_finally, _locked, _bare, _all, _helped, _nested])
def test_what_is_held_is_let_go_at_the_end_of_each_episode(code: Any) -> None:
    """With `finally`, `with` and the like around a yield, episodes begin anew, as in production."""
    counts = []
    for replay in ("all", "every"):
        LEFT.clear()
        with Simulation(app_of(code), replay=replay) as sim:  # two at once would wait for the lock
            runs = [sim.start(code.__name__) for _ in range(2)]
            sim.run_until_idle()
            assert [str(run.status) for run in runs] == ["Completed", "Completed"]
        counts.append(len(LEFT))
    anew, kept = counts
    # That a helper holds something is seen when it first waits, which is once more then.
    assert abs(anew - kept) <= (4 if code is _helped else 0)
    assert kept > len(runs)


def test_an_exception_that_is_handled_holds_nothing() -> None:
    """`except` of a type, in the orchestrator or in a helper, stays on the fast lane."""
    passes: list[int] = []

    def helper(context: Context) -> Steps:
        try:
            yield context.call_activity("boom", 1)
        except (ValueError, Exception) as error:
            yield context.call_activity("say", str(error)[:5])

    def saga(context: Context) -> Steps:
        passes.append(1)
        try:
            yield from helper(context)
            yield context.call_activity("boom", 2)
        except KeyError:
            return "not this"
        except Exception:
            yield context.call_activity("say", 3)
        return "undone"

    counts = {}
    for replay in ("every", "all"):
        passes.clear()
        with Simulation(app_of(saga), replay=replay) as sim:
            assert sim.start("saga").result() == "undone"
        counts[replay] = len(passes)
    assert counts["all"] - counts["every"] == 4  # five episodes, one of which both begin anew
