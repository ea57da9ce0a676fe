"""What hosted agents and workflows do in production as well; docs/agent-behaviours.md lists it."""

import base64
import json
from collections.abc import Generator
from datetime import timedelta
from typing import Any, Never

import pytest
from agent_framework import (
    AgentExecutorResponse,
    Executor,
    WorkflowBuilder,
    WorkflowContext,
    executor,
    handler,
    response_handler,
)

from tests.agent_apps.conftest import OpenApp
from tests.agent_apps.support import agent, chain, hosted
from wfsim import Simulation
from wfsim.chat import Fail, Reply, ToolCall

POTHOLES = "/api/workflow/potholes"


@pytest.fixture
def waiting(opened: OpenApp) -> Simulation:
    """The town's app, with the run "hole-1" waiting for two answers."""
    sim = opened("agents_workflow_hitl", findings="ignore")
    sim.script("Inspector", [Reply(value={"street": "Elm Street", "danger": 9})])
    sim.http.post(f"{POTHOLES}/run", json="A hole!", params={"runId": "hole-1"})
    sim.run_until_idle()
    return sim


def respond(sim: Simulation, request: str, value: object) -> int:
    """Answer a request of "hole-1"; return the status code."""
    return sim.http.post(f"{POTHOLES}/respond/hole-1/{request}", json=value).status_code


# --- agents -------------------------------------------------------------------------------------


def test_a_model_error_costs_two_calls_and_ends_completed(opened: OpenApp) -> None:
    """The entity tries to stream, then again without; the caller gets an answer with empty text."""
    sim = opened("agents_chaining")
    error = Fail("RateLimitError", message="slow down", retry_after=20)
    sim.script("WriterAgent", [error, error, "Good bread."])
    run = sim.start("slogan", input="the bakery")
    assert run.result() == {"first": "", "final": "Good bread."}
    assert [request.stream for request in sim.agent("WriterAgent").requests] == [True, False, True]
    (session,) = sim.agent("WriterAgent").sessions
    assert session.entries[1].is_error
    assert "slow down" in str(session)


def test_an_error_is_part_of_the_next_request(opened: OpenApp) -> None:
    """That a response is an error is not stored, so the model gets it as its own earlier words."""
    sim = opened("agents_chaining")
    sim.script("WriterAgent", [Fail("RateLimitError"), Fail("RateLimitError"), "Good bread."])
    sim.start("slogan", input="the bakery").result()
    last = sim.agent("WriterAgent").requests[-1]
    kinds = [(message.role, message.contents[0].type) for message in last.messages]
    assert kinds == [("user", "text"), ("assistant", "error"), ("user", "text")]


def test_a_second_call_hides_the_first_failure(opened: OpenApp) -> None:
    """A model that fails once costs a call, and nobody is told."""
    sim = opened("agents_single")
    script = sim.script("WeatherAgent", [Fail("RateLimitError"), "12 knots."])
    answer = sim.http.post("/api/agents/WeatherAgent/run", json={"message": "Bergen?"})
    assert (answer.status_code, answer.json()["response"]) == (200, "12 knots.")
    assert len(script.requests) == 2


def test_an_agents_error_is_a_success_over_http(opened: OpenApp) -> None:
    """The endpoint answers 200 and "success" with an empty response when the model failed."""
    sim = opened("agents_single")
    sim.script("WeatherAgent", [Fail("RateLimitError"), Fail("RateLimitError")])
    answer = sim.http.post("/api/agents/WeatherAgent/run", json={"message": "Bergen?"})
    assert (answer.status_code, answer.json()["status"]) == (200, "success")
    assert answer.json()["response"] == ""


def test_no_answer_in_thirty_polls_is_a_500(opened: OpenApp) -> None:
    """After 30 seconds the endpoint gives up with status "timeout"; the agent works on."""
    sim = opened("agents_single")
    sim.script("WeatherAgent", [Reply("12 knots.", takes="45s")])
    start = sim.now
    answer = sim.http.post(
        "/api/agents/WeatherAgent/run", json={"message": "Bergen?", "session_id": "ann"}
    )
    assert (answer.status_code, answer.json()["status"]) == (500, "timeout")
    assert sim.now - start == timedelta(seconds=30)
    sim.advance("15s")
    assert sim.agent("WeatherAgent").session("ann").messages[-1].text == "12 knots."


def test_an_answer_at_once_takes_a_second(opened: OpenApp) -> None:
    """The endpoint sleeps before it looks for the first time."""
    sim = opened("agents_single")
    sim.script("WeatherAgent", ["12 knots."])
    start = sim.now
    sim.http.post("/api/agents/WeatherAgent/run", json={"message": "Bergen?"})
    assert sim.now - start == timedelta(seconds=1)


def test_requests_carry_the_time_of_their_replay(opened: OpenApp) -> None:
    """`created_at` is read inside the orchestrator; the check of replays leaves that field out."""
    sim = opened("agents_chaining", replay="every")
    sim.script("WriterAgent", [Reply("Bread.", takes="1h"), Reply("Good bread.", takes="1h")])
    run = sim.start("slogan", input="the bakery")
    assert run.result() == {"first": "Bread.", "final": "Good bread."}


@pytest.mark.parametrize("how", ["yielded", "not yielded"])
def test_an_agent_that_nobody_waits_for(how: str) -> None:
    """With `wait_for_response` off the task must not be yielded: it has no action to send."""
    app = hosted(agents=[agent("Clerk")])

    @app.orchestration_trigger(context_name="context")
    def forget(context: Any) -> Generator[Any, Any, str]:
        options = {"wait_for_response": False}
        task = app.get_agent(context, "Clerk").run("Write this down.", options=options)
        answer = (yield task) if how == "yielded" else task.result
        return str(answer.text)

    with Simulation(app) as sim:
        clerk = sim.script("Clerk", lambda _: "Done.")
        run = sim.start("forget")
        sim.run_until_idle()
    if how == "yielded":
        assert "Attempted to convert an anonymous Action to JSON" in str(run.failure)
    else:
        assert "accepted" in str(run.output)
        assert [request.text for request in clerk.requests] == ["Write this down."]


def test_an_agent_with_a_space_in_its_name_cannot_be_reached() -> None:
    """The host does not decode names in URLs, and so finds no such entity."""
    app = hosted(agents=[agent("Travel Guide")], enable_mcp_tool_trigger=True)
    with Simulation(app) as sim:
        answer = sim.http.post("/api/agents/Travel Guide/run", json={"message": "Fish?"})
        assert answer.status_code == 500
        assert "unexpected status code 400" in answer.json()["error"]


# --- requests to people -------------------------------------------------------------------------


def test_an_answer_to_an_unknown_request_is_200(waiting: Simulation) -> None:
    """The respond route does not check the id; the event waits for ever."""
    assert respond(waiting, "repiar", {"approved": True}) == 200
    waiting.run_until_idle()
    assert waiting.run("hole-1").status == "Running"


def test_a_late_answer_is_a_500(waiting: Simulation) -> None:
    """The durable client raises for a run that has ended (410), and the route does not catch it."""
    respond(waiting, "repair", {"approved": False})
    respond(waiting, "closure", False)
    waiting.run_until_idle()
    late = waiting.http.post(f"{POTHOLES}/respond/hole-1/repair", json={"approved": True})
    assert late.status_code == 500
    assert "410" in str(late.error) or "completed" in str(late.error)


@pytest.mark.parametrize("request_id", ["repair", "unknown"])
def test_any_answer_empties_the_list_of_open_requests(waiting: Simulation, request_id: str) -> None:
    """The status lists two requests, and none after the first answer: it is not set in replays."""
    url = f"{POTHOLES}/status/hole-1"
    before = waiting.http.get(url).json()["pendingHumanInputRequests"]
    assert [request["requestId"] for request in before] == ["repair", "closure"]
    respond(waiting, request_id, {"approved": False})
    waiting.run_until_idle()
    after = waiting.http.get(url).json()
    assert after["customStatus"] is None
    assert "pendingHumanInputRequests" not in after


def test_no_handler_runs_before_the_last_answer(waiting: Simulation) -> None:
    """The first answer waits for the second, however long that takes."""
    respond(waiting, "repair", {"approved": False})
    waiting.advance("100d")
    assert waiting.run("hole-1").waiting_for == {"events": ["closure"], "timers": []}


def test_requests_wait_for_ever(waiting: Simulation) -> None:
    """There is no timer: after ten years the run still waits."""
    waiting.advance("3650d")
    assert waiting.run("hole-1").status == "Running"


def test_a_record_as_question_is_shown_as_a_pickle(waiting: Simulation) -> None:
    """A dataclass given to `request_info` reaches HTTP clients as base64 of its pickle."""
    body = waiting.http.get(f"{POTHOLES}/status/hole-1").json()
    repair, closure = (request["requestData"] for request in body["pendingHumanInputRequests"])
    assert b"RepairRequest" in base64.b64decode(repair["__pickled__"])
    assert closure == {"close": "Elm Street"}


def test_an_answer_of_the_wrong_type_is_lost(waiting: Simulation) -> None:
    """Where no handler takes the answer's type, the run completes as if nothing had been said."""
    respond(waiting, "repair", {"approved": False})
    respond(waiting, "closure", "yes, please")
    waiting.run_until_idle()
    assert waiting.run("hole-1").output == ["Elm Street stays as it is"]


def test_the_last_custom_status_is_running(waiting: Simulation) -> None:
    """A completed run still says that it is running, in its custom status."""
    respond(waiting, "repair", {"approved": False})
    respond(waiting, "closure", False)
    waiting.run_until_idle()
    run = waiting.run("hole-1")
    assert (run.status, run.custom_status) == ("Completed", {"state": "running"})


def test_an_early_answer_counts(opened: OpenApp) -> None:
    """An answer that comes before its question is kept; in production the SDK logs a warning."""
    sim = opened("agents_workflow_hitl")
    value = {"street": "Elm Street", "danger": 4}
    sim.script("Inspector", [Reply(value=value, takes="1m")])
    sim.http.post(f"{POTHOLES}/run", json="A hole!", params={"runId": "hole-1"})
    sim.run_until_idle()
    respond(sim, "repair", {"approved": False})
    sim.advance("1m")
    assert sim.run("hole-1").output == ["Elm Street stays as it is"]


# --- the hosted engine --------------------------------------------------------------------------


@executor(id="pass_on")
async def pass_on(text: str, ctx: WorkflowContext[str]) -> None:
    """Send what came in."""
    await ctx.send_message(text)


@executor(id="say")
async def say(text: str, ctx: WorkflowContext[Never, str]) -> None:
    """Yield what came in."""
    await ctx.yield_output(text)


def test_an_async_condition_is_never_true() -> None:
    """In process its edge is taken, hosted it is not: the workflow ends without an output."""

    async def always(_: object) -> bool:
        return True

    builder = WorkflowBuilder(start_executor=pass_on, name="conditional")
    workflow = builder.add_edge(pass_on, say, condition=always).build()
    with Simulation(hosted(workflow)) as sim:
        assert sim.start("dafx-conditional", input="hello").result() == []


def test_executors_get_an_agents_text_and_nothing_else() -> None:
    """Calls of tools and usage are gone from the response that the next executor gets."""
    seen: list[AgentExecutorResponse] = []

    @executor(id="look")
    async def look(answer: AgentExecutorResponse, ctx: WorkflowContext[Never, str]) -> None:
        seen.append(answer)
        await ctx.yield_output(answer.agent_response.text)

    def count(text: str) -> int:
        return len(text)

    workflow = chain("tools", [agent("Counter", tools=[count]), look])
    with Simulation(hosted(workflow)) as sim:
        call = ToolCall("count", {"text": "four"})
        sim.script("Counter", [call, Reply("4", usage={"total_token_count": 9})])
        assert sim.start("dafx-tools", input="four?").result() == ["4"]
    (answer,) = seen
    assert [content.type for msg in answer.agent_response.messages for content in msg.contents] == [
        "text"
    ]
    assert answer.agent_response.usage_details is None


def test_an_agents_second_message_waits_for_the_whole_batch() -> None:
    """Two messages to one agent are asked one after the other, after the rest of the step."""

    @executor(id="twice")
    async def twice(text: str, ctx: WorkflowContext[str]) -> None:
        await ctx.send_message(f"{text} 1")
        await ctx.send_message(f"{text} 2")

    with Simulation(hosted(chain("twofold", [twice, agent("Echo")]))) as sim:
        script = sim.script("Echo", [Reply("one", takes="10s"), Reply("two", takes="10s")])
        start = sim.now
        sim.start("dafx-twofold", input="hello").result()
        assert sim.now - start == timedelta(seconds=20)
    assert [request.text for request in script.requests] == ["hello 1", "hello 2"]
    assert len(script.requests[1].messages) == 3


class Counter(Executor):
    """Adds one to a number in the shared state."""

    @handler
    async def count(self, text: str, ctx: WorkflowContext[str]) -> None:
        """Read, add, write back."""
        ctx.set_state("count", ctx.get_state("count", 0) + 1)
        await ctx.send_message(text)


def test_parallel_branches_see_the_same_state() -> None:
    """Two branches that both add one make one: both start from the same snapshot."""

    @executor(id="total")
    async def total(texts: list[str], ctx: WorkflowContext[Never, int]) -> None:
        await ctx.yield_output(ctx.get_state("count"))

    branches = [Counter(id="left"), Counter(id="right")]
    builder = WorkflowBuilder(start_executor=pass_on, name="counting")
    builder.add_fan_out_edges(pass_on, branches).add_fan_in_edges(branches, total)
    with Simulation(hosted(builder.build())) as sim:
        assert sim.start("dafx-counting", input="hello").result() == [1]


class Asker(Executor):
    """Asks without giving the request an id."""

    @handler
    async def ask(self, text: str, ctx: WorkflowContext[Never, str]) -> None:
        """Ask."""
        await ctx.request_info({"about": text}, response_type=str)

    @response_handler
    async def answer(self, question: dict, said: str, ctx: WorkflowContext[Never, str]) -> None:  # type: ignore[type-arg]
        """Pass the answer on."""
        await ctx.yield_output(f"{question['about']}: {said}")


def test_a_request_without_an_id_gets_a_random_one() -> None:
    """The id is to be read from the status: it is made up anew in each run."""
    with Simulation(hosted(chain("asking", [Asker(id="asker")]))) as sim:
        run = sim.start("dafx-asking", input="tea")
        sim.run_until_idle()
        base = "/api/workflow/asking"
        body = sim.http.get(f"{base}/status/{run.instance_id}").json()
        (request,) = body["pendingHumanInputRequests"]
        assert len(request["requestId"]) == 36
        sim.http.post(request["respondUrl"], json="yes")
        assert run.result() == ["tea: yes"]


def test_pickles_in_answers_are_thrown_away(waiting: Simulation) -> None:
    """An answer with pickle markers counts as none, and the respond route still says 200."""
    forged = {"__pickled__": base64.b64encode(b"x").decode(), "__type__": "builtins:bool"}
    assert respond(waiting, "closure", forged) == 200
    waiting.run_until_idle()
    assert waiting.run("hole-1").status == "Running"


def test_a_workflow_without_a_name_cannot_be_hosted() -> None:
    """Names are routes and orchestrators, so one that the builder made up is refused."""
    workflow = WorkflowBuilder(start_executor=say).build()
    with pytest.raises(ValueError, match="name"):
        hosted(workflow)


def test_json_text_is_what_an_agent_at_the_start_gets() -> None:
    """A workflow that starts with an agent turns any other input into JSON text."""
    with Simulation(hosted(chain("first", [agent("First")]))) as sim:
        script = sim.script("First", ["fine"])
        sim.start("dafx-first", input={"b": 1, "a": [2]}).result()
    assert json.loads(script.requests[0].text) == {"b": 1, "a": [2]}
