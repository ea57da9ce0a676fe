"""Stable views of what models were asked and answered, each thing once.

Of a request that goes on where the same agent's request before has ended, only new messages are
shown, and options and tools only where they have changed. Where the answer is known, as in a
script, it stands below its request, and is not shown again as part of the next one. Tools are
named; what they take is not shown. Calls have numbers in place of their ids. What has been said may
come again under its author's name, which makes it nothing new.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, assert_never

from agent_framework import Content, Message

from wfsim.chat.client import ScriptedChatClient
from wfsim.chat.readers import MESSAGES, arguments_of, gist, parsed, rest_of, same
from wfsim.chat.request import ChatRequest, tool_name
from wfsim.chat.script import Script
from wfsim.chat.turns import Fail, Reply, ToolCalls, Turn
from wfsim.clock import to_us
from wfsim.snapshot.naming import Run
from wfsim.snapshot.rules import Rules
from wfsim.snapshot.view import Fact, Recorded, register

__all__ = ["requests", "scripts"]

_WIDTH: Final = 12
_SAID: Final = ("instructions", "tools")

Details = tuple[tuple[str, object], ...]
_Above = tuple[str | int, ...]


@register(ChatRequest)
def requests(values: Sequence[ChatRequest], rules: Rules) -> Recorded:  # noqa: ARG001 - a builder
    """Return the facts of requests to models, in the order in which they are given."""
    teller = _Teller()
    facts = [fact for request in values for fact in teller.facts(request, (), None)]
    return _recorded(facts, values)


@register(Script)
def scripts(values: Sequence[Script], rules: Rules) -> Recorded:  # noqa: ARG001 - a builder
    """Return the facts of what scripts were asked and have answered."""
    facts: list[Fact] = []
    for number, script in enumerate(values, 1):
        above = (f"script {number}",) if len(values) > 1 else ()
        teller = _Teller()
        for request in script.requests:
            facts += teller.facts(request, above, script.answers.get(request.number))
    return _recorded(facts, [request for script in values for request in script.requests])


@register(ScriptedChatClient)
def _clients(values: Sequence[ScriptedChatClient], rules: Rules) -> Recorded:
    return scripts([client.script for client in values], rules)


def _recorded(facts: Sequence[Fact], asked: Sequence[ChatRequest]) -> Recorded:
    times = [to_us(request.at) for request in asked]
    run = Run(start_us=min(times, default=0), end_us=max(times, default=0))
    return Recorded(kind="transcript", facts=facts, run=run, width=_WIDTH, readers=MESSAGES)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """The last request of an agent, as it was shown."""

    messages: list[str] = field(default_factory=list[str])
    instructions: str = ""
    tools: str = ""
    options: str = "{}"
    answer: str | None = None


class _Teller:
    def __init__(self) -> None:
        self._before: dict[str, _Before] = {}
        self._calls: dict[str, str] = {}

    def facts(self, request: ChatRequest, above: _Above, answer: Turn | None) -> Iterator[Fact]:
        """Yield what a request says that the one before did not, and its answer."""
        before = self._before.get(request.agent, _Before())
        messages = [gist(message) for message in request.messages]
        goes_on = bool(before.messages) and messages[: len(before.messages)] == before.messages
        headings = (*above, to_us(request.at), _title(request, goes_on=goes_on))
        yield from _settings(request, before, headings)
        new = list(request.messages[len(before.messages) if goes_on else 0 :])
        if goes_on and before.answer is not None:
            if new and _answer_in(new[0]) == before.answer:
                self._number_calls(new.pop(0))
            else:
                yield Fact(headings=headings, what="(not told of its answer)")
        facts = [fact for message in new for fact in self._said(message, headings)]
        yield from facts or (Fact(headings=headings, what="(nothing new)"),)
        if answer is not None:
            yield from self._answered(answer, headings)
        self._before[request.agent] = _Before(
            messages=messages,
            instructions=request.instructions,
            tools=same(_tools(request)),
            options=same(_options(request)),
            answer=None if answer is None else _answer_of(answer),
        )

    # --- messages -------------------------------------------------------------------------------

    def _said(self, message: Message, headings: _Above) -> Iterator[Fact]:
        rest = rest_of(message, ("role", "author_name", "contents"))
        besides = (("besides", rest),) if rest else ()
        what, author = str(message.role), message.author_name
        for item in message.contents or (None,):
            number, said, details = self._content(item)
            yield Fact(
                headings=headings,
                what=what,
                number=number,
                said=" ".join(filter(None, (author, said))),
                details=(*details, *besides),
            )
            besides, what, author = (), "…", None  # the same message goes on

    def _content(self, item: Content | None) -> tuple[str, str, Details]:
        if item is None:
            return "", "(nothing)", ()
        match item.type:
            case "text":
                return "", "", (("text", item.text or ""), *_besides(item, "text"))
            case "function_call":
                details = (("arguments", arguments_of(item)), *_besides(item, "name", "arguments"))
                return self._number(item.call_id), f"calls {item.name}", details
            case "function_result":
                details = (("result", item.result), *_besides(item, "result", "items"))
                return self._number(item.call_id), "gets", details
            case kind:
                return "", str(kind), (("content", rest_of(item, ())),)

    def _number(self, call_id: str | None) -> str:
        """Return the number of a call: its id is chance."""
        if not call_id:
            return ""
        return self._calls.setdefault(call_id, str(len(self._calls) + 1))

    def _number_calls(self, message: Message) -> None:
        for item in message.contents:
            if item.type == "function_call":
                self._number(item.call_id)

    # --- answers --------------------------------------------------------------------------------

    def _answered(self, turn: Turn, headings: _Above) -> Iterator[Fact]:
        for number, said, details in _answer(turn, len(self._calls)):
            yield Fact(headings=headings, what="→", number=number, said=said, details=details)


def _answer(turn: Turn, calls: int) -> Iterator[tuple[str, str, Details]]:
    """Yield what a model answers; its calls are numbered on."""
    match turn:
        case Fail():
            error = turn.exception()
            yield "", f"fails {type(error).__name__}", (("message", str(error)),)
            return
        case Reply() | ToolCalls():
            if turn.reasoning:
                yield "", "thinks", (("text", turn.reasoning),)
            if turn.text or isinstance(turn, Reply):
                yield "", "", (("text", turn.text),)
            yield from (("", "", (("content", item),)) for item in turn.contents)
        case _:
            assert_never(turn)
    if isinstance(turn, ToolCalls):
        for number, call in enumerate(turn.calls, calls + 1):
            yield str(number), f"calls {call.name}", (("arguments", parsed(call.json)),)
    if turn.finish_reason != ("stop" if isinstance(turn, Reply) else "tool_calls"):
        yield "", f"ends with {turn.finish_reason}", ()
    if turn.usage:
        usage = {name.removesuffix("_token_count"): count for name, count in turn.usage.items()}
        yield "", "usage", (("tokens", usage),)


def _answer_in(message: Message) -> str:
    """Return what tells whether a message is an answer that has been shown."""
    texts = [item.text or "" for item in message.contents if item.type == "text"]
    calls = [
        (item.name, arguments_of(item)) for item in message.contents if item.type == "function_call"
    ]
    is_all = len(texts) + len(calls) == len(message.contents)
    return same([str(message.role), "".join(texts), calls, is_all])


def _answer_of(turn: Turn) -> str | None:
    if isinstance(turn, Fail) or turn.contents or turn.reasoning:
        return None
    calls = turn.calls if isinstance(turn, ToolCalls) else ()
    return same(["assistant", turn.text, [(call.name, parsed(call.json)) for call in calls], True])


# --- everything else ----------------------------------------------------------------------------


def _title(request: ChatRequest, *, goes_on: bool) -> str:
    asker = f"{request.agent} asks" if request.agent else "asks"
    how = f"{', and goes on' * goes_on}{', in a stream' * request.stream}"
    return f"{asker} {request.number}{how}"


def _settings(request: ChatRequest, before: _Before, headings: _Above) -> Iterator[Fact]:
    """Yield instructions, tools and options where they are not those of the request before."""
    if request.instructions != before.instructions:
        details = (("text", request.instructions),)
        yield Fact(headings=headings, what="instructions", details=details)
    tools, options = _tools(request), _options(request)
    if same(tools) != (before.tools or same([])):
        yield Fact(headings=headings, what="tools", details=(("tools", tools),))
    if same(options) != before.options:
        yield Fact(headings=headings, what="options", details=(("options", options),))


def _tools(request: ChatRequest) -> list[object]:
    return [tool_name(tool) or tool for tool in request.tools]


def _options(request: ChatRequest) -> Mapping[str, Any]:
    return {
        name: value
        for name, value in request.options.items()
        if name not in _SAID and value is not None
    }


def _besides(item: Content, *said: str) -> Details:
    rest = rest_of(item, said)
    return (("besides", rest),) if rest else ()
