"""Agents and their models in the timeline, exactly as they are read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from agent_framework import Agent

from tests.agents.support import KeyedClient, answer_of, asking
from wfsim.chat import Fail, Reply
from wfsim.report import render_timeline
from wfsim.report.names import readable
from wfsim.trace import EntityChanged, EntityOperated, EntityRequested, Trace

SESSION = "@dafx-writer@34511f31-7107-570b-98fe-3f2ff321e24a"


def lines(*records: Any) -> list[str]:
    """The timeline of some records, line by line, without the times."""
    trace = Trace(start_us=0)
    for record in records:
        trace.add(record)
    return [line[6:] for line in render_timeline(trace, width=120).splitlines()]


def request(text: object) -> EntityRequested:
    """A request to an agent, as the host stores it."""
    return EntityRequested(
        at_us=0,
        instance_id=SESSION,
        operation="run",
        input=json.dumps(json.dumps(text)),
        caller="trip",
        is_signal=False,
    )


def response(*contents: dict[str, Any], **more: Any) -> EntityOperated:
    """An agent's response, as the host stores it."""
    body = {"type": "agent_response", "messages": [{"role": "assistant", "contents": contents}]}
    return EntityOperated(
        at_us=0,
        instance_id=SESSION,
        operation="run",
        caller="trip",
        is_signal=False,
        result=json.dumps({**body, **more}),
        failure=None,
    )


def test_requests_to_models_are_rows_of_their_agents() -> None:
    """What an agent asked, what came of it, and how long that took, stand in one line."""

    async def twice(question: str) -> str:
        agent = Agent(client=KeyedClient(), name="Clerk")
        try:
            await agent.run(question)
        except Exception:
            return (await agent.run("Again?")).text
        return "never"

    with asking(twice) as sim:
        sim.script("Clerk", [Fail("RateLimitError", takes="1s"), Reply("Three.", takes="3s")])
        answer_of(sim)
        shown = [line for line in sim.timeline(width=100).splitlines() if "Clerk" in line]
    assert shown == [
        'T+1s  Clerk  │ ✗ model after 1s  "How much?" → fails with RateLimitError',
        "T+4s  Clerk  │ · model after 3s  \"Again?\" → replies 'Three.'",
    ]


def test_an_agents_session_reads_as_a_dialogue() -> None:
    """A session's lines show the message and the answer, and leave the stored state out."""
    changed = EntityChanged(at_us=0, instance_id=SESSION, state="{}")
    call = {"type": "function_call", "name": "look"}
    text = {"type": "text", "text": "It rains."}
    assert lines(request({"message": "Weather?"}), response(call, text), changed) == [
        'writer@34511f ✉ "Weather?" from trip',
        'writer@34511f · answers  calls look, "It rains."',
    ]


def test_an_agent_that_failed_is_marked() -> None:
    """The error that the framework swallowed is a failure in the timeline."""
    error = {"type": "error", "message": "slow down", "error_code": "RateLimitError"}
    assert lines(response(error)) == ["writer@34511f ✗ answers  RateLimitError: slow down"]


@pytest.mark.parametrize(
    "record",
    [request([1]), request({"no": "message"}), response(messages="none")],
    ids=["no mapping", "no message", "no messages"],
)
def test_what_is_no_dialogue_is_shown_as_it_is(record: Any) -> None:
    """An entity that only looks like an agent's is shown as every entity is."""
    (line,) = lines(record)
    assert line.startswith(("writer@34511f ✉ run(", "writer@34511f · run"))


def test_an_answer_without_words_is_nothing() -> None:
    """An agent that says nothing answers nothing."""
    assert lines(response({"type": "usage"})) == ["writer@34511f · answers  nothing"]


def test_names_of_sessions_are_short() -> None:
    """Sessions lose the framework's prefix, and made-up keys are cut."""
    assert readable(SESSION) == "writer@34511f"
    assert readable("@dafx-writer@ann") == "writer@ann"
    assert readable("@counter@a") == "counter@a"
    assert readable("34511f31-7107-570b-98fe-3f2ff321e24a") == "34511f"
