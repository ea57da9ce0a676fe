"""Planted non-determinism is caught at the right line; what is right is not (semantics 4)."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import pytest

from tests.apps import Context, Steps, app_of
from tests.determinism import planted
from tests.determinism.marks import line_of
from tests.determinism.planted import RIGHT, WRONG
from wfsim import NonDeterminismError, Simulation

# Python 3.12 deprecates it, and users call it all the same.
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow")

CALLS = {
    "now": "datetime.now()",
    "utcnow": "datetime.utcnow()",
    "today": "date.today()",
    "time": "time.time()",
    "monotonic": "time.monotonic()",
    "random": "random.random()",
    "choice": "random.choice()",
    "shuffle": "random.shuffle()",
    "uuid4": "uuid.uuid4()",
    "uuid1": "uuid.uuid1()",
    "secrets": "secrets.token_hex()",
    "urandom": "os.urandom()",
    "own_generator": "random.Random()",
    "helper": "uuid.uuid4()",
    "closure": "datetime.now()",
    "decorated": "time.time_ns()",
    "output": "datetime.now()",
    "child_id": "uuid.uuid4()",
    "continue_as_new": "random.getrandbits()",
}


def caught(name: str) -> NonDeterminismError:
    with Simulation(app_of(WRONG[name], RIGHT["input"])) as sim:
        run = sim.start(f"uses_{name}")
        with pytest.raises(NonDeterminismError) as error:
            run.result(timeout="1d")
    return error.value


@pytest.mark.parametrize("name", WRONG)
def test_planted_non_determinism_is_caught_with_the_line_of_the_yield(name: str) -> None:
    """The error names the yield whose action differs, in whatever function it stands."""
    error = caught(name)
    assert error.orchestrator == f"uses_{name}"
    wanted = line_of(planted, f"yield: {name}")
    if wanted:
        assert Path(error.file).name == "planted.py"
        assert error.line == wanted


@pytest.mark.parametrize("name", [name for name in WRONG if "replaying" not in name])
def test_the_call_that_varied_is_named_with_its_line(name: str) -> None:
    """The user's own line, and the call as it is written there."""
    error = caught(name)
    assert Path(error.cause_file).name == "planted.py"
    assert error.cause_line == line_of(planted, f"cause: {name}")
    if name in CALLS:
        assert error.cause == CALLS[name]


@pytest.mark.parametrize("name", ["is_replaying", "is_replaying_late"])
def test_is_replaying_for_control_flow_is_named_as_the_cause(name: str) -> None:
    """Nothing else differs between the two passes, so that is what decides."""
    assert "context.is_replaying" in caught(name).cause


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("seed", range(3))
def test_the_correct_twins_are_not_flagged(name: str, seed: int) -> None:
    """The context's clock, seeds and ids, and clocks that only reach a log, are fine."""
    with Simulation(app_of(RIGHT[name]), seed=seed, guard="off") as sim:
        sim.start(f"right_{name}")
        sim.advance("1h")
        assert sim.findings == []


def test_the_error_shows_both_sides_and_the_way_out() -> None:
    """Recorded and replayed steps stand side by side, and the text ends with what to do."""
    error = caught("choice")
    text = str(error)
    assert error.step == 0
    assert error.recorded.startswith("call_activity say(")
    assert error.recorded in text
    assert error.replayed in text
    assert "What varied: random.choice() at " in text
    assert f"planted.py:{error.cause_line}\n" in text
    assert "take time, ids and randomness from its context or from activities" in text


def test_replay_off_checks_nothing() -> None:
    """Without the check a run takes what the clock says."""
    with Simulation(app_of(WRONG["now"]), replay="off", guard="off") as sim:
        run = sim.start("uses_now")
        run.result()
        assert run.status == "Completed"


@pytest.mark.parametrize("seed", range(5))
def test_a_coin_is_caught_whatever_the_seed(seed: int) -> None:
    """A choice of two is replayed often enough to see its other side."""

    def tosses(context: object) -> object:
        import random

        if random.random() < 0.5:
            yield context.call_activity("say", "heads")  # type: ignore[attr-defined]

    with Simulation(app_of(tosses), seed=seed) as sim:
        sim.start("tosses")
        with pytest.raises(NonDeterminismError, match=r"random\.random"):
            sim.run_until_idle()


PARTS = {
    "microsecond": lambda: datetime.now().microsecond,
    "second": lambda: datetime.now().second,
    "minute": lambda: datetime.now().minute,
    "hour": lambda: datetime.now().hour,
    "day": lambda: datetime.now().day,
    "weekday": lambda: datetime.now().weekday(),
    "month": lambda: datetime.now().month,
    "year": lambda: datetime.now().year,
    "whole seconds": lambda: int(time.time()),
    "nanoseconds": lambda: time.time_ns() % 1000_000,
}


@pytest.mark.parametrize("part", PARTS)
def test_every_part_of_the_wall_clock_varies(part: str) -> None:
    """Replays are apart by as much as a year and as little as a microsecond."""

    def partial(context: Context) -> Steps:
        yield context.call_activity("say", PARTS[part]())

    with Simulation(app_of(partial), guard="off") as sim:
        sim.start("partial")
        with pytest.raises(NonDeterminismError):
            sim.run_until_idle()
