"""Agents in entities run on the simulation's loop, though the framework has a thread for them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from agent_framework import Agent, tool
from agent_framework_azurefunctions import AgentFunctionApp
from agent_framework_durabletask import run_agent_coroutine

from wfsim import Simulation
from wfsim.chat import Reply, ScriptedChatClient, ToolCall

log: list[str] = []
lock = asyncio.Lock()


@tool(approval_mode="never_require")
async def note(who: str) -> str:
    """Take a note, one at a time."""
    async with lock:
        log.append(f"{who} at {datetime.now():%M:%S}")
        await asyncio.sleep(1)
    return "noted"


@tool(approval_mode="never_require")
def nap() -> str:
    """Block the thread for a while."""
    time.sleep(2)
    return "rested"


def app() -> AgentFunctionApp:
    """Two agents that take notes, and an activity that blocks on a coroutine."""
    client = ScriptedChatClient([])  # its scripts are bound by name
    made = AgentFunctionApp(
        agents=[
            Agent(client=client, name="Ann", tools=[note, nap]),
            Agent(client=client, name="Bob", tools=[note]),
        ]
    )

    @made.orchestration_trigger(context_name="context")
    def both(context: Any) -> Generator[Any, Any, Any]:
        agents = [made.get_agent(context, name) for name in ("Ann", "Bob")]
        sessions = [agent.create_session() for agent in agents]
        tasks = [
            agent.run("Go.", session=session)
            for agent, session in zip(agents, sessions, strict=True)
        ]
        answers = yield context.task_all(tasks)
        return [answer.text for answer in answers]

    @made.activity_trigger(input_name="seconds")
    def block(seconds: int) -> str:
        async def wait() -> str:
            await asyncio.sleep(seconds)
            return f"{datetime.now():%M:%S}"

        return run_agent_coroutine(wait())

    @made.orchestration_trigger(context_name="context")
    def blocking(context: Any) -> Generator[Any, Any, Any]:
        return (yield context.call_activity("block", 5))

    return made


@pytest.fixture
def sim() -> Iterator[Simulation]:
    """The app."""
    log.clear()
    with Simulation(app(), findings="ignore") as opened:
        yield opened


def taken(sim: Simulation) -> timedelta:
    """How much virtual time has gone by."""
    return sim.now - datetime(2000, 1, 1, tzinfo=UTC)


def test_agents_at_work_at_once_interleave_in_virtual_time(sim: Simulation) -> None:
    """Two entities run at the same time: what happens first is what is due first."""
    sim.script("Ann", [ToolCall("note", {"who": "Ann 1"}), Reply("A", takes="10s")])
    sim.script("Bob", [ToolCall("note", {"who": "Bob 1"}), ToolCall("note", {"who": "Bob 2"}), "B"])
    assert sim.start("both").result(timeout="1h") == ["A", "B"]
    # Bob waits for the lock that Ann holds for a second; his second note comes before she answers.
    assert log == ["Ann 1 at 00:00", "Bob 1 at 00:01", "Bob 2 at 00:02"]
    assert taken(sim) == timedelta(seconds=11)


def test_no_thread_is_started(sim: Simulation) -> None:
    """The framework's own loop, in a thread, never comes into being."""
    before = set(threading.enumerate())
    sim.script("Ann", ["A"])
    sim.script("Bob", ["B"])
    sim.start("both").result()
    assert set(threading.enumerate()) == before


def test_code_that_blocks_in_an_agent_delays_that_agent_only(sim: Simulation) -> None:
    """A sync tool that sleeps makes its own entity late, and nobody else."""
    sim.script("Ann", [ToolCall("nap"), "A"])
    sim.script("Bob", ["B"])
    run = sim.start("both")
    sim.run_until_idle()
    assert [bool(entity.exists) for entity in sim.entities] == [True]
    assert run.result() == ["A", "B"]
    assert taken(sim) == timedelta(seconds=2)


def test_others_may_block_on_a_coroutine_too(sim: Simulation) -> None:
    """An activity that calls `run_agent_coroutine` itself sleeps for its own account."""
    assert sim.start("blocking").result() == "00:05"
    assert taken(sim) == timedelta(seconds=5)


def post(sim: Simulation, message: str, session: str = "s") -> None:
    """Ask Bob something without waiting for the answer."""
    sim.http.post(
        "/api/agents/Bob/run",
        json={"message": message, "session_id": session, "wait_for_response": False},
    )


def test_requests_of_one_batch_are_answered_in_order(sim: Simulation) -> None:
    """A batch of several operations goes on where its agent had to think."""
    sim.script("Bob", [Reply("one", takes="5s"), ToolCall("note", {"who": "Bob"}), "two", "three"])
    sim.entity("dafx-Bob", "s").signal("reset")
    for message in ("first", "second", "third"):
        request = {"message": message, "correlationId": message, "role": "user"}
        sim.entity("dafx-Bob", "s").signal("run", request)
    sim.run_until_idle()
    assert not sim.agent("Bob").session("s").exists  # nothing is saved before the batch has ended
    sim.advance("1m")
    said = [message.text for message in sim.agent("Bob").session("s").messages if message.text]
    assert said == ["first", "one", "second", "two", "third", "three"]
    assert log == ["Bob at 00:05"]


def test_an_answer_to_a_session_that_was_purged_goes_nowhere(sim: Simulation) -> None:
    """Deleting a session while its agent thinks leaves nothing behind."""
    sim.script("Bob", [Reply("late", takes="1h"), "again"])
    post(sim, "Hello?")
    sim.advance("1m")
    sim.http.delete("/runtime/webhooks/durabletask/instances/@dafx-bob@s")
    sim.advance("2h")
    assert not sim.agent("Bob").session("s").exists
    post(sim, "Hello again?")
    sim.advance("1m")
    assert [entry.text for entry in sim.agent("Bob").session("s").entries] == [
        "Hello again?",
        "again",
    ]


def test_a_simulation_may_end_while_an_agent_thinks() -> None:
    """Closing cancels what agents are at, and nothing warns of it."""
    with Simulation(app()) as sim:
        script = sim.script("Bob", [Reply("never", takes="1h")])
        post(sim, "Hello?")
        sim.advance("1m")
        assert len(script.requests) == 1
