"""The scripted client as a full citizen of Agent Framework."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from agent_framework import (
    Agent,
    AgentExecutor,
    AgentResponse,
    ChatContext,
    ChatMiddleware,
    Content,
    FunctionInvocationContext,
    FunctionMiddleware,
    Message,
    SupportsChatGetResponse,
    WorkflowBuilder,
    tool,
)
from pydantic import BaseModel

from tests.chat.support import Verdict, get_weather, run, send_mail, user
from wfsim.chat import Reply, Script, ScriptedChatClient, ToolCall, ToolCalls, as_script


def test_the_function_loop_runs_tools() -> None:
    """Tools that the script calls run, and the model gets their results."""
    turns = [
        ToolCalls(
            ToolCall("get_weather", {"city": "Oslo"}),
            ToolCall("get_weather", {"city": "Rome", "unit": "fahrenheit"}),
            text="Let me look.",
        ),
        "Sunny in both.",
    ]
    with ScriptedChatClient(turns) as client:
        agent = Agent(client, "Be brief.", name="Weather", tools=[get_weather])
        answer = run(agent.run("Weather in Oslo and Rome?"))
    assert answer.messages[-1].text == "Sunny in both."
    first, second = client.requests
    assert (first.number, first.stream, first.text) == (1, False, "Weather in Oslo and Rome?")
    assert first.instructions == "Be brief."
    assert first.tool_names == ("get_weather",)
    assert [message.role for message in second.messages] == ["user", "assistant", "tool"]
    assert second.transcript().splitlines()[-2:] == [
        "tool: get_weather gave Sunny in Oslo, 22 degrees celsius",
        "tool: get_weather gave Sunny in Rome, 22 degrees fahrenheit",
    ]


def test_recorded_requests_stay_as_they_were() -> None:
    """What the framework adds to a conversation later is not in an earlier request."""
    turns = [ToolCall("get_weather", {"city": "Oslo"}), "Sunny."]
    with ScriptedChatClient(turns) as client:
        run(client.as_agent(tools=[get_weather]).run("Weather?"))
    assert [len(request.messages) for request in client.requests] == [1, 3]
    with pytest.raises(TypeError):
        client.requests[0].options["instructions"] = "x"  # type: ignore[index]


def test_call_ids_do_not_repeat_in_a_conversation() -> None:
    """Ids are counted, and those that another agent's script has used already are left out."""
    shared = [Message("user", ["Hi"])]
    first = ScriptedChatClient([ToolCall("get_weather", {"city": "Oslo"}), "Sunny."])
    second = ScriptedChatClient([ToolCall("get_weather", {"city": "Rome"}), "Sunny, too."])
    for client in (first, second):
        answer = run(client.as_agent(tools=[get_weather]).run(shared))
        shared += answer.messages
    ids = [
        item.call_id
        for message in shared
        for item in message.contents
        if item.type == "function_call"
    ]
    assert ids == ["call-1", "call-2"]


def test_ids_are_the_same_in_every_run() -> None:
    """Responses and messages have ids without chance, different for different conversations."""

    def ask(text: str) -> tuple[str | None, str | None]:
        response = run(ScriptedChatClient(["Yes."]).as_agent().run(text))
        return response.response_id, response.messages[0].message_id

    assert ask("Is it so?") == ask("Is it so?")
    assert ask("Is it so?") != ask("Is it not so?")


def test_structured_replies() -> None:
    """A model instance, or plain values, come back as what the request asked for."""
    said = Verdict(spam=True, reason="lottery")
    with ScriptedChatClient(
        [Reply(value=said), Reply(value={"spam": False, "reason": "-"})]
    ) as client:
        agent = client.as_agent()
        options: Any = {"response_format": Verdict}
        assert run(agent.run("Spam?", options=options)).value == said
        assert run(agent.run("Spam?", options=options)).value == Verdict(spam=False, reason="-")


def test_structured_replies_without_a_format() -> None:
    """A value is said as JSON text where nobody asked for a structure."""
    with ScriptedChatClient([Reply(value={"æ": [1, None]})]) as client:
        assert run(client.as_agent().run("Hi")).text == '{"æ":[1,null]}'


def test_reasoning_usage_and_finish_reason() -> None:
    """A reply may think, cost tokens, and end for any reason."""
    turn = Reply(
        "It is",
        reasoning="Hm.",
        usage={"input": 7, "output": 2, "cached": 3},
        finish_reason="length",
    )
    with ScriptedChatClient([turn]) as client:
        response = run(client.get_response(user("Hi")))
    kinds = [(item.type, item.text) for item in response.messages[0].contents]
    assert kinds == [("text_reasoning", "Hm."), ("text", "It is")]
    assert response.usage_details == {
        "input_token_count": 7,
        "output_token_count": 2,
        "cached": 3,
        "total_token_count": 9,
    }
    assert (response.finish_reason, response.model) == ("length", "scripted")


def test_usage_adds_up_over_the_function_loop() -> None:
    """The agent's response has the tokens of all requests."""
    turns = [
        ToolCalls(ToolCall("get_weather", {"city": "Oslo"}), usage={"input": 5, "output": 1}),
        Reply("Sunny.", usage={"input": 9, "output": 2}),
    ]
    with ScriptedChatClient(turns) as client:
        answer = run(client.as_agent(tools=[get_weather]).run("Weather?"))
    assert dict(answer.usage_details or {}) == {
        "input_token_count": 14,
        "output_token_count": 3,
        "total_token_count": 17,
    }


def test_further_content() -> None:
    """Content that is no text goes along, given as an object or as its fields."""
    image = Content.from_uri("https://example.org/a.png", media_type="image/png")
    fields = {"type": "error", "message": "no more"}
    with ScriptedChatClient([Reply("See:", contents=[image, fields])]) as client:
        answer = run(client.as_agent().run("Hi"))
    assert [item.type for item in answer.messages[0].contents] == ["text", "uri", "error"]


def test_latency_is_virtual() -> None:
    """An answer takes its time in a simulation, and is dated to when it is there."""

    async def ask() -> tuple[AgentResponse, float]:
        answer = await ScriptedChatClient([Reply("Yes.", takes="2m")]).as_agent().run("Hi")
        return answer, asyncio.get_running_loop().time()

    answer, elapsed = run(ask())
    assert (answer.created_at, elapsed) == ("2000-01-01T00:02:00Z", 120)


def test_no_time_passes_outside_of_a_simulation() -> None:
    """On a real loop latency is left out, and everything happens in the year 2000."""

    async def ask() -> AgentResponse:
        return await client.as_agent().run("Hi")

    with ScriptedChatClient([Reply("Yes.", takes="300d", chunk_takes="1d")]) as client:
        assert asyncio.run(ask()).created_at == "2000-01-01T00:00:00Z"
    assert client.requests[0].at == datetime(2000, 1, 1, tzinfo=UTC)


def test_approval_is_asked_for_and_given() -> None:
    """A call of a tool that needs approval waits for it, and then runs."""
    with ScriptedChatClient([ToolCall("send_mail", {"to": "Ann"}), "Sent."]) as client:
        agent = client.as_agent(name="Mailer", tools=[send_mail])

        async def talk() -> AgentResponse:
            session = agent.create_session()
            asked = await agent.run("Mail Ann", session=session)
            (request,) = asked.user_input_requests
            assert request.function_call is not None
            assert request.function_call.parse_arguments() == {"to": "Ann"}
            answer = request.to_function_approval_response(approved=True)
            return await agent.run(Message("user", [answer]), session=session)

        assert run(talk()).messages[-1].text == "Sent."
    assert client.requests[1].tool_results == {"send_mail": "sent to Ann"}


def test_sessions_remember() -> None:
    """The second request of a session has the first answer in it."""
    with ScriptedChatClient(["Hello Ann.", "Ann."]) as client:
        agent = client.as_agent()

        async def talk() -> None:
            session = agent.create_session()
            await agent.run("I am Ann", session=session)
            await agent.run("Who am I?", session=session)

        run(talk())
    assert client.requests[1].transcript().splitlines() == [
        "user: I am Ann",
        "assistant: Hello Ann.",
        "user: Who am I?",
    ]


class Shout(ChatMiddleware):
    """Changes what the model is asked."""

    async def process(self, context: ChatContext, call_next: Callable[[], Awaitable[None]]) -> None:
        context.messages = [Message("user", [context.messages[0].text.upper()])]
        await call_next()


class Audit(FunctionMiddleware):
    """Writes down which tools run."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def process(
        self, context: FunctionInvocationContext, call_next: Callable[[], Awaitable[None]]
    ) -> None:
        self.seen.append(context.function.name)
        await call_next()


@pytest.mark.parametrize("stream", [False, True])
def test_middleware_is_in_force(stream: bool) -> None:
    """Chat and function middleware of the client see everything, and may change it."""
    audit = Audit()
    turns = [ToolCall("get_weather", {"city": "Oslo"}), "Sunny."]
    with ScriptedChatClient(turns, middleware=[Shout(), audit]) as client:
        agent = client.as_agent(tools=[get_weather])

        async def ask() -> AgentResponse:
            if not stream:
                return await agent.run("weather?")
            return await agent.run("weather?", stream=True).get_final_response()

        assert run(ask()).messages[-1].text == "Sunny."
    assert client.requests[0].text == "WEATHER?"
    assert audit.seen == ["get_weather"]


def test_an_agent_as_a_tool() -> None:
    """An agent may be another one's tool; its arguments are checked against the schema it has."""
    with (
        ScriptedChatClient(["Sunny."]) as inner,
        ScriptedChatClient(
            [ToolCall("forecaster", {"task": "Weather in Oslo?"}), "It will be sunny."]
        ) as outer,
    ):
        helper = inner.as_agent(name="forecaster").as_tool()
        answer = run(outer.as_agent(tools=[helper]).run("Shall I go out?"))
    assert answer.messages[-1].text == "It will be sunny."
    assert inner.requests[0].text == "Weather in Oslo?"
    assert outer.requests[1].tool_results == {"forecaster": "Sunny."}


class Place(BaseModel):
    city: str


def test_tools_of_every_kind_are_offered_by_name() -> None:
    """Functions, hosted tools and functions as a provider writes them are told apart."""

    @tool(schema=Place)
    def near(city: str) -> str:
        return city

    def plain(n: int) -> int:
        return n

    chat = {"type": "function", "function": {"name": "chat", "parameters": {"type": "object"}}}
    responses = {"type": "function", "name": "responses", "parameters": {"type": "object"}}
    tools = [near, plain, chat, responses, {"type": "web_search"}]
    turns = [ToolCalls(ToolCall("chat"), ToolCall("responses"))]
    options = {"enabled": False}
    with ScriptedChatClient(turns, function_invocation_configuration=options) as client:
        run(client.get_response(user("Hi"), options={"tools": tools}))
    assert client.requests[0].tool_names == ("near", "plain", "chat", "responses")


def test_agents_share_a_client_at_the_same_time() -> None:
    """Requests of several agents are answered in the order in which they are made."""
    with ScriptedChatClient([Reply("one", takes="2s"), Reply("two", takes="1s")]) as client:
        order: list[str] = []

        async def ask(name: str) -> None:
            answer = await client.as_agent(name=name).run(name)
            order.append(f"{name}: {answer.text}")

        async def both() -> None:
            await asyncio.gather(ask("first"), ask("second"))

        run(both())
    assert order == ["second: two", "first: one"]


def test_agents_in_a_graph() -> None:
    """Agents of a graph workflow talk to their scripts."""
    with ScriptedChatClient(["A draft."]) as writer, ScriptedChatClient(["Good."]) as critic:
        draft = AgentExecutor(writer.as_agent(name="Writer"), id="writer")
        review = AgentExecutor(critic.as_agent(name="Critic"), id="critic")
        graph = WorkflowBuilder(start_executor=draft, name="review").add_edge(draft, review).build()

        async def play() -> Any:
            return await graph.run("Write")

        run(play())
    assert critic.requests[0].transcript().splitlines()[-1] == "assistant: A draft."


def test_it_is_a_chat_client_as_the_framework_defines_it() -> None:
    """The client satisfies the framework's protocol, and can be shown without its script."""
    client = ScriptedChatClient([], additional_properties={"team": "a"})
    assert isinstance(client, SupportsChatGetResponse)
    assert "script" not in client.to_dict()
    assert client.additional_properties == {"team": "a"}


def test_a_script_may_be_shared() -> None:
    """Two clients with one script take its turns in the order of their requests."""
    script = Script(["one", "two"], name="Both")
    first, second = ScriptedChatClient(script), ScriptedChatClient(script)
    assert run(second.as_agent().run("Hi")).text == "one"
    assert run(first.as_agent().run("Hi")).text == "two"
    assert as_script(script) is script
    assert repr(script) == "<Script of Both: 2 requests>"
    script.verify()


def test_a_stream_that_nobody_reads_asks_nothing() -> None:
    """A request is made when its answer is awaited, as with real clients."""
    client = ScriptedChatClient(["Yes."])
    client.get_response(user("Hi"), stream=True)
    assert client.requests == []
    assert client.script.unused() == ["1. replies 'Yes.'"]
