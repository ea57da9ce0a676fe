"""The three kinds of script: a list of turns, a function of the request, rules."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, cast

from wfsim.chat.load import load_script
from wfsim.chat.request import ChatRequest
from wfsim.chat.rules import When
from wfsim.chat.turns import Fail, Reply, ToolCall, ToolCalls, Turn, TurnLike, one_line, turn_of
from wfsim.chat.values import shorten
from wfsim.errors import ScriptError, UsageError
from wfsim.quick import quick

__all__ = ["Picked", "ScriptSource", "Source", "source_of"]

ScriptSource = (
    Sequence[object]
    | Callable[[ChatRequest], TurnLike | Awaitable[TurnLike]]
    | Turn
    | ToolCall
    | When
    | Path
    | str
)
"""What a script is made of; see `Script`. A list holds turns, or rules; for type checkers a list of
text and records is one of objects."""

_YAML: Final = (".yaml", ".yml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """The turn that answers a request."""

    turn: Turn
    label: str
    """How messages name it."""


_PICKED: Final = quick(Picked)


class Source(Protocol):
    """Picks turns."""

    async def pick(self, request: ChatRequest) -> Picked:
        """Return the turn for a request; raise a ScriptError if there is none."""
        ...

    def unused(self) -> list[str]:
        """Return what was never used, one line each."""
        ...


class _Turns:
    """One turn after the other."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._turns = tuple(turns)
        self._used = 0

    async def pick(self, request: ChatRequest) -> Picked:
        if self._used == len(self._turns):
            raise ScriptError(self._none_left(request))
        self._used += 1
        return _PICKED(turn=self._turns[self._used - 1], label=f"Turn {self._used}")

    def _none_left(self, request: ChatRequest) -> str:
        has = _counted(len(self._turns), "turn")
        listed = "".join(f"\n  {line}" for line in self._listed())
        script = f"\nThe script:{listed}" if self._turns else ""
        return (
            f"there is no turn left for request {request.number}: the script has {has}.\n"
            f"Add a turn for it, or find out why the request is made.{script}"
        )

    def _listed(self) -> list[str]:
        return [f"{number}. {one_line(turn)}" for number, turn in enumerate(self._turns, 1)]

    def unused(self) -> list[str]:
        return self._listed()[self._used :]


class _Function:
    """A function of the request."""

    def __init__(self, function: Callable[[ChatRequest], Any]) -> None:
        self._function = function
        self._label = f"The answer of {getattr(function, '__name__', 'the function')}()"

    async def pick(self, request: ChatRequest) -> Picked:
        try:
            made = self._function(request)
            if inspect.isawaitable(made):
                made = await made
        except Exception as error:
            # Frameworks swallow exceptions, also the assertion of a test.
            raise ScriptError(
                f"the script's function raised {type(error).__name__}: {error}.\n"
                "Mend it; for an error of the model's provider return Fail(…)."
            ) from error
        if made is None:
            raise ScriptError(
                f"the script's function returned nothing for request {request.number}. "
                "Return a turn, such as Reply('…')."
            )
        return Picked(turn=turn_of(made, where=self._label), label=self._label)

    def unused(self) -> list[str]:
        return []


class _Rules:
    """The first rule that holds answers."""

    def __init__(self, rules: Sequence[When]) -> None:
        self._rules = tuple(rules)
        self._used = [0] * len(rules)

    async def pick(self, request: ChatRequest) -> Picked:
        spent: list[str] = []
        for index, rule in enumerate(self._rules):
            if not self._holds(rule, request):
                continue
            used = self._used[index]
            if used == len(rule.turns) and not rule.repeats:
                spent.append(f"\n  {rule} holds, but its {_counted(used, 'turn')} are used up")
                continue
            self._used[index] += 1
            turn = rule.turns[0 if rule.repeats else used]
            label = f"{rule}" if len(rule.turns) == 1 else f"Turn {used + 1} of {rule}"
            return Picked(turn=turn, label=label)
        listed = "".join(spent) or "".join(f"\n  {rule}" for rule in self._rules)
        raise ScriptError(
            f"no rule answers request {request.number}:{listed}\n"
            "Add a rule for it; When('*', …) at the end answers everything else."
        )

    def _holds(self, rule: When, request: ChatRequest) -> bool:
        try:
            return rule.holds(request)
        except Exception as error:
            raise ScriptError(
                f"the condition of {rule} raised {type(error).__name__}: {error}."
            ) from error

    def unused(self) -> list[str]:
        found: list[str] = []
        for rule, used in zip(self._rules, self._used, strict=True):
            if not used:
                found.append(f"{rule}: {one_line(rule.turns[0])}")
            elif not rule.repeats:
                left = enumerate(rule.turns[used:], used + 1)
                found += [f"{rule}, turn {number}: {one_line(turn)}" for number, turn in left]
        return found


def source_of(given: object) -> Source:
    """Return what picks turns.

    Raises:
        ScriptError: a file cannot be read, or is no script.
        UsageError: `given` is nothing to make a script of.
    """
    if isinstance(given, (str, Path)):
        return source_of(load_script(_path_of(given)))
    if isinstance(given, (Reply, ToolCall, ToolCalls, Fail, When)):
        given = [given]
    if isinstance(given, (list, tuple)):
        return _of_list(cast("Sequence[object]", given))
    if callable(given) and not isinstance(given, type):
        return _Function(cast("Callable[[ChatRequest], Any]", given))
    raise UsageError(
        "A script is a list of turns or of When rules, a function of the request, or the path of "
        f"a YAML file, not {shorten(given)}."
    )


def _path_of(given: str | Path) -> Path:
    path = Path(given)
    if path.suffix.lower() not in _YAML:
        raise UsageError(
            f"A script given as text is the path of a YAML file, but {str(given)!r} does not end "
            f"in .yaml. For a single reply give [{str(given)!r}]."
        )
    return path


def _of_list(given: Sequence[object]) -> Source:
    rules = [item for item in given if isinstance(item, When)]
    if rules and len(rules) < len(given):
        raise UsageError(
            "A script is a list of turns or a list of When rules, but this one mixes them. "
            "When('*', […]) makes a rule of turns."
        )
    if rules:
        return _Rules(rules)
    return _Turns([turn_of(item, where=f"Turn {at}") for at, item in enumerate(given, 1)])


def _counted(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"
