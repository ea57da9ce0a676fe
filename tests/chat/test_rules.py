"""What conditions may say, and functions as scripts."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.chat.support import get_weather, run, user
from wfsim.chat import ChatRequest, Reply, Script, ScriptedChatClient, ToolCall, When
from wfsim.errors import UsageError


def talk(rules: list[Any], *said: str) -> list[str]:
    """Return what an agent with a tool answers to each of these."""
    client = ScriptedChatClient(rules, name="Weather")
    agent = client.as_agent(instructions="Speak Norwegian.", tools=[get_weather])
    return [run(agent.run(text)).messages[-1].text for text in said]


@pytest.mark.parametrize(
    "condition",
    [
        "OSLO",
        {"text_contains": "in oslo"},
        {"conversation_contains": "weather"},
        {"instructions_contain": "norwegian"},
        {"tool_offered": "get_weather"},
        {"agent": "Weather"},
        {"number": 1, "text_contains": "oslo"},
        lambda request: request.text.endswith("?"),
    ],
)
def test_conditions_hold(condition: Any) -> None:
    """A condition is part of what the user said, facts that all hold, or a function."""
    rules = [When(condition, "yes"), When("*", "no")]
    assert talk(rules, "Weather in Oslo?") == ["yes"]


@pytest.mark.parametrize(
    "condition",
    [
        "rome",
        {"text_contains": "oslo", "number": 2},
        {"tool_result": "get_weather"},
        {"agent": "weather"},
        lambda request: request.stream,
    ],
)
def test_conditions_do_not_hold(condition: Any) -> None:
    """The next rule is asked where a condition does not hold."""
    assert talk([When(condition, "yes"), When("*", "no")], "Weather in Oslo?") == ["no"]


def test_rules_follow_the_function_loop() -> None:
    """What a tool answered decides what the model says next."""
    rules = [
        When({"tool_result_contains": "sunny in rome"}, "Go to Rome."),
        When({"tool_result": "get_weather"}, "Stay."),
        When("rome", ToolCall("get_weather", {"city": "Rome"})),
        When("*", ToolCall("get_weather", {"city": "Oslo"})),
    ]
    assert talk(rules, "What about Rome?", "And Oslo?") == ["Go to Rome.", "Stay."]


def test_a_list_of_turns_is_used_up_and_one_turn_is_not() -> None:
    """A list answers that many requests; a single turn answers every time."""
    rules = [When("hi", ["first", "second"]), When("*", "again")]
    assert talk(rules, "hi", "hi", "hi", "hi") == ["first", "second", "again", "again"]


def test_a_function_sees_the_request() -> None:
    """A function gets everything that the model would, and may take its time."""

    async def answer(request: ChatRequest) -> Reply | ToolCall:
        await asyncio.sleep(60)
        if "get_weather" not in request.tool_results:
            return ToolCall("get_weather", {"city": request.text})
        return Reply(request.tool_results["get_weather"].upper())

    client = ScriptedChatClient(answer)
    agent = client.as_agent(tools=[get_weather])
    assert run(agent.run("Oslo")).messages[-1].text == "SUNNY IN OSLO, 22 DEGREES CELSIUS"
    assert [request.at.minute for request in client.requests] == [0, 1]
    client.verify()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "Hello",
            (
                "A script given as text is the path of a YAML file, but 'Hello' does not end "
                "in .yaml. For a single reply give ['Hello']."
            ),
        ),
        (
            None,
            (
                "A script is a list of turns or of When rules, a function of the request, or "
                "the path of a YAML file, not None."
            ),
        ),
        (
            ["a", When("b", "c")],
            (
                "A script is a list of turns or a list of When rules, but this one mixes them. "
                "When('*', […]) makes a rule of turns."
            ),
        ),
        (
            ["a", ValueError("b")],
            (
                "Turn 2 is ValueError('b'), but a turn is a Reply, ToolCall, ToolCalls or "
                "Fail, text, or a list of ToolCalls. A failure is Fail(…)."
            ),
        ),
        (
            Reply,
            (
                "A script is a list of turns or of When rules, a function of the request, or "
                "the path of a YAML file, not <class 'wfsim.chat.turns.Reply'>."
            ),
        ),
    ],
)
def test_what_is_no_script(source: Any, message: str) -> None:
    """A source that makes no script is refused when the script is made."""
    with pytest.raises(UsageError) as caught:
        Script(source)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("condition", "answers", "message"),
    [
        ("", "x", "When('') holds for everything; write When('*', …) if you mean that."),
        ({}, "x", "When({}) holds for everything; write When('*', …) if you mean that."),
        (
            {"text_contain": "x"},
            "x",
            "There is no condition 'text_contain'. Did you mean 'text_contains'?",
        ),
        (
            7,
            "x",
            (
                "The condition of a When is a part of what the user said, '*', a mapping or a "
                "function of the request, not 7."
            ),
        ),
        ("x", [], "The answer of When('x') is an empty list; give at least one turn."),
        (
            "x",
            7,
            (
                "The answer of When('x') is 7, but a turn is a Reply, ToolCall, ToolCalls or Fail, "
                "text, or a list of ToolCalls."
            ),
        ),
    ],
)
def test_what_is_no_rule(condition: Any, answers: Any, message: str) -> None:
    """A rule that makes no sense is refused when it is made."""
    with pytest.raises(UsageError) as caught:
        When(condition, answers)
    assert str(caught.value) == message


def test_several_calls_at_once_in_a_list() -> None:
    """A list within the list stands for calls that are made at once."""
    calls = [ToolCall("get_weather", {"city": city}) for city in ("Oslo", "Rome")]
    with ScriptedChatClient([calls, "Sunny."]) as client:
        run(client.get_response(user("Hi"), options={"tools": [get_weather]}))
    assert len(client.requests[1].messages[1].contents) == 2
