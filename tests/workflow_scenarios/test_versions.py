"""What is the same on every release of Agent Framework from 1.2.2 on; run with each of them."""

from __future__ import annotations

import os
from importlib.metadata import version

import pytest

from tests.workflow_scenarios.scenes import SCENES, play
from tests.workflow_scenarios.support import CORE
from wfsim.workflows import WorkflowSimulation

STEPS = ["executor_invoked", "executor_completed"]
REMEMBERED = {"executor_bypassed"}


def test_the_release_is_the_one_that_was_asked_for() -> None:
    """A session of nox says which release it has installed; it is 1.2 or later."""
    installed = version("agent-framework-core")
    assert os.environ.get("WFSIM_AGENT_FRAMEWORK", installed) == installed
    assert CORE >= (1, 2)


@pytest.mark.parametrize("name", SCENES)
def test_every_scenario_comes_to_the_same_end(name: str) -> None:
    """Outputs and status are the same, and nothing is left open."""
    run = play(SCENES[name])
    assert run.outputs[-1] == SCENES[name].output
    assert (run.status, run.pending, run.failure) == ("IDLE", [], None)


@pytest.mark.parametrize("name", SCENES)
def test_a_workflow_may_run_again_in_the_same_simulation(name: str) -> None:
    """A second message is a second run, and both come to the same end."""
    scene = SCENES[name]
    with WorkflowSimulation(scene.workflow) as sim:
        for _ in range(2):
            for agent, script in scene.scripts.items():
                sim.script(agent, list(script))
            run = sim.run(scene.message)
            for request, answer in scene.answers.items():
                sim.respond("*" if request.startswith("auto::") else request, answer)
            assert run.outputs[-1] == scene.output


def test_a_functional_workflow_tells_the_same_events() -> None:
    """Kinds and order are the same; what differs is origin, which the data leaves out."""
    run = play(SCENES["steps and checkpoints"])
    assert [event.type for event in run.events] == [
        "started",
        "status",
        *STEPS * 4,
        "output",
        "status",
    ]
    assert len(run.checkpoints) == 5


def test_a_pause_tells_the_same_events() -> None:
    """A step that is done before a pause is bypassed after it."""
    run = play(SCENES["review"])
    kinds = [event.type for event in run.events]
    assert kinds == [
        "started",
        "status",
        *STEPS,
        "request_info",
        "status",
        "status",
        "started",
        "status",
        "executor_bypassed",
        *STEPS,
        "output",
        "status",
    ]


def test_a_graph_tells_the_same_events_but_for_supersteps() -> None:
    """Before 1.13 the first executor was in no superstep, and left no checkpoint behind."""
    run = play(SCENES["fan-out, fan-in and a person"])
    told = [
        (event.type, event.executor_id)
        for event in run.events
        if event.type in {"executor_invoked", "executor_completed", "output"}
    ]
    assert told == [
        ("executor_invoked", "planner"),
        ("executor_completed", "planner"),
        ("executor_invoked", "castle"),
        ("executor_invoked", "barn"),
        ("executor_invoked", "boat"),
        ("executor_completed", "barn"),
        ("executor_completed", "boat"),
        ("executor_completed", "castle"),
        ("executor_invoked", "desk"),
        ("executor_completed", "desk"),
        ("executor_invoked", "desk"),
        ("output", "desk"),
        ("executor_completed", "desk"),
    ]
    supersteps = [event for event in run.events if event.type == "superstep_started"]
    assert len(supersteps) == (4 if CORE >= (1, 13) else 3)


@pytest.mark.parametrize("name", ["steps and checkpoints", "fan-out, fan-in and a person"])
def test_a_run_is_restored_from_its_first_checkpoint(name: str) -> None:
    """In fresh objects, with the answers that were given, it comes to the same end."""
    scene = SCENES[name]
    with WorkflowSimulation(scene.workflow) as sim:
        first = sim.run(scene.message)
        again = sim.resume_from(first.checkpoints[0])
        for request, answer in scene.answers.items():
            again.respond(request, answer)
        assert again.outputs[-1] == scene.output
