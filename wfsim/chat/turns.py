"""The turns of a script: what the model says, calls, or fails with, as frozen records."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast

from agent_framework import Content
from pydantic_core import PydanticSerializationError, to_json

from wfsim.chat.failures import failure_named
from wfsim.chat.pieces import Chunks, check_chunks
from wfsim.chat.times import Duration, length_us
from wfsim.chat.values import UNSET, brief, contents_of, shorten, usage_of
from wfsim.errors import UsageError

__all__ = ["Fail", "Reply", "ToolCall", "ToolCalls", "Turn", "TurnLike", "one_line", "turn_of"]

_FINISH_REASONS: Final = ("stop", "length", "tool_calls", "content_filter")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The model answers with text, or with a structured value.

    Args:
        text: What it says; a stream brings it word by word.
        value: Says this as JSON instead: a pydantic model, a dataclass, or plain JSON values. It
            has to fit the `response_format` of the request.
        chunks: How a stream cuts the text: a size in characters, or the chunks themselves.
        chunk_takes: Virtual time between two chunks of a stream.
        reasoning: What it thinks before it speaks, as `text_reasoning` content.
        contents: More content behind the text: `Content` objects, or mappings of their fields.
        usage: Tokens, such as `{"input": 12, "output": 3}`; other counters keep their names.
        finish_reason: "stop", "length", "content_filter", or a provider's own word.
        takes: Virtual time until the answer, or the first chunk of it, is there.
        check: False lets a text through that does not fit the request's `response_format`.

    Raises:
        UsageError: the arguments contradict each other, or one is not what it should be.
    """

    text: str = field(default="", kw_only=False)
    value: object = UNSET
    chunks: Chunks | None = None
    chunk_takes: Duration | None = None
    reasoning: str = ""
    contents: Sequence[Content | Mapping[str, Any]] = ()
    usage: Mapping[str, int] | None = None
    finish_reason: str = "stop"
    takes: Duration | None = None
    check: bool = True

    def __post_init__(self) -> None:
        if not isinstance(self.text, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageError(
                f"A Reply says text, not {self.text!r}. Give a structured value as Reply(value=…)."
            )
        if self.value is not UNSET:
            text = _as_json(self.value)
            if self.text not in {"", text}:  # dataclasses.replace hands over both
                raise UsageError("A Reply says text or value=, but this one has both.")
            object.__setattr__(self, "text", text)
        check_chunks(self.chunks, self.text, what="a Reply")
        _check_rest(self, "a Reply")
        length_us(self.chunk_takes, what="chunk_takes")

    def __repr__(self) -> str:
        shown = "value" if self.value is not UNSET else "text"
        return brief(self, first=shown, hidden={"text", "value"} - {shown})


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """The model calls a tool of the request.

    Args:
        name: The tool's name.
        arguments: What it is called with. Text is taken for the JSON that the model wrote.
        id: The call's id; "call-1", "call-2", … by default.
        check: False lets through what the model should not do: a tool that the request does not
            offer, arguments that do not fit its schema.

    Raises:
        UsageError: there is no name, or the arguments are not JSON.
    """

    name: str = field(kw_only=False)
    arguments: Mapping[str, Any] | str = field(default_factory=dict[str, Any], kw_only=False)
    id: str | None = None
    check: bool = True

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageError(f"A ToolCall starts with the tool's name, not {self.name!r}.")
        if isinstance(self.arguments, str):
            return
        if not isinstance(self.arguments, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageError(
                f"The arguments of ToolCall({self.name!r}) are a mapping of names, or JSON text, "
                f"not {self.arguments!r}."
            )
        # A copy, so that what a test does with its own mapping later changes nothing here.
        text = _as_json(dict(self.arguments), what=f"The arguments of ToolCall({self.name!r})")
        object.__setattr__(self, "arguments", json.loads(text))

    def __repr__(self) -> str:
        return brief(self, first="name")

    @property
    def json(self) -> str:
        """The arguments as the JSON text that a model writes."""
        return self.arguments if isinstance(self.arguments, str) else _dumped(self.arguments)


@dataclass(frozen=True, slots=True, init=False)
class ToolCalls:
    """The model calls tools: one, or several at once.

    Args:
        calls: The calls, in order.
        text: What it says before them.
        reasoning: What it thinks before that.
        contents: More content between the text and the calls.
        chunks: How a stream cuts the arguments of each call: a size in characters. By default a
            call comes in one piece.
        chunk_takes: Virtual time between two chunks of a stream.
        usage: Tokens, such as `{"input": 12, "output": 3}`.
        finish_reason: "tool_calls" by default.
        takes: Virtual time until the calls, or the first chunk of them, are there.

    Raises:
        UsageError: there is no call, or an argument is not what it should be.
    """

    calls: tuple[ToolCall, ...]
    text: str
    reasoning: str
    contents: Sequence[Content | Mapping[str, Any]]
    chunks: int | None
    chunk_takes: Duration | None
    usage: Mapping[str, int] | None
    finish_reason: str
    takes: Duration | None

    def __init__(
        self,
        *calls: ToolCall,
        text: str = "",
        reasoning: str = "",
        contents: Sequence[Content | Mapping[str, Any]] = (),
        chunks: int | None = None,
        chunk_takes: Duration | None = None,
        usage: Mapping[str, int] | None = None,
        finish_reason: str = "tool_calls",
        takes: Duration | None = None,
    ) -> None:
        wrong = [call for call in calls if not isinstance(call, ToolCall)]  # pyright: ignore[reportUnnecessaryIsInstance]
        if wrong:
            raise UsageError(f"ToolCalls takes ToolCall objects, not {wrong[0]!r}.")
        if not calls:
            raise UsageError("ToolCalls takes at least one ToolCall, and got none.")
        given = [call.id for call in calls if call.id is not None]
        if len(set(given)) < len(given):
            raise UsageError(f"Calls made at once have ids of their own, but these have {given}.")
        check_chunks(chunks, None, what="ToolCalls")
        length_us(chunk_takes, what="chunk_takes")
        for name, value in (
            ("calls", calls),
            ("text", text),
            ("reasoning", reasoning),
            ("contents", contents),
            ("chunks", chunks),
            ("chunk_takes", chunk_takes),
            ("usage", usage),
            ("finish_reason", finish_reason),
            ("takes", takes),
        ):
            object.__setattr__(self, name, value)
        _check_rest(self, "ToolCalls")

    def __repr__(self) -> str:
        usual = {"finish_reason"} if self.finish_reason == "tool_calls" else set[str]()
        return brief(self, first="calls", hidden=usual)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail:
    """The model's provider fails.

    Args:
        error: The exception, its class, or its name. A name is looked up among Python's own
            exceptions ("timeout" is `TimeoutError`), then in `agent_framework.exceptions`; another
            one, such as "RateLimitError", makes a class of that name whose base is the framework's
            `ChatClientException`, see `wfsim.chat.failures`.
        message: The exception's text.
        retry_after: Seconds after which the provider would answer again, or text such as "20s":
            `error.retry_after` in seconds, and part of the text unless `message` is given.
        text: What a stream brings before it breaks.
        after_chunks: How many chunks of that text; all of them by default.
        chunks: How a stream cuts the text, as in `Reply`.
        chunk_takes: Virtual time between two chunks of a stream.
        takes: Virtual time until it fails, or the first chunk is there.

    Raises:
        UsageError: no exception can be made of this.
    """

    error: Exception | type[Exception] | str = field(kw_only=False)
    message: str = ""
    retry_after: float | Duration | None = None
    text: str = ""
    after_chunks: int | None = None
    chunks: Chunks | None = None
    chunk_takes: Duration | None = None
    takes: Duration | None = None

    def __post_init__(self) -> None:
        if self.after_chunks is not None and not self.text:
            raise UsageError(
                "A Fail with after_chunks= breaks a stream, so it needs the text of its chunks. "
                "Give text= as well."
            )
        if isinstance(self.after_chunks, bool) or (self.after_chunks or 0) < 0:
            raise UsageError(f"after_chunks= is a number of chunks, not {self.after_chunks!r}.")
        check_chunks(self.chunks, self.text, what="a Fail")
        length_us(self.takes, what="takes")
        length_us(self.chunk_takes, what="chunk_takes")
        self.exception()  # what cannot be made is the test's mistake: say so here, not later

    def __repr__(self) -> str:
        return brief(self, first="error")

    def exception(self) -> Exception:
        """Return the exception to raise."""
        return failure_named(self.error, message=self.message, retry_after=self.retry_after)


Turn = Reply | ToolCalls | Fail
TurnLike = Turn | ToolCall | str | Sequence[ToolCall]
"""What stands for a turn: text is a reply, and one or several calls are made at once."""

_KINDS: Final = "a Reply, ToolCall, ToolCalls or Fail, text, or a list of ToolCalls"


def turn_of(value: object, *, where: str) -> Turn:
    """Return the turn that `value` stands for.

    Args:
        value: What the test gave.
        where: How messages name its place, such as "Turn 2".

    Raises:
        UsageError: it is no turn.
    """
    if isinstance(value, (Reply, ToolCalls, Fail)):
        return value
    if isinstance(value, ToolCall):
        return ToolCalls(value)
    if isinstance(value, str):
        return Reply(value)
    if _are_calls(value):
        return ToolCalls(*cast("Sequence[ToolCall]", value))
    raise UsageError(_no_turn(value, where))


def _are_calls(value: object) -> bool:
    calls = cast("Sequence[object]", value) if isinstance(value, (list, tuple)) else ()
    return bool(calls) and all(isinstance(call, ToolCall) for call in calls)


def _no_turn(value: object, where: str) -> str:
    text = f"{where} is {shorten(value)}, but a turn is {_KINDS}."
    if isinstance(value, Mapping):
        return f"{text} A structured reply is Reply(value={{…}})."
    if isinstance(value, Exception) or (isinstance(value, type) and issubclass(value, Exception)):
        return f"{text} A failure is Fail(…)."
    return text


def one_line(turn: Turn) -> str:
    """Return a turn as a short line for messages."""
    match turn:
        case Reply():
            return f"replies {shorten(turn.text)}"
        case ToolCalls():
            return "calls " + " and ".join(f"{call.name}({call.json})" for call in turn.calls)
        case Fail():
            return f"fails with {type(turn.exception()).__name__}"


def _check_rest(turn: Reply | ToolCalls, what: Literal["a Reply", "ToolCalls"]) -> None:
    reason = turn.finish_reason
    if not isinstance(reason, str) or not reason:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageError(f"The finish_reason of {what} is text such as 'stop', not {reason!r}.")
    if reason not in _FINISH_REASONS:
        # Providers have words of their own, but a near miss is a slip of the pen.
        close = difflib.get_close_matches(reason, _FINISH_REASONS, n=1, cutoff=0.8)
        if close:
            raise UsageError(f"There is no finish_reason {reason!r}. Did you mean {close[0]!r}?")
    object.__setattr__(turn, "contents", contents_of(turn.contents))
    object.__setattr__(turn, "usage", usage_of(turn.usage))
    length_us(turn.takes, what="takes")


def _as_json(value: object, *, what: str = "The value of a Reply") -> str:
    try:
        return to_json(value).decode()
    except (PydanticSerializationError, ValueError) as error:
        raise UsageError(f"{what} must be JSON, but it is not: {error}.") from None


# `json.dumps` would make an encoder for each call.
_dumped: Final = json.JSONEncoder(ensure_ascii=False).encode
