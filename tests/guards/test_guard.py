"""What a guard makes of what it hears: once, at its place, as a warning, an error or nothing."""

from __future__ import annotations

import functools
import gc
import os
import random
import sys
import threading
import time
import uuid
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from tests.apps import Context, Steps, app_of
from tests.guards.support import heard
from wfsim import (
    FindingError,
    NonDeterminismError,
    Simulation,
    UsageError,
    WfsimWarning,
)
from wfsim.freeze.entropy import SHARED
from wfsim.workers.azure_functions.guarded import GuardedWorker


def asks_often(context: Context) -> Steps:
    for _ in range(3):
        os.environ.get("PRICES")
        yield context.call_activity("say", 0)


def asks_in_two_lines(context: Context) -> Steps:
    time.time()
    time.time()
    yield context.call_activity("say", 0)


def asks_twice_in_a_line(context: Context) -> Steps:
    yield context.call_activity("say", [bool(time.time()), bool(os.getpid())])


def _price() -> str | None:
    return os.environ.get("PRICES")


def _steps(context: Context) -> Steps:
    yield context.call_activity("say", 0)
    _price()


def delegates(context: Context) -> Steps:
    yield from _steps(context)


def _decorated(function: Callable[[Context], Steps]) -> Callable[[Context], Steps]:
    @functools.wraps(function)
    def wrapper(context: Context) -> Steps:
        time.monotonic()
        return function(context)

    return wrapper


@_decorated
def is_decorated(context: Context) -> Steps:
    yield context.call_activity("say", 0)


def returns_at_once(context: Context) -> int:
    return time.process_time_ns() * 0


def asks_when_it_is_new(context: Context) -> Steps:
    yield context.call_activity("say", 0)
    if not context.is_replaying:
        os.listdir(".")  # noqa: PTH208 - as users write it
    yield context.call_activity("say", 1)


def draws_late(context: Context) -> Steps:
    for n in range(9):
        if n == 7:
            random.random()
        yield context.call_activity("say", n)


def draws_a_choice_late(context: Context) -> Steps:
    for n in range(9):
        if n == 7:
            random.choice("ab")
        yield context.call_activity("say", n)


CASES = {
    asks_often: ["asks_often asks the environment: os.environ['PRICES']."],
    asks_in_two_lines: ["asks_in_two_lines reads a clock: time.time()."] * 2,
    asks_twice_in_a_line: [
        "asks_twice_in_a_line reads a clock: time.time().",
        "asks_twice_in_a_line asks the environment: os.getpid().",
    ],
    delegates: ["delegates asks the environment: os.environ['PRICES']."],
    is_decorated: ["is_decorated reads a clock: time.monotonic()."],
    returns_at_once: ["returns_at_once reads a clock: time.process_time_ns()."],
    asks_when_it_is_new: ["asks_when_it_is_new goes to the file system: os.listdir()."],
    draws_late: ["draws_late draws random numbers: random.random()."],
    draws_a_choice_late: ["draws_a_choice_late draws random numbers: random.choice()."],
}


@pytest.mark.parametrize("function", CASES, ids=lambda function: function.__name__)
@pytest.mark.parametrize("replay", ["every", "off"])
def test_each_place_is_told_once(function: Callable[..., Any], replay: Any) -> None:
    """However often a line is run, and by however many runs, it is one finding."""
    with Simulation(app_of(function), findings="ignore", replay=replay) as sim:
        for _ in range(2):
            sim.start(function.__name__).result()
    assert [message for _, message in heard(sim)] == CASES[function]


def test_it_warns_when_the_simulation_ends() -> None:
    """By default each finding is one warning, at the line of the call, that says the way out."""
    sim = Simulation(app_of(asks_often))
    sim.start("asks_often").result()
    (finding,) = sim.findings
    with pytest.warns(WfsimWarning, match=r"^WF120 .*: os\.environ\['PRICES'\]\. Read") as caught:
        sim.close()
    (warning,) = caught
    assert finding.place is not None
    assert (warning.filename, warning.lineno) == (__file__, finding.place.line)
    assert not finding.is_certain


def test_the_policy_of_findings_makes_errors_of_them() -> None:
    """`findings="error"` is for guards, too: it raises at the end."""
    simulation = Simulation(app_of(asks_often), findings="error")
    simulation.start("asks_often").result()
    with pytest.raises(FindingError, match=r"^WF120 "):
        simulation.close()


@pytest.mark.parametrize("findings", ["default", "ignore"])
@pytest.mark.parametrize("replay", ["every", "off"])
def test_error_raises_from_the_operation(findings: Any, replay: Any) -> None:
    """`guard="error"` stops the run where it asks, and the end says nothing more."""
    options: dict[str, Any] = {"findings": findings, "replay": replay}
    with Simulation(app_of(asks_in_two_lines), guard="error", **options) as sim:
        run = sim.start("asks_in_two_lines")
        with pytest.raises(FindingError, match=r"time\.time\(\)") as caught:
            run.result()
        assert run.status == "Running"
        assert caught.value.findings == tuple(sim.findings)
        assert len(sim.findings) == 2


def test_off_does_not_listen() -> None:
    """`guard="off"` is the worker as it is without guards."""
    with Simulation(app_of(asks_often), guard="off", findings="error") as sim:
        sim.start("asks_often").result()
        assert not isinstance(sim._world.hub.worker, GuardedWorker)
    assert sim.findings == []


def test_another_guard_is_refused() -> None:
    """There are three."""
    with pytest.raises(UsageError, match=r"guard='on' must be 'warn', 'error' or 'off'\."):
        Simulation(app_of(asks_often), guard="on")  # type: ignore[arg-type]


# --- beside the replay check --------------------------------------------------------------------


def pays(context: Context) -> Steps:
    key = str(uuid.uuid4())
    yield context.call_activity("say", key)


def pays_later(context: Context) -> Steps:
    key = str(uuid.uuid4())
    yield context.call_activity("say", 0)
    yield context.call_activity("say", key)


def asks_and_pays(context: Context) -> Steps:
    os.environ.get("PRICES")
    key = str(uuid.uuid4())
    yield context.call_activity("say", key)


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (pays, []),
        (pays_later, ["pays_later makes an id: uuid.uuid4()."]),
        (asks_and_pays, ["asks_and_pays asks the environment: os.environ['PRICES']."]),
    ],
)
def test_what_a_replay_shows_is_not_told_twice(
    function: Callable[..., Any], told: list[str]
) -> None:
    """Where a replay differs by a call, the error names it, and no warning does so again."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with Simulation(app_of(function)) as sim:
            run = sim.start(function.__name__)
            with pytest.raises(NonDeterminismError, match=r"uuid\.uuid4\(\)"):
                run.result()
    assert [message for _, message in heard(sim)] == told
    assert not any("uuid4" in str(warning.message) for warning in caught)
    assert len(caught) == sum("environment" in message for message in told)


# --- leaving everything else as it is -----------------------------------------------------------


def test_a_profiler_of_the_users_goes_on() -> None:
    """Where somebody looks at calls already, only what touches a wire is heard."""

    def kept(context: Context, clock: Callable[[], float] = time.thread_time) -> Steps:
        clock()
        time.time()
        yield context.call_activity("say", 0)

    seen: list[str] = []

    def watch(frame: Any, event: str, arg: object) -> None:
        seen.append(frame.f_code.co_name)

    simulation = Simulation(app_of(kept), findings="ignore")
    sys.setprofile(watch)
    try:
        simulation.start("kept").result()
    finally:
        sys.setprofile(None)
    assert "kept" in seen
    assert "reads a clock" in str(heard(simulation))
    simulation.close()


def test_garbage_is_collected_afterwards() -> None:
    """Collecting waits for the end of a step, and is on or off as before."""
    with Simulation(app_of(asks_often), findings="ignore") as sim:
        sim.start("asks_often").result()
        assert gc.isenabled()
        gc.disable()
        try:
            sim.start("asks_often").result()
            assert not gc.isenabled()
        finally:
            gc.enable()


def test_nothing_stays_in_place() -> None:
    """After an orchestrator, the environment, `random` and `threading` are what they were."""
    before = (random.random, random.getrandbits, vars(threading).copy(), vars(os.environ).copy())
    with Simulation(app_of(draws_late), findings="ignore") as sim:
        sim.start("draws_late").result()
    after = (random.random, random.getrandbits, vars(threading), vars(os.environ))
    assert before == after
    assert "random" not in vars(SHARED)


def test_other_threads_are_not_heard() -> None:
    """What another thread does meanwhile is nobody's doing here."""
    done: list[str] = []

    def work() -> None:
        done.append(os.environ.get("PRICES", ""))

    def starts(context: Context) -> Steps:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        yield context.call_activity("say", 0)

    with Simulation(app_of(starts), findings="ignore") as sim:
        sim.start("starts").result()
    assert done
    assert [message for _, message in heard(sim)] == [
        "starts starts a thread: threading.Thread.start()."
    ]


def test_real_clocks_are_heard_too() -> None:
    """With `freeze=False` nothing replaces the clocks; calls of them are seen all the same."""

    def reads(context: Context) -> Steps:
        time.time()
        yield context.call_activity("say", 0)

    with Simulation(app_of(reads), freeze=False, findings="ignore") as sim:
        sim.start("reads").result()
    assert [message for _, message in heard(sim)] == ["reads reads a clock: time.time()."]
