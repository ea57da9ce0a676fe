"""Scripts answer agents wherever the app has made them, and nobody else answers."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, Self

import pytest
from agent_framework import Agent, BaseChatClient, ChatContext, ChatMiddleware, Message, tool

from tests.agents.support import KeyedClient, answer_of, asking
from wfsim import ScriptError, UsageError
from wfsim.chat import Reply, ScriptedChatClient, ToolCall
from wfsim.trace import ModelAnswered, ModelAsked


def agent_of(name: str = "Clerk", **options: Any) -> Agent[Any]:
    """An agent with a client of its own, made where it is called."""
    return Agent(client=KeyedClient(**options.pop("client", {})), name=name, **options)


async def text_of(agent: Agent[Any], question: str) -> str:
    """Ask an agent and return the text of its answer."""
    return (await agent.run(question)).text


def test_a_client_without_its_key_is_no_obstacle() -> None:
    """An agent whose client cannot even be built is answered by its script, in virtual time."""
    with asking(lambda question: text_of(agent_of(), question)) as sim:
        script = sim.script("Clerk", [Reply("Three.", takes="5s")])
        assert answer_of(sim) == "Three."
        assert [request.text for request in script.requests] == ["How much?"]
        assert script.requests[0].agent == "Clerk"
        assert sim.now - script.requests[0].at >= timedelta(seconds=5)


def test_agents_that_share_a_client_have_scripts_of_their_own() -> None:
    """The agent's name decides, and not the client's identity."""

    async def both(question: str) -> list[str]:
        client = KeyedClient()
        ann, bob = client.as_agent(name="Ann"), client.as_agent(name="Bob")
        return [await text_of(ann, question), await text_of(bob, question)]

    with asking(both) as sim:
        sim.script("Bob", ["from Bob"])
        sim.script("Ann", ["from Ann"])
        assert answer_of(sim) == ["from Ann", "from Bob"]


def test_streams_are_answered_too() -> None:
    """A streamed run gets the script's chunks."""

    async def streamed(question: str) -> list[str]:
        stream = agent_of().run(question, stream=True)
        return [update.text async for update in stream if update.text]

    with asking(streamed) as sim:
        sim.script("Clerk", [Reply("Three or four.", chunks=["Three ", "or four."])])
        assert answer_of(sim) == ["Three ", "or four."]


def test_an_agent_may_be_another_ones_tool() -> None:
    """The inner agent's requests go to its own script, while the outer one waits for its tool."""

    async def nested(question: str) -> str:
        inner = agent_of("Inner", description="Knows.")
        return await text_of(agent_of("Outer", tools=[inner.as_tool()]), question)

    with asking(nested) as sim:
        sim.script("Outer", [ToolCall("Inner", {"task": "count"}), "It says three."])
        inner = sim.script("Inner", ["three"])
        assert answer_of(sim) == "It says three."
        assert inner.requests[0].text == "count"


def test_the_clients_own_layers_stay() -> None:
    """Middleware and settings that the app gave its client work, even on one without a key."""
    seen: list[str] = []

    class Watch(ChatMiddleware):
        async def process(self, context: ChatContext, call_next: Any) -> None:
            seen.append(str(context.messages[-1].text))
            await call_next()

    @tool(approval_mode="never_require")
    def look() -> str:
        """Look it up."""
        return "3"

    settings = {"middleware": [Watch()], "function_invocation_configuration": {"max_iterations": 1}}
    with asking(lambda q: text_of(agent_of(client=settings, tools=[look]), q)) as sim:
        script = sim.script("Clerk", [ToolCall("look"), "Enough."])
        assert answer_of(sim) == "Enough."
        assert seen[0] == "How much?"
        assert script.requests[-1].options["tool_choice"] == "none"


def test_no_script_no_answer() -> None:
    """An agent without a script fails, and the test hears of it whatever the app swallows."""

    async def careless(question: str) -> str:
        try:
            return await text_of(agent_of(), question)
        except Exception:
            return "never mind"

    with asking(careless) as sim:
        sim.script("Clark", lambda _: "Three.")
        with pytest.raises(ScriptError) as caught:
            answer_of(sim)
    assert str(caught.value) == (
        "The agent 'Clerk' asked its model, and has no script. Did you mean 'Clark'?\n"
        "Its KeyedClient could not even be built, which is no matter where there is a script: "
        "KeyError: 'WFSIM_NO_SUCH_KEY'\n"
        "Give it one, sim.script('Clerk', [\"…\"]), so that no test reaches a model by accident.\n"
        "It asked:\n"
        "  user: How much?"
    )


def test_an_agent_without_a_name_is_told_to_get_one() -> None:
    """Nameless agents cannot have scripts, and the error says so."""

    async def nameless(question: str) -> str:
        return await text_of(Agent(client=KeyedClient()), question)

    with (
        pytest.raises(ScriptError, match=r"^An agent without a name asked its model"),
        asking(nameless) as sim,
    ):
        answer_of(sim)


def test_turns_that_nobody_used_are_reported_at_the_end() -> None:
    """Closing the simulation raises for what a script has left."""
    sim = asking(lambda question: text_of(agent_of(), question))
    sim.script("Clerk", ["Three.", "Four."])
    assert answer_of(sim) == "Three."
    with pytest.raises(ScriptError, match=r"(?s)^The script of Clerk: 1 request came.*'Four\.'"):
        sim.close()


def test_a_problem_is_raised_once() -> None:
    """What an operation has raised, closing does not raise again."""
    with asking(lambda question: text_of(agent_of(), question)) as sim:
        sim.script("Clerk", [])
        with pytest.raises(ScriptError, match="there is no turn left"):
            answer_of(sim)


def test_a_client_that_is_asked_directly_goes_by_its_class() -> None:
    """Code without an agent is refused as well, and can be given a script by the class's name."""

    async def direct(question: str) -> str:
        response = await KeyedClient().get_response([Message(role="user", contents=[question])])
        return str(response.text)

    with (
        pytest.raises(ScriptError, match=r"^The agent 'KeyedClient' asked its model"),
        asking(direct) as sim,
    ):
        answer_of(sim)
    with asking(direct) as sim:
        sim.script("KeyedClient", ["Three."])
        assert answer_of(sim) == "Three."


def test_a_client_of_the_tests_own_may_stand_in() -> None:
    """`chat_client` lets a fake answer, also one that derives from the framework's base only."""

    class Fake(BaseChatClient[Any]):
        def _inner_get_response(self, *, messages: Any, **_: Any) -> Any:
            return ScriptedChatClient(["from the fake"]).get_response(messages)

    with asking(lambda question: text_of(agent_of(), question)) as sim:
        sim.chat_client("Clerk", Fake())
        assert answer_of(sim) == "from the fake"
        with pytest.raises(UsageError, match=r"^\['Three'\] is no chat client"):
            sim.chat_client("Clerk", ["Three"])


def test_a_scripted_client_of_the_apps_needs_no_second_script() -> None:
    """An app that was written with a ScriptedChatClient runs as it is."""

    async def scripted(question: str) -> str:
        return await text_of(Agent(client=ScriptedChatClient(["Three."]), name="Clerk"), question)

    with asking(scripted) as sim:
        assert answer_of(sim) == "Three."
        seen = [event for event in sim.trace if isinstance(event, ModelAsked | ModelAnswered)]
        assert [event.instance_id for event in seen] == ["Clerk", "Clerk"]


class Own(ScriptedChatClient):
    """What an app may derive."""


@pytest.mark.parametrize("kind", [ScriptedChatClient, Own])
def test_a_scripted_client_of_the_apps_is_strict(kind: type[ScriptedChatClient]) -> None:
    """What its script cannot answer reaches the test, though the app has swallowed it."""
    client = kind(["Three."], name="Clerk")

    async def swallowing(question: str) -> str:
        try:
            return await text_of(Agent(client=client, name="Clerk"), question)
        except ScriptError:
            return "nothing"

    with asking(swallowing) as sim:
        assert answer_of(sim) == "Three."
        with pytest.raises(ScriptError, match="no turn left for request 2"):
            answer_of(sim)
    with asking(swallowing) as again:  # what was wrong before is not its problem
        again.run_until_idle()
        with pytest.raises(ScriptError, match="no turn left for request 3"):
            answer_of(again)


def test_a_scripted_client_may_be_asked_directly() -> None:
    """Without an agent, in the app or in its own right afterwards, each to its own trace."""
    client = ScriptedChatClient(["Three.", "Four."])

    async def direct(question: str) -> str:
        return str((await client.get_response([Message("user", [question])])).text)

    with asking(direct) as sim:
        assert answer_of(sim) == "Three."
    assert asyncio.run(direct("And now?")) == "Four."
    names = [event.instance_id for event in sim.trace if isinstance(event, ModelAsked)]
    assert names == ["ScriptedChatClient"]


def test_what_its_constructor_would_have_set_is_none() -> None:
    """Code of a provider that asks its half-built client for an attribute finds None there."""

    class Provider(KeyedClient):
        def __init__(self) -> None:
            super().__init__()
            self.connection = object()

        def service_url(self) -> str:
            raise AssertionError(f"there is no {self.connection}")

        @property
        def is_connected(self) -> bool:
            return self.connection is not None

    async def careful(question: str) -> str:
        client = Provider()
        return await text_of(Agent(client=client, name="Clerk"), f"{client.is_connected}")

    with asking(careful) as sim:
        script = sim.script("Clerk", ["Three."])
        assert answer_of(sim) == "Three."
        assert script.requests[0].text == "False"


def test_a_client_that_is_entered_needs_no_connection() -> None:
    """A stand-in for a client with connections opens and closes none."""

    class Connected(KeyedClient):
        async def __aenter__(self) -> Self:
            raise AssertionError(f"opened with {self.key}")

        async def __aexit__(self, *_: object) -> None:
            raise AssertionError(f"closed with {self.key}")

    async def entered(question: str) -> str:
        async with Agent(client=Connected(), name="Clerk") as agent:
            return await text_of(agent, question)

    with asking(entered) as sim:
        sim.script("Clerk", ["Three."])
        assert answer_of(sim) == "Three."


def test_a_wrong_call_of_a_constructor_still_fails() -> None:
    """What is wrong with credentials, too, is not forgiven."""

    async def wrong(question: str) -> str:
        return await text_of(Agent(client=KeyedClient(1, 2), name="Clerk"), question)  # type: ignore[arg-type, call-arg]

    with asking(wrong) as sim:
        sim.start("lead", input="?", instance_id="w")
        sim.run_until_idle()
        assert "TypeError" in str(sim.run("w").failure)


def test_outside_of_a_simulation_everything_is_as_before() -> None:
    """The framework's classes are their own again, and constructors fail as they should."""
    before = (Agent._call_chat_client, BaseChatClient.get_response)
    with asking(lambda question: text_of(agent_of(), question)) as sim:
        sim.script("Clerk", ["Three."])
        answer_of(sim)
    assert (Agent._call_chat_client, BaseChatClient.get_response) == before
    with pytest.raises(KeyError, match="WFSIM_NO_SUCH_KEY"):
        KeyedClient()


def test_names_are_text() -> None:
    """A script is bound to a name."""
    with (
        asking(lambda question: text_of(agent_of(), question)) as sim,
        pytest.raises(UsageError, match=r"^A script is bound to the name of an agent, as text"),
    ):
        sim.script(None, ["Three."])  # type: ignore[arg-type]
