"""A script and what became of it: requests, problems, turns that were never used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from agent_framework import Message

from wfsim.chat.checks import complaint_about
from wfsim.chat.request import ChatRequest, calls_in, request_of
from wfsim.chat.sources import Picked, ScriptSource, source_of
from wfsim.chat.times import now
from wfsim.chat.turns import ToolCalls, Turn
from wfsim.errors import ScriptError, UsageError
from wfsim.quick import quick

__all__ = ["Script", "Taken", "Watcher", "as_script"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A request, and the turn that answers it."""

    request: ChatRequest
    turn: Turn
    call_ids: tuple[str, ...]
    """For the turn's calls without an id of their own; none of them is in the conversation."""


_TAKEN: Final = quick(Taken)

Watcher = Callable[[ChatRequest, Turn | None], None]
"""Takes a request as it is made, and again with its turn once that has been said."""


class Script:
    """What a model says, in answer to what it is asked.

    It is strict: a request without a turn, a turn that the model could not take in answer to the
    request, and a turn that is never used are errors. Frameworks swallow exceptions, so each error
    is kept in `problems` as well, and `verify` raises it again.

    Args:
        source: A list of turns, one for each request; a list of `When` rules; a function of the
            `ChatRequest`, sync or async, that returns a turn; or the path of a YAML file.
        name: Whose script it is, for messages.

    Raises:
        UsageError: the source is nothing to make a script of.
        ScriptError: the file cannot be read, or is no script.
    """

    def __init__(self, source: ScriptSource, *, name: str = "") -> None:
        self._source = source_of(source)
        self._call_ids = _ids("call")
        self.name = name
        self.requests: list[ChatRequest] = []
        """What was asked, oldest first."""
        self.answers: dict[int, Turn] = {}
        """What was answered, or how it failed, by the numbers of the requests."""
        self.problems: list[ScriptError] = []
        """Every error that the script raised, oldest first."""
        self.watch: Watcher | None = None
        """Who is told of requests, and of answers that are complete."""
        self.disturb: Callable[[ChatRequest], Turn | None] | None = None
        """Returns what the model says in place of its next turn, which is kept for later."""
        self.is_disturbed = False
        """Whether it has said something else than its turns."""

    def __repr__(self) -> str:
        return f"<Script of {self.name or 'a client'}: {len(self.requests)} requests>"

    async def take(
        self, messages: Sequence[Message], options: Mapping[str, Any], *, stream: bool, agent: str
    ) -> Taken:
        """Record a request and return the turn that answers it.

        Raises:
            ScriptError: there is none, or it does not fit the request.
        """
        request = request_of(
            messages,
            options,
            number=len(self.requests) + 1,
            agent=agent or self.name,
            stream=stream,
            at=now(),
        )
        self.requests.append(request)
        if self.watch is not None:
            self.watch(request, None)
        return await self.answer(request)

    async def answer(self, request: ChatRequest) -> Taken:
        """Return the turn that answers a request.

        Raises:
            ScriptError: there is none, or it does not fit the request.
        """
        instead = None if self.disturb is None else self.disturb(request)
        if instead is not None:
            self.is_disturbed = True
            return Taken(request=request, turn=instead, call_ids=())
        try:
            picked = await self._source.pick(request)
        except (ScriptError, UsageError) as error:
            raise self._problem(str(error), request) from error.__cause__
        self._check(picked, request)
        return _TAKEN(request=request, turn=picked.turn, call_ids=self._ids_for(picked, request))

    def _ids_for(self, picked: Picked, request: ChatRequest) -> tuple[str, ...]:
        if not isinstance(picked.turn, ToolCalls):
            return ()
        used = {call.call_id for call in calls_in(request.messages)}
        ids = (name for name in self._call_ids if name not in used)
        return tuple(next(ids) for _ in picked.turn.calls)

    def complete(self, taken: Taken) -> None:
        """Note that a turn has been said to its end, or is about to fail."""
        self.answers[taken.request.number] = taken.turn
        if self.watch is not None:
            self.watch(taken.request, taken.turn)

    def _check(self, picked: Picked, request: ChatRequest) -> None:
        complaint = complaint_about(picked.turn, request)
        if complaint:
            place = f"{picked.label} does not fit request {request.number}"
            raise self._problem(f"{place}: {complaint}.", request)

    def _problem(self, text: str, request: ChatRequest) -> ScriptError:
        problem = _with_conversation(f"{_whose(request.agent)}: {text}", request)
        self.problems.append(problem)
        return problem

    def verify(self) -> None:
        """Check that the script and the requests fit.

        Raises:
            ScriptError: the first problem; or else turns that were never used, which it names.
        """
        if self.problems:
            raise self.problems[0]
        unused = self.unused()
        if not unused:
            return
        count = len(self.requests)
        made = f"{count} request{'' if count == 1 else 's'}" if count else "no request"
        listed = "".join(f"\n  {line}" for line in unused)
        text = (
            f"{_whose(self.name)}: {made} came, and this was never used:{listed}\n"
            "Take it out, or find out why the agent did not ask for it."
        )
        raise _with_conversation(text, self.requests[-1] if self.requests else None)

    def unused(self) -> list[str]:
        """Return the turns and rules that were never used, one line each."""
        return self._source.unused()


def as_script(source: Script | ScriptSource, *, name: str = "") -> Script:
    """Return a script as it is, or make one of what `Script` takes."""
    return source if isinstance(source, Script) else Script(source, name=name)


def _with_conversation(text: str, request: ChatRequest | None) -> ScriptError:
    conversation = "" if request is None else request.transcript()
    quoted = conversation.replace("\n", "\n  ")
    whole = f"{text}\nThe conversation so far:\n  {quoted}" if conversation else text
    error = ScriptError(whole)
    error.conversation = conversation
    if request is not None:
        error.agent, error.number = request.agent, request.number
    return error


def _whose(name: str) -> str:
    return f"The script of {name}" if name else "The script"


def _ids(prefix: str) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"{prefix}-{number}"
