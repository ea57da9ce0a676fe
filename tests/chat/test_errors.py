"""Each way in which a script and its requests do not fit, and what is said about it."""

from __future__ import annotations

import asyncio
import pickle
from contextlib import suppress
from typing import Any, cast

import pytest
from agent_framework import FunctionTool

from tests.chat.support import Verdict, get_weather, run, user
from wfsim.chat import (
    ChatRequest,
    Fail,
    Reply,
    ScriptedChatClient,
    ScriptError,
    ToolCall,
    ToolCalls,
    When,
)
from wfsim.errors import UsageError

SAID = """
The conversation so far:
  instructions: Be brief.
  user: Weather in Oslo?"""


def complaint(source: Any, *, times: int = 1, **options: Any) -> str:
    """Return what the script says when an agent asks."""
    client = ScriptedChatClient(source, name="Weather")
    agent = client.as_agent(name="Weather", instructions="Be brief.", tools=[get_weather])
    for _ in range(times - 1):
        run(agent.run("Weather in Oslo?"))
    with pytest.raises(ScriptError) as caught:
        run(agent.run("Weather in Oslo?", options=cast("Any", options)))
    assert client.script.problems == [caught.value]
    with pytest.raises(ScriptError) as again:
        client.verify()
    assert again.value is caught.value
    return str(caught.value)


def test_a_turn_short() -> None:
    """A request with no turn left says how many there were, and which."""
    assert complaint(["Sunny.", "Rainy."], times=3) == (
        "The script of Weather: there is no turn left for request 3: the script has 2 turns.\n"
        "Add a turn for it, or find out why the request is made.\n"
        "The script:\n"
        "  1. replies 'Sunny.'\n"
        "  2. replies 'Rainy.'" + SAID
    )


def test_an_empty_script() -> None:
    """An agent with an empty script must not ask at all."""
    assert complaint([]) == (
        "The script of Weather: there is no turn left for request 1: the script has no turns.\n"
        "Add a turn for it, or find out why the request is made." + SAID
    )


def test_a_turn_long() -> None:
    """A turn that is never used is an error at the end of the `with` block."""
    client = ScriptedChatClient(
        ["Sunny.", ToolCall("get_weather", {"city": "Oslo"}), Fail("timeout")]
    )
    with pytest.raises(ScriptError) as caught, client:
        run(client.as_agent(instructions="Be brief.").run("Weather in Oslo?"))
    assert str(caught.value) == (
        "The script: 1 request came, and this was never used:\n"
        '  2. calls get_weather({"city": "Oslo"})\n'
        "  3. fails with TimeoutError\n"
        "Take it out, or find out why the agent did not ask for it." + SAID
    )


def test_nobody_asked() -> None:
    """A client that was never asked has no conversation to show."""
    with pytest.raises(ScriptError) as caught, ScriptedChatClient(["Sunny."], name="Weather"):
        pass
    assert str(caught.value) == (
        "The script of Weather: no request came, and this was never used:\n"
        "  1. replies 'Sunny.'\n"
        "Take it out, or find out why the agent did not ask for it."
    )


def test_a_tool_that_is_not_offered() -> None:
    """A call of a tool that the request does not have names the nearest one."""
    assert complaint([ToolCall("get_wether", {"city": "Oslo"})]) == (
        "The script of Weather: Turn 1 does not fit request 1: the script calls 'get_wether', but "
        "the request offers no such tool. Did you mean 'get_weather'? ToolCall(…, check=False) "
        "lets the model call it all the same." + SAID
    )


def test_no_tools_at_all() -> None:
    """Without tools there is nothing to call."""
    client = ScriptedChatClient([ToolCall("get_weather")])
    with pytest.raises(ScriptError, match=r"offers no such tool\. It offers no tools\. "):
        run(client.as_agent().run("Hi"))


def test_a_hosted_tool() -> None:
    """A tool that the provider runs by itself is no function to call."""
    client = ScriptedChatClient([ToolCall("web_search", {})])
    agent = client.as_agent(tools=[{"type": "web_search"}])
    with pytest.raises(ScriptError) as caught:
        run(agent.run("Hi"))
    assert str(caught.value).splitlines()[0] == (
        "The script: Turn 1 does not fit request 1: the script calls 'web_search', a hosted tool, "
        "which the provider runs by itself. Script its outcome: Reply(text, contents=[…])."
    )


def test_arguments_that_do_not_fit() -> None:
    """Arguments are checked as the framework does, and unknown ones besides."""
    assert complaint([ToolCall("get_weather", {"citty": "Oslo", "unit": "kelvin"})]) == (
        "The script of Weather: Turn 1 does not fit request 1: the script calls 'get_weather' with "
        "arguments that do not fit the tool:\n"
        "  citty: there is no such argument. Did you mean 'city'?\n"
        "  city: it is missing\n"
        "  unit: input should be 'celsius' or 'fahrenheit', not 'kelvin'\n"
        "Mend them, or script ToolCall(…, check=False) for a model that gets them wrong." + SAID
    )


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ("{city", "they are not JSON: "),
        ("[1]", "they must be a JSON object, not [1]"),
    ],
)
def test_arguments_that_are_no_object(arguments: str, line: str) -> None:
    """Arguments given as text are the JSON that the model wrote."""
    assert f"\n  {line}" in complaint([ToolCall("get_weather", arguments)])


def test_arguments_of_a_tool_with_a_schema() -> None:
    """Tools that come with a JSON schema, as those of MCP servers do, are checked against it."""
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}},
        "required": ["city"],
        "additionalProperties": False,
    }
    tool = FunctionTool(name="forecast", description="", func=lambda **_: "", input_model=schema)
    client = ScriptedChatClient([ToolCall("forecast", {"days": 0, "citi": "Oslo"})])
    with pytest.raises(ScriptError) as caught:
        run(client.as_agent(tools=[tool]).run("Hi"))
    assert str(caught.value).splitlines()[1:4] == [
        "  city: it is missing",
        "  days: it must be at least 1, not 0",
        "  citi: there is no such field. Did you mean 'city'?",
    ]


def test_a_call_where_tools_are_forbidden() -> None:
    """The last request of a function loop that reached its limit allows no calls."""
    client = ScriptedChatClient(
        lambda _: ToolCall("get_weather", {"city": "Oslo"}),
        function_invocation_configuration={"max_iterations": 2},
    )
    with pytest.raises(ScriptError) as caught:
        run(client.as_agent(tools=[get_weather]).run("Hi"))
    assert str(caught.value).splitlines()[0] == (
        "The script: The answer of <lambda>() does not fit request 3: the script calls "
        "'get_weather', but the request allows no tools: its tool_choice is 'none', as in the last "
        "request of a function loop that has reached its limit. Script a Reply for it, or "
        "ToolCall(…, check=False) for a model that calls all the same."
    )
    assert caught.value.conversation.splitlines() == [
        "user: Hi",
        'assistant: calls get_weather({"city": "Oslo"})',
        "tool: get_weather gave Sunny in Oslo, 22 degrees celsius",
        'assistant: calls get_weather({"city": "Oslo"})',
        "tool: get_weather gave Sunny in Oslo, 22 degrees celsius",
    ]


def test_a_value_that_does_not_fit_the_model() -> None:
    """A structured reply is checked against the pydantic model that the request asks for."""
    assert complaint([Reply(value={"spam": "perhaps", "reason": ""})], response_format=Verdict) == (
        "The script of Weather: Turn 1 does not fit request 1: the script replies "
        '\'{"spam":"perhaps","reason":""}\', which does not fit the request\'s '
        "response_format, Verdict:\n"
        "  spam: input should be a valid boolean, unable to interpret input, not 'perhaps'\n"
        "  reason: string should have at least 1 character, not ''\n"
        "Mend it, or script Reply(…, check=False) for a model that gets it wrong." + SAID
    )


@pytest.mark.parametrize(
    "wrap",
    [
        lambda schema: schema,
        lambda schema: {"type": "json_schema", "json_schema": {"name": "v", "schema": schema}},
        lambda schema: {"format": {"type": "json_schema", "schema": schema}},
    ],
    ids=["bare", "chat completions", "responses"],
)
def test_a_value_that_does_not_fit_the_schema(wrap: Any) -> None:
    """A response_format may be a JSON schema, bare or in a provider's envelope."""
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    text = complaint([Reply(value={"n": "3"})], response_format=wrap(schema))
    assert "response_format, the JSON schema:\n  n: it must be an integer, not '3'\n" in text


def test_text_where_structure_was_asked_for() -> None:
    """Text does not fit a response_format, unless it is the JSON for it."""
    text = complaint(["Sunny."], response_format=Verdict)
    assert "\n  the value: invalid JSON: " in text
    assert "it is not JSON" in complaint(["Sunny."], response_format={"type": "json_object"})


def test_no_rule_holds() -> None:
    """A request that no rule is for lists the rules."""
    rules = [When("snow", "Cold."), When({"tool_result": "get_weather"}, "Warm.")]
    assert complaint(rules) == (
        "The script of Weather: no rule answers request 1:\n"
        "  When('snow')\n"
        "  When({'tool_result': 'get_weather'})\n"
        "Add a rule for it; When('*', …) at the end answers everything else." + SAID
    )


def test_a_rule_is_used_up() -> None:
    """A rule with a list of turns answers that many requests."""
    assert complaint([When("weather", ["Sunny.", "Rainy."]), When("snow", "Cold.")], times=3) == (
        "The script of Weather: no rule answers request 3:\n"
        "  When('weather') holds, but its 2 turns are used up\n"
        "Add a rule for it; When('*', …) at the end answers everything else." + SAID
    )


def test_rules_never_used() -> None:
    """Rules, and turns of rules, that no request was for are named."""
    rules = [When("weather", ["a", "b"]), When("snow", "c"), When("*", "d")]
    client = ScriptedChatClient(rules)
    with pytest.raises(ScriptError) as caught, client:
        run(client.as_agent().run("Weather?"))
    assert str(caught.value).splitlines()[:4] == [
        "The script: 1 request came, and this was never used:",
        "  When('weather'), turn 2: replies 'b'",
        "  When('snow'): replies 'c'",
        "  When('*'): replies 'd'",
    ]


def test_a_condition_that_raises() -> None:
    """A mistake in a rule's function is the script's."""

    def is_late(request: ChatRequest) -> bool:
        raise KeyError("hour")

    assert complaint([When(is_late, "Bye.")]) == (
        "The script of Weather: the condition of When(is_late) raised KeyError: 'hour'." + SAID
    )


def test_a_function_that_raises() -> None:
    """An assertion inside a script's function is not lost in the framework."""

    def answer(request: ChatRequest) -> str:
        assert request.text == "Snow?", "asked for the weather"
        return "Cold."

    text = complaint(answer)
    assert text.startswith(
        "The script of Weather: the script's function raised AssertionError: asked for the weather"
    )
    assert "\nMend it; for an error of the model's provider return Fail(…).\n" in text


def test_a_function_that_returns_nothing() -> None:
    """A function that forgets to return is told so."""
    assert complaint(lambda _: None) == (
        "The script of Weather: the script's function returned nothing for request 1. "
        "Return a turn, such as Reply('…')." + SAID
    )


def test_a_function_that_returns_no_turn() -> None:
    """What a function returns is a turn, or stands for one."""
    assert complaint(lambda _: {"city": "Oslo"}) == (
        "The script of Weather: The answer of <lambda>() is {'city': 'Oslo'}, but a turn is a "
        "Reply, ToolCall, ToolCalls or Fail, text, or a list of ToolCalls. "
        "A structured reply is Reply(value={…})." + SAID
    )


def test_unchecked_turns_go_through() -> None:
    """`check=False` lets the model do what models do."""
    turns = [
        ToolCalls(
            ToolCall("launch", {}, check=False),
            ToolCall("get_weather", {"city": 1, "unit": "kelvin"}, check=False),
        ),
        Reply("no JSON", check=False),
    ]
    with ScriptedChatClient(turns) as client:
        options: Any = {"tools": [get_weather], "response_format": Verdict}
        answer = run(client.get_response(user("Hi"), options=options))
    assert answer.text == "no JSON"
    results = client.requests[1].messages[-1].contents
    assert ["Error" in str(item.result) for item in results] == [True, True]


def test_a_problem_is_told_with_the_test_that_failed_because_of_it() -> None:
    """Where a framework swallowed a script's error, the test's own failure has it as a note."""
    client = ScriptedChatClient([])

    def test() -> None:
        with client:
            with suppress(ScriptError):
                run(client.as_agent().run("Hi"))
            raise AssertionError("empty")

    with pytest.raises(AssertionError, match=r"^empty") as caught:
        test()
    assert caught.value.__notes__[0].startswith(
        "Before this, wfsim raised:\nThe script: there is no turn left for request 1"
    )


def test_an_error_tells_its_facts_and_survives_pickling() -> None:
    """Agent, request and conversation are attributes, also on the other side of a process."""
    client = ScriptedChatClient([], name="Weather")
    with pytest.raises(ScriptError) as caught:
        asyncio.run(client.get_response(user("Hi")))  # type: ignore[arg-type]
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (copy.agent, copy.number, copy.conversation) == ("Weather", 1, "user: Hi")
    assert str(copy) == str(caught.value)
    assert isinstance(copy, UsageError)
