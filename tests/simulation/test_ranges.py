"""Activities that may take longer or shorter: the quiet world takes the shortest time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.apps import Context, Steps, app_of
from wfsim import Simulation, UsageError
from wfsim.explore import explore
from wfsim.scenario import load, play


def _races(context: Context) -> Steps:
    tasks = [context.call_activity("say", name) for name in ("hare", "tortoise")]
    winner = yield context.task_any(tasks)
    yield context.task_all(tasks)
    return winner.result


def _won(schedule: Any = None) -> Any:
    with Simulation(app_of(_races), schedule=schedule) as sim:
        sim.stub_activity("say", calls=lambda name: name, takes=("1s", "5s"))
        return sim.start("_races").result()


def test_the_quiet_world_takes_the_shortest_time() -> None:
    """Without a schedule a range is its shorter end."""
    with Simulation(app_of(_races)) as sim:
        sim.stub_activity("say", returns=1, takes=(timedelta(seconds=2), "5s"))
        run = sim.start("_races")
        run.result()
        assert run.finished_at == sim.now
        assert sim.now - run.created_at == timedelta(seconds=2)


def test_a_schedule_may_choose_another_time() -> None:
    """Which of two activities is first depends on how long each takes."""
    assert _won() == "hare"

    def slow_first(about: str, options: Any) -> int:
        return list(options).index("5s") if about.endswith("#0") and "5s" in options else 0

    assert _won(slow_first) == "tortoise"


def test_exploring_finds_the_other_winner() -> None:
    """Lengths within a range are part of what is always varied."""

    def scene(sim: Simulation) -> None:
        sim.stub_activity("say", calls=lambda name: name, takes=("1s", "5s"))
        assert sim.start("_races", instance_id="x").result() == "hare"

    found = explore(scene, app_of(_races), schedules=200)
    assert found.failures


@pytest.mark.parametrize(
    ("takes", "says"),
    [
        (("5s", "1s"), "must have the shorter time first"),
        (("1s", "2s", "3s"), "must be one length of time or a pair of two"),
        (("1s", "soon"), "the takes is 'soon'"),
    ],
)
def test_wrong_ranges_are_refused(takes: Any, says: str) -> None:
    """The message shows what was given."""
    with Simulation(app_of(_races)) as sim, pytest.raises(UsageError, match=says):
        sim.stub_activity("say", returns=1, takes=takes)


def test_scenarios_have_ranges(tmp_path: Path) -> None:
    """A list of two lengths is a range; other lists are refused with their line."""
    (tmp_path / "function_app.py").write_text(
        "import azure.durable_functions as df\n"
        "app = df.DFApp()\n"
        "@app.orchestration_trigger(context_name='context')\n"
        "def one(context):\n"
        "    return (yield context.call_activity('say', 1))\n"
        "@app.activity_trigger(input_name='value')\n"
        "def say(value: int) -> int:\n"
        "    return value\n"
    )
    head = "app: function_app.py\nstart: {orchestrator: one}\n"
    text = f"{head}stubs: {{activities: {{say: {{takes: %s}}}}}}\n"
    path = tmp_path / "one.yaml"
    path.write_text(text % "[2s, 5s]")
    assert play(load(path)).runs[0].finished_us == 2_000_000
    path.write_text(text % "[5s, 2s]")
    with pytest.raises(UsageError, match=r"a range is the shortest and the longest time"):
        load(path)
