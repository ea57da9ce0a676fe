"""What an explored run may use of earlier ones never shows in what it finds."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.explore.corpus import BUGS, CORPUS, Manifest
from tests.explore.remembered import kept, run, trials
from wfsim.errors import ScenarioError
from wfsim.explore.repeats import Repeats
from wfsim.explore.trial import ScenarioTrial
from wfsim.hub.settings import HostSettings
from wfsim.scenario import load
from wfsim.workers.azure_functions.memory import EpisodeMemory

BENCHMARKS = Path(__file__).parents[1] / "benchmarks" / "explored"
SEEDS = [*range(settings().max_examples // 10)]
ENDLESS = "watering_endless_history"
# Generators that yield in a `finally` block complain when they are freed, remembered or not.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

REPLAY = [item for item in BUGS if item.finds == "replay"]
every_replay_bug = pytest.mark.parametrize("manifest", REPLAY, ids=lambda item: item.name)
every_app = pytest.mark.parametrize(
    "manifest", [item for item in CORPUS if not item.name.startswith(ENDLESS)], ids=lambda m: m.name
)


@pytest.mark.slow
@every_app
def test_remembering_never_shows(manifest: Manifest) -> None:
    """Outcomes, problems, words and traces are the same with and without remembering."""
    forgetful, remembering = trials(manifest.scenario)
    expected = _said(forgetful, SEEDS)
    for _ in range(2):  # the second time most of it is known
        assert _said(remembering, SEEDS) == expected


def _said(trial: ScenarioTrial, seeds: list[int]) -> object:
    try:
        return run(trial, seeds)
    except ScenarioError as error:  # some schedules ask for what the host refuses
        return str(error)


@pytest.mark.slow
@every_replay_bug
def test_every_replay_bug_is_still_found(manifest: Manifest) -> None:
    """A remembering trial finds each bug of replay again and again, in the same words."""
    forgetful, remembering = trials(manifest.scenario)
    expected = [item["problems"] for item in run(forgetful, range(6))]
    assert any(problem[0] == "replay" for problems in expected for problem in problems)
    for _ in range(2):
        assert [item["problems"] for item in run(remembering, range(6))] == expected


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    manifest=st.sampled_from(REPLAY + [item for item in CORPUS if item.circle == "order"]),
    seeds=st.lists(st.integers(0, 9), min_size=1, max_size=12),
)
def test_the_order_of_runs_never_shows(manifest: Manifest, seeds: list[int]) -> None:
    """Whatever ran before, a schedule shows what it shows to a trial that remembers nothing."""
    forgetful, remembering = trials(manifest.scenario)
    assert run(remembering, seeds) == run(forgetful, seeds)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["approval", "chain", "saga"])
def test_what_is_known_is_not_done_again(name: str) -> None:
    """A schedule that was run before asks no orchestrator for what it has answered."""
    _, remembering = trials(BENCHMARKS / f"{name}.yaml")
    remembering.repeats = Repeats(most=0)  # or nothing would be run at all
    run(remembering, range(30))
    episodes = kept(remembering).episodes
    before = episodes.hits, episodes.misses
    run(remembering, range(30))
    assert episodes.strange == 0
    assert episodes.misses - before[1] < (episodes.hits - before[0]) / 4


def test_memory_stays_bounded() -> None:
    """When the memory is full it is emptied, and what a run shows stays the same."""
    forgetful, remembering = trials(BENCHMARKS / "approval.yaml")
    kept(remembering).episodes = memory = EpisodeMemory(most=60)
    sizes: list[int] = []
    for seed in range(10):
        assert run(remembering, [seed]) == run(forgetful, [seed])
        sizes.append(memory.size)
    assert max(sizes) < 60 + 80  # a run may add to what there is before it looks again
    assert any(later < earlier for earlier, later in itertools.pairwise(sizes))


def test_an_edited_file_is_compiled_again(tmp_path: Path) -> None:
    """Compiled code is used only as long as its file stays as it was."""
    for name in ("function_app.py", "saga.yaml"):
        shutil.copy(BENCHMARKS / name, tmp_path)
    _, remembering = trials(tmp_path / "saga.yaml")
    assert run(remembering, [0])[0]["problems"] == []
    app = tmp_path / "function_app.py"
    app.write_text(app.read_text().replace('return "undone"', 'return "never mind"'))
    (problem,) = run(remembering, [0])[0]["problems"]
    assert problem[1] == "expect trip.output"


def test_settings_of_the_host_belong_to_a_history() -> None:
    """Under other settings of the host nothing is known of the same history."""
    memory = EpisodeMemory()
    _, remembering = trials(BENCHMARKS / "saga.yaml")
    kept(remembering).episodes = memory
    run(remembering, [0])
    assert {settings for _, settings in memory.roots} == {HostSettings()}


APP = """
from datetime import datetime, timedelta

import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def lease(context):
    timer = context.create_timer(context.current_utc_datetime + timedelta(days=1))
    signed = context.wait_for_external_event("signed")
    if (yield context.task_any([timer, signed])) is signed:
        timer.cancel()
        return "signed"
    due = {due}
    yield context.call_activity("remind", due)
    return "reminded"


@app.activity_trigger(input_name="due")
def remind(due):
    return due
"""
SCENARIO = """
app: function_app.py
start: {orchestrator: lease, instance_id: one}
steps:
  - {at: 1h, raise_event: {name: signed, data: true}}
"""


@pytest.mark.parametrize(
    ("due", "is_found"),
    [
        ("datetime(2000, 1, 1).astimezone().isoformat()", True),
        ("datetime(2000, 1, 1).isoformat()", False),
    ],
)
def test_a_local_time_on_a_late_way_is_found(tmp_path: Path, due: str, is_found: bool) -> None:
    """Other workers are asked again and again where the zone in which they stand may count."""
    (tmp_path / "function_app.py").write_text(APP.replace("{due}", due))
    path = tmp_path / "scenario.yaml"
    path.write_text(SCENARIO)
    _, first = trials(path)
    for hours in range(1, 7):  # by then nobody else is asked, if that is for certain
        assert "replay" not in _problems(path, hours, first)
    assert ("replay" in _problems(path, 30, first)) == is_found


def _problems(path: Path, hours: int, first: ScenarioTrial) -> list[str]:
    """Let somebody sign after so many hours; what an earlier trial knows of the app is known."""
    path.write_text(SCENARIO.replace("at: 1h", f"at: {hours}h"))
    trial = ScenarioTrial(load(path))
    trial._app = kept(first)
    return [problem[0] for problem in run(trial, [0])[0]["problems"]]
