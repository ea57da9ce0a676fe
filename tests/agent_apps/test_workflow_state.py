"""A hosted workflow that keeps a complaint in its shared state, start to end over HTTP."""

from __future__ import annotations

import pytest

from tests.agent_apps.conftest import OpenApp
from wfsim import Simulation
from wfsim.chat import Reply

RUN = "/api/workflow/complaints/run"
LATE = {"passenger": "Ida", "text": "Two hours late!"}


@pytest.fixture
def sim(opened: OpenApp) -> Simulation:
    """The railway's app, whose assessor finds the complaint justified."""
    sim = opened("agents_workflow_state")
    sim.script("Assessor", [Reply(value={"justified": True, "topic": "delay"}, takes="2s")])
    return sim


def test_a_justified_complaint_gets_an_apology(sim: Simulation) -> None:
    """The state that the first executor wrote is there for the last one."""
    sim.script("ApologyWriter", [Reply("We are sorry.", takes="2s")])
    started = sim.http.post(RUN, json=LATE, params={"runId": "case-1"})
    assert started.status_code == 202
    assert started.json()["instanceId"] == "case-1"
    sim.advance("5s")
    status = sim.http.get("/api/workflow/complaints/status/case-1").json()
    assert (status["runtimeStatus"], status["output"]) == ("Completed", ["To Ida: We are sorry."])


def test_agents_are_asked_for_nothing_but_text(sim: Simulation) -> None:
    """The second agent reads what an executor made of the state."""
    writer = sim.script("ApologyWriter", ["We are sorry."])
    sim.start("dafx-complaints", input=LATE).result()
    (request,) = writer.requests
    assert [message.text for message in request.messages] == [
        "Ida is right about delay: Two hours late!"
    ]


def test_waiting_for_the_end(sim: Simulation) -> None:
    """`waitForResponse` answers 200 with the outputs when the run ends in time."""
    sim.script("ApologyWriter", ["We are sorry."])
    answer = sim.http.post(RUN, json=LATE, params={"waitForResponse": "true"})
    assert answer.status_code == 200
    assert answer.json()["runtimeStatus"] == "Completed"
    assert answer.json()["output"] == ["To Ida: We are sorry."]


def test_not_waiting_longer_than_asked_for(sim: Simulation) -> None:
    """When the model thinks for longer than `timeoutSeconds`, the answer is 202 after all."""
    sim.script("ApologyWriter", [Reply("We are sorry.", takes="1m")])
    params = {"waitForResponse": "true", "timeoutSeconds": "5"}
    answer = sim.http.post(RUN, json=LATE, params=params)
    assert (answer.status_code, answer.json()["message"]) == (202, "Workflow started")
    sim.advance("1m")
    (run,) = sim.runs
    assert run.output == ["To Ida: We are sorry."]


def test_the_session_of_a_workflows_agent_is_its_run(sim: Simulation) -> None:
    """Each run has its own conversation with an agent, under the name of workflow and executor."""
    sim.script("ApologyWriter", ["We are sorry."])
    run = sim.start("dafx-complaints", input=LATE, instance_id="case-1")
    run.result()
    (session,) = sim.agent("complaints-Assessor").sessions
    assert session.session_id == "case-1"
    assert [message.text for message in session.messages] == [
        "Two hours late!",
        '{"justified":true,"topic":"delay"}',
    ]


def test_a_run_that_does_not_exist_is_not_found(opened: OpenApp) -> None:
    """Neither its status nor a request of it; a run id with a slash is refused at once."""
    sim = opened("agents_workflow_state")
    base = "/api/workflow/complaints"
    assert sim.http.post(f"{base}/respond/nobody/request", json=True).status_code == 404
    assert sim.http.post(RUN, json=LATE, params={"runId": "a/b"}).status_code == 400
    assert sim.http.get("/api/workflow/complaints/status/nobody").status_code == 404
