"""Workflows of Agent Framework: bugs that exploring has to find, and twins that it leaves alone."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.workflows import flows, planted
from wfsim import UsageError
from wfsim.choices import first_in_first_out
from wfsim.explore import Faults, explore, replay
from wfsim.explore.words import FollowWords, parse_words
from wfsim.explore.workflow_trial import WorkflowTrial
from wfsim.workflows import WorkflowSimulation

FOLDER = Path(__file__).parents[2] / "fixtures" / "workflow_bugs"

BUGS = {
    "menu_of_nothing": ("menu", "fail(agent cook turn 1)"),
    "stock_in_memory": ("build", "crash after save(superstep 5 of stock)"),
    "verses_by_chunk": ("verse", "in one piece(stream of agent poet turn 1)"),
    "vote_first_two": ("build", "cy < ann"),
}
"""The attribute that is the workflow, and words that show the bug."""


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _options(name: str, bug: str) -> dict[str, Any]:
    module = _module(name)
    what_if = "models" if bug.startswith("menu") else None
    return {
        "scenario": module.check,
        "workflow": getattr(module, BUGS[bug][0]),
        "faults": "all",
        "what_if": what_if,
    }


def test_each_bug_has_a_twin() -> None:
    """And nothing else is in the folder."""
    assert {path.stem for path in FOLDER.glob("*.py")} == {*BUGS, *(f"{bug}_fixed" for bug in BUGS)}


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS)
def test_every_bug_is_found(bug: str) -> None:
    """In few schedules, shrunk to one choice, and again by its words."""
    options = _options(bug, bug)
    found = explore(**options, schedules=40)
    (failure,) = found.failures
    assert len(failure.observed.deviations) == 1
    again = explore(**options, schedules=2, first=[failure.words])
    assert again.failures[0].problem.key == failure.problem.key


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS)
def test_the_words_show_the_bug_and_nothing_of_its_twin(bug: str) -> None:
    """What is said here in words is offered by both; only one of them fails."""
    for name in (bug, f"{bug}_fixed"):
        options = _options(name, bug)
        faults = Faults(episode_crashes=1, model_failures=1)
        trial = WorkflowTrial(options["scenario"], options["workflow"], faults=faults)
        chooser = FollowWords(parse_words(BUGS[bug][1]))
        problems = trial.run(chooser).problems
        assert not chooser.left
        assert bool(problems) == (name == bug)


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS)
def test_nothing_is_reported_of_twins(bug: str) -> None:
    """Whatever the order, the chunks, and the checkpoint after which the process dies."""
    found = explore(**_options(f"{bug}_fixed", bug), schedules=15)
    assert [failure.problem.text for failure in found.failures] == []


@pytest.mark.slow  # and releases before 1.13 count supersteps otherwise
def test_words_are_replayed_and_refused_where_they_do_not_fit() -> None:
    """By the call that a regression test makes."""
    options = _options("stock_in_memory", "stock_in_memory")
    options.pop("what_if")
    words = BUGS["stock_in_memory"][1]
    assert [item.kind for item in replay(words=words, **options).problems] == ["expect"]
    with pytest.raises(
        UsageError, match=r"never offered: crash after save\(superstep 9 of stock\)"
    ):
        replay(words="crash after save(superstep 9 of stock)", **options)


def _people(sim: WorkflowSimulation) -> None:
    """Let one person answer in time, and one never."""
    sim.on_timeout("b", after="2h", answer=False)
    run = sim.run("ab")
    sim.at("1h", sim.respond, "a", True)
    assert run.result() == "A True, B False"
    # The second is asked after the first; two seconds are a step that was not in a checkpoint yet.
    assert run.elapsed.total_seconds() - 3 * 3600 in {2, 4}
    assert run.answers == {"a": True, "b": False}
    assert sim.runs == [run]


@pytest.mark.slow
def test_answers_and_deadlines_outlast_the_process() -> None:
    """A new process is answered as the old one would have been, and no deadline starts again."""
    trial = WorkflowTrial(_people, flows.people, faults=Faults(episode_crashes=2))
    quiet = trial.run(first_in_first_out)
    assert quiet.problems == ()
    crashes = sorted(words for words in quiet.labels if words.startswith("crash"))
    assert len(crashes) >= 3
    for words in crashes:
        observed = trial.run(FollowWords(parse_words(words)))
        assert (observed.words, observed.problems) == (words, ())


def _outputs(sim: WorkflowSimulation) -> None:
    run = sim.run("x")
    sim.respond("reviewer", value=False)
    run.respond("reviewer", value=True)
    assert len(run.outputs) == 1
    assert len(run.answers) == 2
    assert run.pending == []


@pytest.mark.slow
def test_a_graph_goes_on_with_its_requests_and_outputs() -> None:
    """Each checkpoint of it is good enough to go on from, and no output comes twice."""
    trial = WorkflowTrial(_outputs, flows.panel, faults=Faults(episode_crashes=1))
    for words in sorted(trial.run(first_in_first_out).labels):
        observed = trial.run(FollowWords(parse_words(words)))
        assert (observed.words, observed.problems) == (words, ())


def test_globals_do_not_leak_from_run_to_run() -> None:
    """Each run finds the code as a new process does; so does what goes on after a death."""

    def runs(sim: WorkflowSimulation) -> None:
        sim.run("ab")

    trial = WorkflowTrial(runs, planted.counting, faults=Faults(episode_crashes=1))
    assert [trial.run(first_in_first_out).outcome for _ in range(2)] == [
        'counting IDLE ["ab12"]'
    ] * 2
    died = trial.run(FollowWords(parse_words("crash after save(checkpoint 1 of counting)")))
    (problem,) = died.problems
    assert died.outcome == 'counting IDLE ["ab11"]'
    assert problem.text == (
        "After the crash after save(checkpoint 1 of counting) it resumes, and ends otherwise than "
        'without: counting IDLE ["ab11"], and not counting IDLE ["ab12"]'
    )


def test_an_end_that_some_order_has_is_no_problem() -> None:
    """A workflow whose end depends on the order may well end so after a death."""

    def runs(sim: WorkflowSimulation) -> None:
        sim.run("ab")

    found = explore(runs, workflow=planted.swapped, faults="all", schedules=20)
    assert found.failures == ()
    assert found.race is not None


def test_without_checkpoints_nobody_dies() -> None:
    """There would be nothing to go on from."""

    def runs(sim: WorkflowSimulation) -> None:
        assert sim.run("x").result() == "X!"

    trial = WorkflowTrial(runs, flows.chain, faults=Faults(episode_crashes=1))
    assert any(words.startswith("crash") for words in trial.run(first_in_first_out).labels)
    with WorkflowSimulation(
        flows.chain, checkpoints=False, schedule=[1] * 9, faults=Faults(episode_crashes=1)
    ) as sim:
        runs(sim)


def test_a_graph_that_was_given_is_never_run_itself() -> None:
    """So every run begins with the same executors."""
    graph = flows.fan()

    def runs(sim: WorkflowSimulation) -> None:
        run = sim.run("x")
        assert run.instance is not graph
        assert run.result() == "x a, x b, x c"

    assert not explore(runs, workflow=graph, faults="all", schedules=8).failures


def test_wrong_arguments_are_refused() -> None:
    """A budget is a Faults, and of what-ifs a workflow knows models only."""
    wrong: Any = "all"
    with pytest.raises(UsageError, match=r"^faults='all' must be a Faults or None"):
        WorkflowSimulation(flows.chain, faults=wrong)
    with pytest.raises(UsageError, match=r"what_if='models' is the one that there is"):
        explore(_people, workflow=flows.people, what_if="events")
    with pytest.raises(UsageError, match=r"needs a scenario file"):
        replay(_people, "quiet", app="x.py", what_if="events")
