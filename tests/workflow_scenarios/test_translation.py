"""A functional workflow that guards its budget."""

from __future__ import annotations

from datetime import timedelta

from fixtures.workflows.translation import translation
from tests.workflow_scenarios.conftest import OpenWorkflow

BOOK = ["one two", "three four", "five"]


def test_enough_money(opened: OpenWorkflow) -> None:
    """Nobody is asked, and five words take five minutes."""
    run = opened(translation).run({"budget": 60, "chapters": BOOK})
    assert run.result() == {
        "status": "done",
        "chapters": ["owt eno", "ruof eerht", "evif"],
        "spent": 60,
    }
    assert run.elapsed == timedelta(minutes=5)


def test_the_guard_asks_before_it_spends(opened: OpenWorkflow) -> None:
    """With money for one chapter, the second waits for more; nothing is overspent meanwhile."""
    sim = opened(translation)
    run = sim.run({"budget": 30, "chapters": BOOK})
    (request,) = run.pending
    assert request.data == {"done": 1, "spent": 24, "missing": 18}
    assert run.checkpoints[-1].state["spent"] == 24
    sim.respond("*", 10)
    (request,) = run.pending
    assert request.data["missing"] == 8
    sim.respond("*", 100)
    assert run.result()["spent"] == 60


def test_nobody_grants_more(opened: OpenWorkflow) -> None:
    """Zero stops the work, and what is done is delivered."""
    sim = opened(translation)
    run = sim.run({"budget": 30, "chapters": BOOK})
    sim.respond("*", 0)
    assert run.result() == {"status": "stopped", "chapters": ["owt eno"], "spent": 24}


def test_the_guard_gives_up_by_itself(opened: OpenWorkflow) -> None:
    """After a week without an answer the work is stopped."""
    sim = opened(translation)
    run = sim.run({"budget": 0, "chapters": BOOK})
    sim.on_timeout("*", after="7d", answer=0)
    sim.advance("7d")
    assert run.result()["status"] == "stopped"
