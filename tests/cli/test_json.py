"""`--json`: one document for machines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Command

Small = Callable[..., Path]
ESCALATES = "fixtures/apps/approval/escalates.yaml"


def test_a_document_says_all_there_is(wfsim: Command) -> None:
    """One scenario is one object with the documented keys."""
    done = wfsim("run", ESCALATES, "--json")
    assert json.loads(done.out) == {
        "scenario": ESCALATES,
        "ok": True,
        "virtual_time": "3d",
        "runs": [
            {
                "instance_id": "post-1",
                "orchestrator": "approval",
                "status": "Completed",
                "output": {"status": "escalated"},
                "custom_status": None,
                "finished": "3d",
                "waiting_for": {},
            }
        ],
        "answers": [],
        "entities": [],
        "mismatches": [],
        "findings": [],
        "error": None,
    }


def test_answers_and_entities_are_data(wfsim: Command) -> None:
    """Requests have method, path, status and time; entities that are named have their state."""
    document = json.loads(wfsim("run", "fixtures/apps/shop/sold_out.yaml", "--json").out)
    assert document["answers"][-1] == {
        "method": "POST",
        "path": "/api/orders/order-5/approval",
        "status": 404,
        "at": "1h",
    }
    assert document["entities"] == [{"entity_id": "@stock@cup", "exists": False, "state": None}]


def test_mismatches_and_findings_are_data(wfsim: Command) -> None:
    """Mismatches hold what was wanted and got; findings their code, way out, file and line."""
    path = "fixtures/apps/broken/wf101_stuck_event/approved.yaml"
    done = wfsim("run", path, "--json")
    document = json.loads(done.out)
    assert (done.code, document["ok"]) == (1, False)
    assert document["mismatches"][0] == {
        "instance_id": "claim-9",
        "key": "status",
        "wanted": "Completed",
        "got": "Running",
    }
    keys = "code title certain message way_out instance_id file line"
    for finding in document["findings"]:
        assert list(finding) == keys.split()
        assert Path(finding["file"]).name == "function_app.py"
    assert document["runs"][0]["waiting_for"] == {"events": ["approval"]}


def test_what_stopped_a_scenario_is_named(wfsim: Command) -> None:
    """A run that is stopped early has the error's type and message."""
    path = "fixtures/apps/broken/wf110_uuid4/pays.yaml"
    error = json.loads(wfsim("run", path, "--json").out)["error"]
    assert error["type"] == "NonDeterminismError"
    assert "uuid.uuid4()" in error["message"]


def test_several_scenarios_are_a_list(wfsim: Command) -> None:
    """Several scenarios, or a folder of whatever size, are a list in the order of playing."""
    both = json.loads(wfsim("run", ESCALATES, "fixtures/apps/approval/rejected.yaml", "--json").out)
    assert [Path(item["scenario"]).stem for item in both] == ["escalates", "rejected"]
    assert len(json.loads(wfsim("run", "fixtures/apps/blueprints", "--json").out)) == 1


def test_nothing_else_reaches_stdout(small: Small, wfsim: Command) -> None:
    """What the app prints does not spoil the document."""
    path = small("app: function_app.py\nstart: {orchestrator: echo, input: hi, instance_id: e}\n")
    done = wfsim("run", path, "--json")
    assert json.loads(done.out)["runs"][0]["output"] == "hi"
    assert "the app says hi" in done.err


def test_awkward_values_are_still_json(small: Small, wfsim: Command) -> None:
    """Not-a-number, halves of surrogate pairs and escapes come out as valid ASCII JSON."""
    text = 'app: function_app.py\nstart: {orchestrator: echo, input: [.nan, "\\uD800", "\\e[1m"]}\n'
    done = wfsim("run", small(text), "--json")
    assert done.out.isascii()
    assert "\x1b" not in done.out
    assert json.loads(done.out)["runs"][0]["output"] == ["NaN", "\ud800", "\x1b[1m"]
