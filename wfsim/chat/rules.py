"""Rules: which turns answer which requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from wfsim.chat.request import ChatRequest
from wfsim.chat.turns import Turn, TurnLike, turn_of
from wfsim.chat.values import shorten
from wfsim.errors import UsageError, nearest

__all__ = ["CONDITIONS", "Condition", "When"]

Condition = Callable[[ChatRequest], bool] | Mapping[str, Any] | str
"""A function of the request, named facts about it that all hold, or part of what the user said."""


def _has(whole: str, part: object) -> bool:
    return str(part).casefold() in whole.casefold()


def _said(request: ChatRequest) -> str:
    return "\n".join(message.text for message in request.messages)


CONDITIONS: Final[Mapping[str, Callable[[ChatRequest, Any], bool]]] = {
    "text_contains": lambda request, part: _has(request.text, part),
    "conversation_contains": lambda request, part: _has(_said(request), part),
    "instructions_contain": lambda request, part: _has(request.instructions, part),
    "tool_result": lambda request, name: name in request.tool_results,
    "tool_result_contains": lambda request, part: any(
        _has(text, part) for text in request.tool_results.values()
    ),
    "tool_offered": lambda request, name: name in request.tool_names,
    "agent": lambda request, name: request.agent == name,
    "number": lambda request, number: request.number == number,
}
"""What a condition may say of a request, by name. Text is compared without regard to case."""

_ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class When:
    """Answers the requests that a condition holds for.

    Args:
        condition: A part of what the user said last; "*" for every request; a mapping of facts,
            see `CONDITIONS`; or a function of the request.
        answers: One turn answers every time. A list answers one request after the other, and then
            the rule no longer holds.

    Raises:
        UsageError: the condition, or a turn, is none.
    """

    condition: Condition
    answers: TurnLike | Sequence[TurnLike]
    turns: tuple[Turn, ...] = field(init=False, repr=False)
    """The answers as turns."""
    repeats: bool = field(init=False, repr=False)
    """Whether the one turn answers every time."""

    def __post_init__(self) -> None:
        _check(self.condition)
        where = f"The answer of When({shorten(self.condition)})"
        if isinstance(self.answers, list):
            answers = cast("list[object]", self.answers)
            if not answers:
                raise UsageError(f"{where} is an empty list; give at least one turn.")
            made = tuple(turn_of(answer, where=where) for answer in answers)
            object.__setattr__(self, "turns", made)
        else:
            object.__setattr__(self, "turns", (turn_of(self.answers, where=where),))
        object.__setattr__(self, "repeats", not isinstance(self.answers, list))

    def holds(self, request: ChatRequest) -> bool:
        """Return whether the rule is for this request."""
        if callable(self.condition):
            return bool(self.condition(request))
        if isinstance(self.condition, str):
            return self.condition == _ANY or _has(request.text, self.condition)
        return all(CONDITIONS[name](request, wanted) for name, wanted in self.condition.items())

    def __str__(self) -> str:
        if callable(self.condition):
            return f"When({getattr(self.condition, '__name__', 'a function')})"
        return f"When({shorten(self.condition)})"


def _check(condition: object) -> None:
    if callable(condition):
        return
    if isinstance(condition, str):
        if not condition:
            raise UsageError("When('') holds for everything; write When('*', …) if you mean that.")
        return
    if not isinstance(condition, Mapping):
        raise UsageError(
            "The condition of a When is a part of what the user said, '*', a mapping or a "
            f"function of the request, not {shorten(condition)}."
        )
    facts = cast("Mapping[str, Any]", condition)
    if not facts:
        raise UsageError("When({}) holds for everything; write When('*', …) if you mean that.")
    for name in facts:
        if name not in CONDITIONS:
            raise UsageError(f"There is no condition {name!r}.{nearest(name, CONDITIONS)}")
