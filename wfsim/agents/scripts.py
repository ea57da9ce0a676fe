"""Who answers in place of the models: scripts, by the names of the agents that ask them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any

from wfsim.agents.arrival import upon_arrival
from wfsim.agents.outages import Outages
from wfsim.clock import TimeSource
from wfsim.errors import ScriptError, UsageError, nearest
from wfsim.hub.faults import FaultChoices
from wfsim.trace import ModelAnswered, ModelAsked

if TYPE_CHECKING:
    from wfsim.chat import ChatRequest, Script
    from wfsim.chat.sources import ScriptSource
    from wfsim.chat.turns import Turn

__all__ = ["AgentScripts", "framework_modules"]

_FRAMEWORK = "agent_framework"


class AgentScripts:
    """The scripts of one simulation's agents.

    Args:
        live: Whether agents without a script may ask their real models. Off, they fail.
    """

    def __init__(self, *, live: bool = False) -> None:
        self.live = live
        self._record: Callable[[ModelAsked | ModelAnswered], None] | None = None
        self._clock: TimeSource | None = None
        self._scripts: dict[str, Script] = {}
        self._clients: dict[str, Any] = {}
        self._noticed: dict[int, tuple[Script, int]] = {}
        self._refused: list[ScriptError] = []
        self._raised: set[int] = set()
        self._is_open = False
        self.is_in_use = False
        """Whether `has_news` is worth to be asked for: after each step, that is."""
        self.disturb: Callable[[ChatRequest], Turn | None] | None = None
        """See `Script.disturb`."""

    def bind(self, name: str, source: Script | ScriptSource) -> Script:
        """Let a script answer what an agent asks its model; an earlier one of it is replaced.

        Args:
            name: The agent's name; or the name of a chat client's class, for code that asks a
                client without an agent.
            source: What `wfsim.chat.Script` takes, or a `Script`.

        Returns:
            The script, which remembers the requests.

        Raises:
            UsageError: the name is no text, or the source makes no script.
        """
        _check_name(name)
        from wfsim.chat import as_script  # noqa: PLC0415 - imports the framework

        script = as_script(source, name=name)
        script.watch, script.disturb = self._seen, self.disturb
        self._clients.pop(name, None)
        self._scripts[name], self.is_in_use = script, True
        return script

    def bind_client(self, name: str, client: object) -> None:
        """Let a chat client of the test's own be asked in place of the app's.

        Args:
            name: See `bind`.
            client: Anything with the framework's `get_response`.

        Raises:
            UsageError: the name is no text, or the client is none.
        """
        _check_name(name)
        if not hasattr(client, "get_response"):
            raise UsageError(
                f"{client!r} is no chat client: it has no get_response. Turns make a script: "
                f"sim.script({name!r}, …)."
            )
        self._scripts.pop(name, None)
        self._clients[name] = client

    def notice(self, script: Script) -> None:
        """Hear of the requests to a script that the app's own client has, and of its problems.

        Whether its turns are used up is the app's affair: its client may outlive the simulation.
        Where agents ask real models, a script fails as one of those does.
        """
        if not self.live and script.watch != self._seen:
            script.watch, script.disturb = self._seen, self.disturb
            self._noticed[id(script)], self.is_in_use = (script, len(script.problems)), True

    def watch(
        self,
        record: Callable[[ModelAsked | ModelAnswered], None],
        clock: TimeSource,
        faults: FaultChoices | None = None,
    ) -> None:
        """Record each request to a script, and its answer once that is complete.

        Args:
            record: Takes the records.
            clock: Says when it is.
            faults: Says which turns fail; None for those only that say so themselves.
        """
        self._record, self._clock = record, clock
        self.disturb = None if faults is None else Outages(faults)
        for script in self._scripts.values():
            script.disturb = self.disturb

    def _seen(self, request: ChatRequest, turn: Turn | None) -> None:
        if self._record is None or self._clock is None:
            return
        from wfsim.chat.turns import Fail, one_line  # noqa: PLC0415 - imports the framework

        at_us, number = self._clock.now_us, request.number
        agent = request.agent or "ScriptedChatClient"
        if turn is None:
            message = _last_words(request)
            self._record(ModelAsked(at_us=at_us, instance_id=agent, number=number, message=message))
            return
        self._record(
            ModelAnswered(
                at_us=at_us,
                instance_id=agent,
                number=number,
                answer=one_line(turn),
                is_failure=isinstance(turn, Fail),
            )
        )

    def script_of(self, name: str) -> Script | None:
        """Return the script that was bound to a name."""
        return self._scripts.get(name)

    def client_of(self, name: str) -> Any:  # noqa: ANN401 - any object with `get_response`
        """Return the chat client that was bound to a name, or None."""
        return self._clients.get(name)

    def refuse(self, name: str, asked: str, why: str = "") -> ScriptError:
        """Remember that somebody without a script asked a model, and return the error to raise.

        Args:
            name: The agent; empty for one without a name.
            asked: What it asked, for people.
            why: What else there is to say, such as why its client could not be built.
        """
        known = [*self._scripts, *self._clients]
        who = f"The agent {name!r}" if name else "An agent without a name"
        hint = nearest(name, known) if known and name else ""
        way_out = (
            f'Give it one, sim.script({name!r}, ["…"]), so that no test reaches a model by '
            "accident."
            if name
            else "Give the agent a name, and then a script by that name."
        )
        error = ScriptError(
            f"{who} asked its model, and has no script.{hint}{why}\n{way_out}\n{asked}"
        )
        self._refused.append(error)
        self.is_in_use = True
        return error

    # --- what was wrong -------------------------------------------------------------------------

    @property
    def problems(self) -> list[ScriptError]:
        """Every request that a script could not answer, script by script.

        Frameworks catch what their models raise, so these may never have reached the test.
        """
        noticed = (
            item for script, since in self._noticed.values() for item in script.problems[since:]
        )
        bound = (item for script in self._every() for item in script.problems)
        return [*self._refused, *bound, *noticed]

    @property
    def has_news(self) -> bool:
        """Whether there is a problem that has not been raised yet."""
        if not (self._refused or self._noticed or self._have_failed()):
            return False
        return any(id(problem) not in self._raised for problem in self.problems)

    def _have_failed(self) -> bool:
        for script in self._scripts.values():  # noqa: SIM110 - a generator takes longer
            if script.problems:
                return True
        return False

    def raise_problems(self) -> None:
        """Raise the first problem that has not been raised yet.

        Raises:
            ScriptError: there is one.
        """
        for problem in self.problems if self.has_news else ():
            if id(problem) not in self._raised:
                self._raised.update(id(item) for item in self.problems)
                # Its own traceback leads through a framework that has swallowed it.
                raise problem.with_traceback(None)

    def conclude(self) -> None:
        """Raise what is left to say when nothing more will be asked.

        Raises:
            ScriptError: a problem that has not been raised yet, or turns that nobody asked for.
        """
        self.raise_problems()
        scripts = self._every()
        if any(script.is_disturbed for script in scripts):
            return  # after an outage an app may well ask for less
        for script in scripts:
            if not script.problems:
                script.verify()

    def _every(self) -> list[Script]:
        # One script may be bound to several agents.
        return list({id(script): script for script in self._scripts.values()}.values())

    # --- in place -------------------------------------------------------------------------------

    def open(self) -> None:
        """Make ready for many `active`, one after the other; `close` ends that."""
        if _FRAMEWORK in sys.modules and not self._is_open:
            from wfsim.agents import _sdk  # noqa: PLC0415 - imports the framework

            _sdk.hold(self)
            self._is_open = True

    def close(self) -> None:
        """Leave the framework and the app's clients as they were; a second call does nothing."""
        for script, _ in self._noticed.values():
            script.watch = script.disturb = None
        if self._is_open:
            from wfsim.agents import _sdk  # noqa: PLC0415 - imported already

            _sdk.release(self)
            self._is_open = False

    def active(self) -> AbstractContextManager[None]:
        """Let these scripts answer agents meanwhile, the framework imported already or not."""
        return self._in_place() if _FRAMEWORK in sys.modules else self._in_place_upon_arrival()

    @contextmanager
    def _in_place_upon_arrival(self) -> Generator[None]:
        late: list[AbstractContextManager[None]] = []

        def arrived() -> None:
            place = self._in_place()
            place.__enter__()
            late.append(place)

        try:
            with upon_arrival(_FRAMEWORK, arrived):
                yield
        finally:
            for place in late:
                place.__exit__(None, None, None)

    def _in_place(self) -> AbstractContextManager[None]:
        from wfsim.agents import _sdk  # noqa: PLC0415 - imports the framework

        return _sdk.answering(self)


def _check_name(name: object) -> None:
    if not isinstance(name, str) or not name:
        raise UsageError(f"A script is bound to the name of an agent, as text, not {name!r}.")


def _last_words(request: ChatRequest) -> str:
    """Return what the model is to answer: the results of tools where there are some, else words."""
    last = request.messages[-1] if request.messages else None
    if last is None:
        return ""
    if last.role == "tool":
        return ", ".join(f"{name}: {result}" for name, result in request.tool_results.items())
    return json.dumps(last.text, ensure_ascii=False)


def framework_modules() -> list[ModuleType]:
    """Return the framework's modules that are loaded: they bind clocks by name."""
    if _FRAMEWORK not in sys.modules:
        return []  # its parts import it first
    return [module for name, module in list(sys.modules.items()) if name.startswith(_FRAMEWORK)]
