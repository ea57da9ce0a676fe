"""Reads a trace file back into records."""

from __future__ import annotations

import dataclasses
import enum
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any, Final, cast, get_args, get_origin, get_type_hints

from wfsim.clock import to_us
from wfsim.errors import UsageError, nearest
from wfsim.history import HistoryEvent
from wfsim.trace.log import FORMAT, Trace
from wfsim.trace.records import Record

__all__ = ["load_trace", "trace_of"]

_KINDS: Final[Mapping[str, type]] = {kind.__name__: kind for kind in get_args(Record)}
_EVENTS: Final[Mapping[str, type]] = {kind.__name__: kind for kind in get_args(HistoryEvent)}
_PLAIN: Final = (str, int, bool)
_LONGEST: Final = 80


class _Unreadable(Exception):
    """A line is no record; says why."""


def load_trace(path: str | Path) -> Trace:
    """Return the trace in a file that `Trace.save` or `wfsim run --trace` wrote.

    Raises:
        UsageError: there is no such file, or it is no trace; the text names file and line.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"The trace {str(path)!r} cannot be read: {error.strerror or error}. "
            "Write one with `wfsim run SCENARIO --trace FILE` or `sim.trace.save(path)`."
        ) from None
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{str(path)!r} is no trace: byte {error.start} is not UTF-8. Name a file that wfsim "
            "wrote."
        ) from None
    # Payloads may hold the line ends of other worlds, which JSON need not escape.
    return trace_of(text.split("\n"), name=str(path))


def trace_of(lines: Iterable[str], *, name: str = "the trace") -> Trace:
    """Return the trace that lines of JSON hold, as `Trace.lines` yields them.

    Args:
        lines: The head, then one record each; empty lines are skipped.
        name: How the lines are called in messages.

    Raises:
        UsageError: a line is no record.
    """
    trace: Trace | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            if trace is None:
                trace = Trace(start_us=_start_of(_object(line)))
            else:
                trace.add(_record(_object(line)))
        except _Unreadable as error:
            raise UsageError(f"{name}, line {number}: {error}") from None
    if trace is None:
        raise UsageError(f"{name} is empty, and no trace. Write one with sim.trace.save(path).")
    return trace


def _object(line: str) -> dict[str, Any]:
    try:
        value: object = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _Unreadable(f"not JSON ({error}): {line[:_LONGEST]!r}") from None
    if not isinstance(value, dict):
        raise _Unreadable(f"a record is a JSON object, not {line[:_LONGEST]!r}")
    return cast("dict[str, Any]", value)


def _start_of(head: Mapping[str, Any]) -> int:
    if head.get("format") != FORMAT["format"]:
        raise _Unreadable(
            f'no trace of wfsim: the first line must say {{"format": "{FORMAT["format"]}", …}}'
        )
    if head.get("version") != FORMAT["version"]:
        raise _Unreadable(
            f"the trace has format version {head.get('version')!r}, and this wfsim reads "
            f"{FORMAT['version']}. Record it again, or use the wfsim that wrote it."
        )
    return _instant(head.get("start"), "start")


def _record(body: dict[str, Any]) -> Record:
    kind = _class_of(body.pop("kind", None), _KINDS, "record")
    return cast("Record", _made(kind, body))


def _class_of(name: object, known: Mapping[str, type], what: str) -> type:
    found = known.get(name) if isinstance(name, str) else None
    if found is None:
        hint = nearest(name, known) if isinstance(name, str) else ""
        raise _Unreadable(f"there is no {what} {name!r}.{hint}")
    return found


def _made(kind: type, body: Mapping[str, Any]) -> object:
    """Return a record of a class, each field checked."""
    hints = _hints(kind)
    given: dict[str, Any] = {}
    for key, value in body.items():
        name = f"{key}_us" if f"{key}_us" in hints else key
        if name not in hints:
            raise _Unreadable(f"{kind.__name__} has no {key!r}.{nearest(key, hints)}")
        where = f"{kind.__name__}.{key}"
        given[name] = _instant(value, where) if name != key else _value(hints[name], value, where)
    missing = [name for name in hints if name not in given]
    if missing:
        raise _Unreadable(f"{kind.__name__} lacks {missing[0].removesuffix('_us')!r}")
    return kind(**given)


def _value(hint: Any, value: object, where: str) -> object:  # noqa: ANN401 - a type
    """Return a JSON value as what a field's type hint asks for."""
    if get_args(hint) == get_args(HistoryEvent):
        body = {**_mapping(value, where)}
        return _made(_class_of(body.pop("type", None), _EVENTS, "history event"), body)
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise _Unreadable(f"{where} must be a list, not {value!r}")
        items = cast("list[object]", value)
        return tuple(_value(get_args(hint)[0], item, where) for item in items)
    kinds: tuple[type, ...] = get_args(hint) or (hint,)
    if value is None and NoneType in kinds:
        return None
    kind: type[object] = next(item for item in kinds if item is not NoneType)
    if issubclass(kind, enum.Enum):
        if value not in [member.value for member in kind]:
            raise _Unreadable(f"{where} has no value {value!r}")
        return kind(value)
    if kind in _PLAIN:
        if type(value) is not kind:
            raise _Unreadable(f"{where} must be {kind.__name__}, not {value!r}")
        return value
    return _made(kind, _mapping(value, where))


def _mapping(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _Unreadable(f"{where} must be an object, not {value!r}")
    return cast("dict[str, Any]", value)


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _instant(value: object, key: str) -> int:
    try:
        if isinstance(value, str):
            return to_us(datetime.fromisoformat(value))
    except ValueError:
        pass
    raise _Unreadable(f"{key} must be an instant such as 2000-01-01T00:00:00Z, not {value!r}")
