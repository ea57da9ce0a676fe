"""What a script in YAML may say, as validated records, one for each kind of turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from wfsim.chat.rules import When
from wfsim.chat.turns import Fail, Reply, ToolCall, ToolCalls, Turn
from wfsim.chat.values import shorten

__all__ = ["KINDS", "CallModel", "FailModel", "TurnModel", "WhenModel"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _either(*kinds: type, what: str) -> Callable[[object], object]:
    """Return a check that says what is wanted, where pydantic would list what each kind lacks."""

    def check(value: object) -> object:
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise ValueError(f"give {what}, not {shorten(value)}")
        return value

    return check


_Arguments = Annotated[
    dict[str, Any] | str, BeforeValidator(_either(dict, str, what="a mapping, or JSON text"))
]
_Chunks = Annotated[
    int | list[str], BeforeValidator(_either(int, list, what="a size, or a list of texts"))
]
_Seconds = Annotated[
    int | float | str,
    BeforeValidator(_either(int, float, str, what="seconds, or text such as 20s")),
]
_Condition = Annotated[
    dict[str, Any] | str, BeforeValidator(_either(dict, str, what="text, or a mapping"))
]


class CallModel(_Model):
    """One call of a tool."""

    name: str = Field(min_length=1)
    arguments: _Arguments = Field(default_factory=dict[str, Any])
    id: str | None = None
    check: bool = True

    def made(self) -> ToolCall:
        """Return it as a record."""
        return ToolCall(self.name, self.arguments, id=self.id, check=self.check)


class FailModel(_Model):
    """A failure with what belongs to it."""

    type: str
    message: str = ""
    retry_after: _Seconds | None = None
    text: str = ""
    after_chunks: int | None = None


class TurnModel(_Model):
    """What every turn may say."""

    takes: str | None = None
    chunk_takes: str | None = None

    def turn(self) -> Turn:
        """Return it as a record."""
        raise NotImplementedError


class _SpokenModel(TurnModel):
    reasoning: str = ""
    contents: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])
    usage: dict[str, int] | None = None


class ReplyModel(_SpokenModel):
    """Text, or a structured value."""

    reply: Any
    chunks: _Chunks | None = None
    finish_reason: str = "stop"
    check: bool = True

    def turn(self) -> Turn:
        """Return it as a record."""
        rest = self.model_dump(exclude={"reply"})
        if isinstance(self.reply, str) or self.reply is None:
            return Reply(self.reply or "", **rest)
        return Reply(value=self.reply, **rest)


class _CallingModel(_SpokenModel):
    text: str = ""
    chunks: int | None = None
    finish_reason: str = "tool_calls"


class ToolCallModel(_CallingModel):
    """One call."""

    tool_call: CallModel

    def turn(self) -> Turn:
        """Return it as a record."""
        return ToolCalls(self.tool_call.made(), **self.model_dump(exclude={"tool_call"}))


class ToolCallsModel(_CallingModel):
    """Several calls at once."""

    tool_calls: list[CallModel] = Field(min_length=1)

    def turn(self) -> Turn:
        """Return it as a record."""
        calls = [call.made() for call in self.tool_calls]
        return ToolCalls(*calls, **self.model_dump(exclude={"tool_calls"}))


def _in_full(value: object) -> object:
    return {"type": value} if isinstance(value, str) else value


class FailTurnModel(TurnModel):
    """A failure, by name or in full."""

    fail: Annotated[FailModel, BeforeValidator(_in_full)]
    chunks: _Chunks | None = None

    def turn(self) -> Turn:
        """Return it as a record."""
        rest = self.model_dump(exclude={"fail"})
        return Fail(self.fail.type, **self.fail.model_dump(exclude={"type"}), **rest)


class WhenModel(_Model):
    """A rule; the answers are turns, which are read by themselves."""

    when: _Condition
    answers: list[Any] | None = None
    answer: Any = None

    def rule(self, answers: list[Turn]) -> When:
        """Return it as a record."""
        return When(self.when, list(answers) if self.answers is not None else answers[0])


KINDS: Final[dict[str, type[TurnModel]]] = {
    "reply": ReplyModel,
    "tool_call": ToolCallModel,
    "tool_calls": ToolCallsModel,
    "fail": FailTurnModel,
}
"""The key that says what kind of turn it is."""
