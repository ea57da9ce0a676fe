"""Views of workflow checkpoints: what is new in each, with names that no run changes."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from agent_framework import InMemoryCheckpointStorage, WorkflowCheckpoint
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.apps import ROOT
from tests.snapshot.drawn import VALUES, lines_of
from tests.snapshot.recorded import changed_lines
from tests.workflow_scenarios.scenes import SCENES, play
from tests.workflows import flows
from wfsim.snapshot import view
from wfsim.workflows import CheckpointStore, WorkflowRun, WorkflowSimulation


def run_of(workflow: Any, message: Any, *answers: Any, **options: Any) -> WorkflowRun:
    """Run a workflow to its end."""
    with WorkflowSimulation(workflow, **options) as sim:
        run = sim.run(message)
        for answer in answers:
            sim.respond("*", answer)
    return run


def saved(states: list[dict[str, Any]], *, salt: int = 0) -> list[WorkflowCheckpoint]:
    """Checkpoints with given states, each after the one before it."""
    return [
        WorkflowCheckpoint(
            workflow_name="drawn",
            graph_signature_hash=f"{salt + 1:064x}",
            checkpoint_id=f"{salt:08x}-0000-4000-8000-{place:012x}",
            previous_checkpoint_id=f"{salt:08x}-0000-4000-8000-{place - 1:012x}" if place else None,
            timestamp=f"2020-01-01T00:00:{place + salt:02}+00:00",
            state=state,
        )
        for place, state in enumerate(states)
    ]


# --- what is shown ------------------------------------------------------------------------------


def test_checkpoints_of_a_function() -> None:
    """Steps by their names, each result where it is new, and no hash, id or time."""
    assert str(view(run_of(flows.progress, "x").checkpoints)) == (
        "checkpoint             1  progress\n"
        "    state:\n"
        "      _original_message: x\n"
        "      _step_cache:\n"
        "        fetch 1: X\n"
        "checkpoint             2  progress after 1  "
        '{"state": {"_step_cache": {"shout 1": "X!"}, "draft": "X"}}\n'
        "checkpoint             3  progress after 2"
    )


def test_checkpoints_of_a_graph() -> None:
    """Messages on their way, requests that are open, and those that are so no longer."""
    shown = str(view(run_of(flows.panel, "x", True).checkpoints))
    assert "      - data: x a\n        from: a\n" in shown
    assert "      <id:1>:\n        as: <id:1>\n        asks:\n" in shown
    assert "      - answers: <id:1>\n        data: true\n" in shown
    assert "    pending:\n      <gone>:\n      - <id:1>\n" in shown


def test_a_row_that_begins_anew() -> None:
    """A function that is run again starts a row; what its checkpoint adds is still all it shows."""
    shown = str(view(run_of(flows.review, "x", True).checkpoints))
    assert "3  review anew" in shown
    assert shown.count("fetch 1") == 1


def test_nested_checkpoints() -> None:
    """What a workflow in a workflow keeps is shown without ids and hashes, too."""
    shown = str(view(run_of(flows.nested, "x", True).checkpoints))
    if flows.CORE >= (1, 13):  # earlier releases keep less of it
        assert "          workflow: panel\n" in shown
    assert "graph_signature_hash" not in shown
    assert "timestamp" not in shown


def test_agents_sessions() -> None:
    """What an agent keeps of its conversation names the messages that were shown."""
    run = play(SCENES["agents in a graph"])
    shown = str(view(run.checkpoints))
    assert shown.count("An otter.") == 1
    assert "                - <message:1>\n" in shown


@pytest.mark.parametrize("how", [list, tuple])
def test_other_lists_and_storages(how: Any) -> None:
    """Checkpoints look the same in any list, and in the store that keeps them."""
    with WorkflowSimulation(flows.progress) as sim:
        run = sim.run("x")
        assert isinstance(sim.storage, CheckpointStore)
        assert str(view(sim.storage)) == str(view(run.checkpoints))
        assert str(view(how(run.checkpoints))) == str(view(run.checkpoints))


def test_the_frameworks_own_storage() -> None:
    """Runs whose checkpoints another storage keeps are viewed in the same way."""
    run = run_of(flows.progress, "x", storage=InMemoryCheckpointStorage())
    assert str(view(run.checkpoints)) == str(view(run_of(flows.progress, "x").checkpoints))


def test_a_checkpoint_whose_predecessor_is_not_shown() -> None:
    """It says so, and shows all that it holds."""
    last = run_of(flows.progress, "x").checkpoints[1]
    assert str(view(last)).startswith("checkpoint             1  progress after one elsewhere\n")
    assert "fetch 1: X" in str(view(last))


# --- changes ------------------------------------------------------------------------------------


def test_a_changed_message_and_result() -> None:
    """A message and what a step makes of it are others: a line each, wherever they were."""
    before, after = (view(run_of(flows.silent, name).checkpoints) for name in ("x" * 60, "y" * 60))
    assert changed_lines(before, after) == [
        f"-      _original_message: {'x' * 60}",
        f"+      _original_message: {'y' * 60}",
        f"-        fetch 1: {'X' * 60}",
        f"+        fetch 1: {'Y' * 60}",
    ]


def test_a_changed_state_is_one_line() -> None:
    """A count in the state is another from the second checkpoint on: the line where it changes."""
    first = {"topic": "tea", "count": 1}
    before, after = (view(saved([first, {**first, "count": count}])) for count in (2, 3))
    assert changed_lines(before, after) == [
        '-checkpoint             2  drawn after 1  {"state": {"count": 2}}',
        '+checkpoint             2  drawn after 1  {"state": {"count": 3}}',
    ]


def test_a_changed_reply() -> None:
    """An agent replies something else: the one line in which its message is shown."""

    def written(text: str) -> Any:
        with WorkflowSimulation(flows.writers) as sim:
            sim.script("Writer", [text])
            sim.script("Editor", ["Done well."])
            return view(sim.run("Write!").checkpoints)

    assert changed_lines(written("Fine."), written("Poor.")) == [
        "-            - assistant Writer <message:1>: Fine.",
        "+            - assistant Writer <message:1>: Poor.",
    ]


# --- properties ---------------------------------------------------------------------------------

STATES = st.lists(
    st.dictionaries(st.sampled_from(["p", "q"]), VALUES, max_size=2), min_size=1, max_size=3
)


@given(one=STATES, other=STATES)
def test_different_states_have_different_views(
    one: list[dict[str, Any]], other: list[dict[str, Any]]
) -> None:
    """Two rows of checkpoints have the same view only if they hold the same."""
    assume(lines_of(one) != lines_of(other))
    assert str(view(saved(one))) != str(view(saved(other)))


@given(states=STATES, salt=st.integers(1, 9))
def test_ids_hashes_and_times_do_not_matter(states: list[dict[str, Any]], salt: int) -> None:
    """The same row under other ids, hashes and times has the same view; and a view is its own."""
    once = view(saved(states))
    assert str(view(saved(states, salt=salt))) == str(once)
    assert view(once) == once


@pytest.mark.parametrize("scene", SCENES)
def test_every_scene_has_one_view(scene: str) -> None:
    """For every scenario: other ids, and the same view; which is its own view."""
    first, second = (play(SCENES[scene], seed=seed).checkpoints for seed in (0, 1))
    assert str(view(first)) == str(view(second))
    assert view(view(first)) == view(first)


SCRIPT = """
import warnings
warnings.simplefilter("ignore")
from tests.workflow_scenarios.scenes import SCENES, play
from wfsim.snapshot import view
for name, scene in SCENES.items():
    run = play(scene)
    print(name, view(run), view(run.events), view(run.checkpoints), sep="\\n")
"""


@pytest.mark.slow
def test_views_do_not_depend_on_the_process() -> None:
    """Runs, events and checkpoints of every scenario: one text, whatever the hash seed."""
    shown = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("4242", "Asia/Kolkata"))
    ]
    assert shown[0] == shown[1]
    assert len(shown[0]) > 10_000


# --- what a user hides --------------------------------------------------------------------------


def test_masks_and_redaction_reach_checkpoints() -> None:
    """By paths in the state, and wherever a secret stands."""
    run = run_of(flows.progress, "x")
    shown = str(view(run.checkpoints, masks={"**.draft": "<draft>"}, redact=["X!"]))
    assert "draft: <draft>" in shown
    assert "shout 1: <redacted>" in shown
