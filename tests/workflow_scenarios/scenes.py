"""Each documented scenario once, from its message to its last answer, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fixtures.workflows import (
    forecast,
    helpdesk,
    loan,
    manuscript,
    panel,
    payslip,
    photo_import,
    purchase,
    recipe_review,
    storybook,
    teaser,
    tickets,
    translation,
    venues,
)
from wfsim.chat import Reply, ToolCall, ToolCalls
from wfsim.workflows import WorkflowRun, WorkflowSimulation

__all__ = ["SCENES", "Scene", "play"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A workflow, and all that happens to it."""

    workflow: Any
    message: Any
    answers: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What people answer, in order, by the requests' names."""
    scripts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What agents answer."""
    output: Any
    """What comes out last."""


USAGE: Final = {"input": 40, "output": 8, "total": 48, "cached": 12, "reasoning": 3}


def _agrees(who: str) -> purchase.Approval:
    return purchase.Approval(by=who, agrees=True)


SCENES: Final[Mapping[str, Scene]] = {
    "plain": Scene(
        workflow=teaser.teaser,
        message="A short  article.",
        output={"teaser": "A short article.", "minutes": 1},
    ),
    "steps and checkpoints": Scene(
        workflow=payslip.payslip,
        message="cook:ada",
        output={"name": "ada", "net": 884, "reference": "TR-ADA-884"},
    ),
    "parallel with gather": Scene(
        workflow=forecast.forecast,
        message=["harbour", "airport", "summit"],
        output="harbour 11, airport 14, summit -2; 7.7 degrees on average",
    ),
    "review": Scene(
        workflow=recipe_review.recipe_review,
        message="Soup",
        answers={"tasting": True},
        output={"status": "printed", "page": "[Soup: chop, stir, simmer for 40 minutes.]"},
    ),
    "review in stages": Scene(
        workflow=purchase.purchase,
        message={"item": "van", "amount": 60_000},
        answers={"lead": _agrees("Li"), "finance": _agrees("Fi"), "board": _agrees("Bo")},
        output={"status": "ordered", "order": "VAN-003", "signed": ["Li", "Fi", "Bo"]},
    ),
    "spending guard": Scene(
        workflow=translation.translation,
        message={"budget": 30, "chapters": ["one two", "three"]},
        answers={"auto::0": 10},
        output={"status": "done", "chapters": ["owt eno", "eerht"], "spent": 36},
    ),
    "progress events": Scene(
        workflow=photo_import.photo_import,
        message=["a.raw", "b.txt"],
        output={"developed": 1, "failed": ["b.txt"]},
    ),
    "group chat as a loop": Scene(
        workflow=panel.panel,
        message="Tea?",
        scripts={
            "Optimist": ["yes", "yes!"],
            "Sceptic": ["no", "no!"],
            "Host": [
                Reply(value={"settled": False, "summary": "open"}),
                Reply(value={"settled": True, "summary": "tea"}),
            ],
        },
        output={"summary": "tea", "rounds": 2, "said": 4},
    ),
    "workflow as agent": Scene(
        workflow=helpdesk.reception,
        message="My car",
        answers={"colleague": "ask Bob"},
        output={"question": "My car", "answer": "Hello! Our expert says: ask Bob Goodbye!"},
    ),
    "fan-out, fan-in and a person": Scene(
        workflow=venues.build,
        message=venues.Wedding(guests=50, month="June"),
        answers={"choice": "boat"},
        output="boat is booked for 5250",
    ),
    "switch/case": Scene(
        workflow=tickets.build,
        message="An outage!",
        output="field team: somebody is on the way",
    ),
    "shared state": Scene(
        workflow=manuscript.build,
        message="One. Two. Three!",
        output={"accepted": True, "shouting": 1, "pace": 2, "log": ["filed", "decided"]},
    ),
    "nested workflow that asks": Scene(
        workflow=loan.build,
        message="Ada 50000",
        answers={"Risk": True},
        output="Dear Ada, your loan is approved.",
    ),
    "agents in a graph": Scene(
        workflow=storybook.build,
        message="otters",
        scripts={
            "Writer": [
                ToolCalls(ToolCall("find_animal", {"letter": "o"}), usage=USAGE),
                Reply("An otter.", usage=USAGE),
            ],
            "Illustrator": ["A boat."],
        },
        output={"text": "An otter.", "picture": "A boat."},
    ),
}


def play(scene: Scene, **options: Any) -> WorkflowRun:
    """Run a scene to its end."""
    with WorkflowSimulation(scene.workflow, **options) as sim:
        for agent, script in scene.scripts.items():
            sim.script(agent, script)
        run = sim.run(scene.message)
        for request, answer in scene.answers.items():
            sim.respond(request, answer)
    return run
