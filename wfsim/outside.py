"""The outside world of a simulated app: what answers it, and who asks something of it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from wfsim.doors import AgentHandle, EntityHandle, FunctionCall, HttpDoor
from wfsim.doors import functions as function_door
from wfsim.doors.http import DEFAULT_TIMEOUT
from wfsim.errors import UsageError
from wfsim.http_stubs import HeaderValues, HttpAnswer, HttpStub
from wfsim.hub.settings import HostSettings
from wfsim.stubs import UNSET, ActivityStub, Answer, Unset
from wfsim.web import Request, Response
from wfsim.workers.azure_functions.client import Transport, make_client
from wfsim.workers.azure_functions.live import Borders
from wfsim.workers.azure_functions.walk import HTTP_ACTIVITY
from wfsim.world import World

if TYPE_CHECKING:
    from wfsim.chat import Script
    from wfsim.chat.sources import ScriptSource

__all__ = ["Outside"]

Duration = timedelta | str

_T = TypeVar("_T")

Metadata = Mapping[str, object]


class Outside:
    """The half of a simulation that faces the outside world; see `Simulation`."""

    _world: World

    @property
    def borders(self) -> Borders:
        """How many turn borders were replayed so far, and how many need no replay."""
        return self._world.borders

    # --- who asks something of the app ----------------------------------------------------------

    @property
    def http(self) -> HttpDoor:
        """Sends HTTP requests to the app: its functions under "/api", and the durable webhooks."""
        return HttpDoor(self._world)

    @property
    def client(self) -> Any:  # noqa: ANN401 - the SDK is untyped
        """The real `DurableOrchestrationClient`, over memory instead of a socket.

        Await its methods in an `async def` test, or hand them to `run_until_complete`.
        """
        world = self._world

        async def answer(request: Request) -> Response:
            world.require_open()
            return await world.host.answer(request)

        return make_client(world.host.links.binding(), Transport(answer))

    def run_until_complete(self, work: Awaitable[_T], *, timeout: Duration = DEFAULT_TIMEOUT) -> _T:
        """Await something inside the simulation, and let time pass until it is done.

        Args:
            work: A coroutine, such as a call of `client`.
            timeout: The most virtual time to wait.

        Returns:
            What it returned.

        Raises:
            FunctionFailed: it was not done in time.
            UsageError: the simulation is closed, or this was called from inside of it.
        """
        world = self._world
        if (world.is_moving or not world.is_open) and inspect.iscoroutine(work):
            work.close()  # or Python warns that nobody awaited it
        world.require_open()
        world.refuse_while_moving()

        async def awaited() -> _T:
            return await work

        task = world.spawn(awaited(), name=getattr(work, "__qualname__", "the coroutine"))
        world.settle(task, timeout)
        return task.result()

    def entity(self, name: str, key: str) -> EntityHandle:
        """Return the handle of an entity, whether it exists yet or not.

        Raises:
            UsageError: the app has no entity of that name, or the key is none.
        """
        self._world.check_registered("entity", name)
        if not isinstance(key, str) or not key:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageError(f"An entity's key is text of at least one character, not {key!r}.")
        return EntityHandle(self._world, name, key)

    @property
    def entities(self) -> list[EntityHandle]:
        """The handles of all entities that exist, in the order in which they came into being."""
        self._world.hub.look()
        return [
            EntityHandle(self._world, entity.name, entity.key)
            for entity in self._world.hub.entities.values()
            if entity.exists
        ]

    def trigger(
        self,
        name: str,
        payload: object = None,
        *,
        metadata: Metadata | Sequence[Metadata] | None = None,
        inputs: Mapping[str, object] | None = None,
        timeout: Duration = DEFAULT_TIMEOUT,
    ) -> FunctionCall:
        """Call a function by its timer, queue, blob or other trigger; let time pass until it ends.

        From inside the simulation, as in `sim.at("2h", sim.trigger, "nightly")`, nobody may move
        time: then it is still running when this returns.

        Args:
            name: The function.
            payload: The message, blob, documents or event; docs/whole-app.md has a table.
            metadata: What the service says of it, such as `{"dequeue_count": 2}`; of a batch, one
                for all or a list.
            inputs: Values of the function's other input bindings, by parameter.
            timeout: The most virtual time to wait.

        Returns:
            The call, with what it `returned` and its `outputs`.

        Raises:
            UsageError: there is no such function, or the payload does not fit its trigger.
            FunctionFailed: it raised, or did not end in time.
        """
        return function_door.trigger(
            self._world, name, payload, metadata=metadata, inputs=inputs, timeout=timeout
        )

    # --- what answers the app -------------------------------------------------------------------

    def stub_activity(
        self,
        name: str,
        *,
        returns: object | Unset = UNSET,
        raises: BaseException | type[BaseException] | None = None,
        takes: Duration | tuple[Duration, Duration] | None = None,
        calls: Callable[[Any], object] | None = None,
        answers: Sequence[Answer] | None = None,
    ) -> ActivityStub:
        """Answer calls of an activity instead of running it.

        Args:
            name: The activity.
            returns: Its result.
            raises: What it raises.
            takes: How long it lasts; alone, the app's own activity runs and lasts that long. A pair
                is the shortest and the longest, between which a schedule may choose.
            calls: A function of its input to run in its place, sync or async.
            answers: One `Answer` per call instead; the last one repeats.

        Returns:
            The stub, whose `calls` lists the inputs.

        Raises:
            UsageError: the app has no such activity, or the arguments contradict each other.
        """
        self._world.require_open()
        if str(name).casefold() != HTTP_ACTIVITY.casefold():
            self._world.check_registered("activity", name)
        one = (returns is UNSET, raises is None, takes is None, calls is None)
        if answers is None:
            answers = [Answer(returns=returns, raises=raises, takes=takes, calls=calls)]
        elif not all(one):
            raise UsageError(
                f"The stub of {name!r} gets answers= and one answer besides. Put that one into "
                "the list."
            )
        elif not answers:
            raise UsageError(f"The stub of {name!r} has an empty list of answers; give one.")
        for answer in answers:
            if answer.calls is not None:
                self._world.take_in(answer.calls)
        stub = ActivityStub(name=name, answers=tuple(answers))
        self._world.stubs.add(stub)
        return stub

    def stub_http(  # noqa: PLR0913 - keyword-only, each with a default
        self,
        method: str,
        url: str | re.Pattern[str],
        *,
        status: int = 200,
        json: object | Unset = UNSET,
        body: str | bytes | None = None,
        headers: HeaderValues | None = None,
        takes: Duration | None = None,
        fails: str | None = None,
        calls: Callable[[Request], object] | None = None,
        answers: Sequence[HttpAnswer] | None = None,
    ) -> HttpStub:
        """Answer what orchestrators ask of a URL with `context.call_http`.

        Of several stubs that match, the latest answers. What no stub answers goes to the app's own
        routes; anything else is an error, unless the simulation may use the network.

        Args:
            method: Such as "GET"; "*" stands for every method.
            url: All of it, `*` for any text; without "?" the query does not matter. Or a compiled
                regular expression.
            status: The status code; 4xx and 5xx do not raise, as in production.
            json: The body, as a JSON value.
            body: The body, as text or bytes.
            headers: Response headers.
            takes: How long the answer takes, in virtual time.
            fails: The text of a transport error, such as "Connection refused"; the task fails.
            calls: A function of the request that returns the answer, sync or async.
            answers: One `HttpAnswer` per request instead; the last one repeats.

        Returns:
            The stub, whose `calls` lists the requests.

        Raises:
            UsageError: the arguments make no sense, or contradict each other.
        """
        self._world.require_open()
        stub = self._world.http_stubs.add(
            method,
            url,
            status=status,
            json=json,
            body=body,
            headers=headers,
            takes=takes,
            fails=fails,
            calls=calls,
            answers=answers,
        )
        for answer in stub.answers:
            if answer.calls is not None:
                self._world.take_in(answer.calls)
        if len(stub.answers) > 1 or stub.answers[0].calls is not None:
            self._world.hub.shares_state = True  # who asks first gets the first answer
        return stub

    def script(self, agent: str, source: Script | ScriptSource) -> Script:
        """Answer what an agent asks its model, wherever the app made the agent and its client.

        The agent's own client need not work: one that cannot be built for want of credentials does
        as well. Agents without a script may not ask at all.

        Args:
            agent: The agent's name; or the name of a chat client's class, for code that asks a
                client without an agent.
            source: A list of turns, a function of the request, rules, the path of a YAML file, or
                a `wfsim.chat.Script`.

        Returns:
            The script, whose `requests` lists what was asked.

        Raises:
            UsageError: the source is none of these.
        """
        self._world.require_open()
        self._world.hub.shares_state = True  # whoever asks takes the next turn
        return self._world.agents.bind(agent, source)

    def chat_client(self, agent: str, client: object) -> None:
        """Let an agent ask a chat client of the test's own in place of the app's.

        Args:
            agent: See `script`.
            client: Anything with Agent Framework's `get_response`.

        Raises:
            UsageError: it is no chat client.
        """
        self._world.require_open()
        self._world.hub.shares_state = True
        self._world.agents.bind_client(agent, client)

    def agent(self, name: str) -> AgentHandle:
        """Return the handle of a durable agent, which shows its sessions.

        Raises:
            UsageError: the app has no durable agent of that name.
        """
        return AgentHandle(self._world, name)

    @property
    def settings(self) -> HostSettings:
        """The host's settings: those given, else those of the app's `host.json`."""
        return self._world.hub.settings
