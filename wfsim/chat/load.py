"""Turns and rules from data, such as a YAML file; every complaint names the place in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from wfsim.chat.models import KINDS, CallModel, FailModel, WhenModel
from wfsim.chat.rules import When
from wfsim.chat.turns import Reply, Turn
from wfsim.chat.values import shorten
from wfsim.errors import ScriptError, UsageError, nearest
from wfsim.yamltext import FileKind, read

__all__ = ["load_script", "turns_of"]

_M = TypeVar("_M", bound=BaseModel)

Place = tuple[str | int, ...]
"""Keys and indices that lead to a value."""

_SCRIPT: Final = FileKind(name="script", holds="a list of turns", error=ScriptError)

_SHOWN: Final = 5
_INNER: Final[Mapping[str, type[BaseModel]]] = {
    "tool_call": CallModel,
    "tool_calls": CallModel,
    "fail": FailModel,
}


def load_script(path: str | Path) -> list[Turn] | list[When]:
    """Read a script from a YAML file: a list of turns, or of rules.

    Raises:
        ScriptError: there is no such file, it is not YAML, or no script; the message names the
            lines.
    """
    document = read(Path(path), _SCRIPT)
    data = document.data
    if not isinstance(data, list):
        raise ScriptError(
            f"{path}:1: a script is a list, each turn behind a dash, not {shorten(data)}."
        )
    lines = document.position
    return turns_of(
        cast("object", data), "turns", prefix=lambda place: f"{path}:{lines.line_of(place)}: "
    )


def turns_of(
    data: object, where: str, *, prefix: Callable[[Place], str] | None = None
) -> list[Turn] | list[When]:
    """Return the turns, or the rules, that plain data stands for.

    Args:
        data: A list of turns or of rules as YAML has them; one alone is a list of one.
        where: How messages name the data, such as "stubs.agents.WriterAgent".
        prefix: What messages start with, made of the keys and indices that lead to a place in the
            data: a file and line, for example.

    Raises:
        ScriptError: the data is no script. Each line of the message is one complaint.
    """
    reader = _Reader()
    items = cast("list[object]", data) if isinstance(data, list) else [data]
    made = [reader.item(item, (index,)) for index, item in enumerate(items)]
    rules = [item for item in made if isinstance(item, When)]
    if rules and len(rules) < len(made):
        reader.complain((), "either all of these are rules with when:, or none is.")
    if reader.complaints:
        lines = [
            f"{prefix(place) if prefix else ''}{_dotted(where, place)}: {text}"
            for place, text in reader.complaints[:_SHOWN]
        ]
        more = len(reader.complaints) - _SHOWN
        raise ScriptError("\n".join([*lines, f"… and {more} more."] if more > 0 else lines))
    return rules or cast("list[Turn]", made)


class _Reader:
    """Reads as much as it can, and collects what is wrong."""

    def __init__(self) -> None:
        self.complaints: list[tuple[Place, str]] = []

    def complain(self, place: Place, text: str) -> None:
        self.complaints.append((place, text))

    def item(self, data: object, place: Place) -> Turn | When | None:
        """Read a turn or a rule; None where it is neither, which is then among the complaints."""
        if isinstance(data, dict):
            fields = cast("dict[str, Any]", data)
            return self._rule(fields, place) if "when" in fields else self._turn(fields, place)
        return self._turn(data, place)

    def _turn(self, data: object, place: Place) -> Turn | None:
        if isinstance(data, str):
            return Reply(data)
        if not isinstance(data, dict):
            self.complain(place, f"a turn is text, or a mapping with {_KEYS}, not {shorten(data)}.")
            return None
        fields = cast("dict[str, Any]", data)
        kinds = [key for key in KINDS if key in fields]
        if len(kinds) != 1:
            self.complain(place, _no_kind(kinds, fields))
            return None
        model = self._validated(KINDS[kinds[0]], fields, place)
        if model is None:
            return None
        try:
            return model.turn()
        except UsageError as error:
            self.complain(place, str(error))
            return None

    def _rule(self, data: dict[str, Any], place: Place) -> When | None:
        given = [key for key in ("answer", "answers") if key in data]
        model = self._validated(WhenModel, data, place)
        if len(given) != 1:
            self.complain(
                place,
                "a rule has answers:, a list that is used up, or answer:, a turn for every time.",
            )
            return None
        if model is None:
            return None
        found = model.answers if model.answers is not None else [model.answer]
        turns: list[Turn] = []
        for index, answer in enumerate(found):
            inside = (*place, *given, index) if model.answers is not None else (*place, *given)
            turn = self._turn(answer, inside)
            turns += [turn] if turn is not None else []
        if len(turns) < len(found):
            return None
        try:
            return model.rule(turns)
        except UsageError as error:
            self.complain((*place, "when"), str(error))
            return None

    def _validated(self, model: type[_M], data: dict[str, Any], place: Place) -> _M | None:
        try:
            return model.model_validate(data)
        except ValidationError as error:
            seen: set[str] = set()
            for item in error.errors():
                inside = _place_in(data, item["loc"])
                text = _words(model, inside, item)
                if text not in seen:
                    self.complain((*place, *inside), text)
                seen.add(text)
            return None


_KEYS: Final = "reply, tool_call, tool_calls or fail"


def _no_kind(kinds: list[str], fields: dict[str, Any]) -> str:
    if kinds:
        return f"a turn has one of {_KEYS}, but this one has {' and '.join(kinds)}."
    shown = ", ".join(fields) or "nothing"
    hints = [nearest(key, KINDS) for key in fields]
    hint = next((hint for hint in hints if "Did you mean" in hint), "")
    return f"a turn has one of {_KEYS}, but this one has {shown}.{hint}"


def _place_in(data: object, location: Place) -> Place:
    """Return pydantic's location without the parts that are not in the data."""
    here, place = data, list[str | int]()
    for index, part in enumerate(location):
        if isinstance(here, dict) and part in here:
            here = cast("dict[Any, object]", here)[part]
        elif isinstance(here, list) and isinstance(part, int):
            here = cast("list[object]", here)[part]
        elif index < len(location) - 1 or not isinstance(here, dict):
            continue
        place.append(part)
    return tuple(place)


def _words(model: type[BaseModel], inside: Place, item: ErrorDetails) -> str:
    key, value = str(inside[-1]) if inside else "this", shorten(item["input"])
    match item["type"]:
        case "extra_forbidden":
            return f"there is no key {key!r} here.{nearest(key, _fields(model, inside[:-1]))}"
        case "missing":
            return f"the key {key!r} is missing."
        case "value_error":
            return f"{item.get('ctx', {}).get('error')}."
        case "string_type":
            return f"give text, not {value}; quotes make text of anything."
        case "too_short" | "string_too_short":
            return "this is empty."
        case "model_type" | "dict_type":
            known = ", ".join(_fields(model, inside))
            return f"give a mapping with some of {known}, not {value}."
        case _:
            message = item["msg"][0].lower() + item["msg"][1:]
            return f"{message}, not {value}."


def _fields(model: type[BaseModel], around: Place) -> list[str]:
    names = (_INNER.get(str(part)) for part in around)
    inner = next((name for name in names if name is not None), model)
    return list(inner.model_fields)


def _dotted(where: str, place: Place) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return "".join([where, *parts])
