"""A run as text for people: when what happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, assert_never, cast

from wfsim.clock import format_duration
from wfsim.snapshot.naming import Naming
from wfsim.workflows.log import Answered, Began, Checkpointed, Died, Entry, Happened
from wfsim.workflows.requests import type_name

__all__ = ["render"]

_LONGEST: Final = 72
_VERBS: Final = {
    "executor_invoked": "begins",
    "executor_completed": "ends",
    "executor_bypassed": "is known",
    "executor_failed": "fails",
    "output": "output",
    "intermediate": "progress",
    "data": "progress",
}
_SILENT: Final = ("started", "status", "superstep_completed", "failed")

_Row = tuple[int, str, str, str]
"""When, who, what, and the rest."""


def render(log: Sequence[Entry], *, title: str) -> str:
    """Return a run as text.

    Args:
        log: What happened, in order of time.
        title: The first line.
    """
    rows = [row for entry in log for row in _rows(entry)]
    if not rows:
        return title
    start_us = rows[0][0]
    times = [f"T+{format_duration(row[0] - start_us)}" for row in rows]
    widths = [
        max(len(text) for text in times),
        max(len(row[1]) for row in rows),
        max(len(row[2]) for row in rows),
    ]
    naming = Naming()
    lines = [title]
    before = ""
    for time, (_, who, what, rest) in zip(times, rows, strict=True):
        shown = "" if time == before else time
        before = time
        told = naming.text(rest)
        lines.append(
            f"  {shown:<{widths[0]}}  {who:<{widths[1]}}  {what:<{widths[2]}}  {told}".rstrip()
        )
    return "\n".join(lines)


def _rows(entry: Entry) -> Iterator[_Row]:
    at = entry.at_us
    match entry:
        case Began():
            yield (at, "", "run", _began(entry))
        case Checkpointed():
            yield (at, "", "saved", f"checkpoint {entry.number}")
        case Answered():
            by = "" if entry.by == "test" else f" by {entry.by}"
            yield (at, "", "answer", f"{_short(entry.value)} to {entry.request_id!r}{by}")
        case Died():
            yield (at, "", "died", "the process ends here")
        case Happened():
            yield from _told(at, entry.event)
        case _:
            assert_never(entry)


def _began(entry: Began) -> str:
    if entry.checkpoint is not None:
        return "from a checkpoint"
    return "goes on" if entry.message is None else f"with {_short(entry.message)}"


def _told(at: int, event: Any) -> Iterator[_Row]:  # noqa: ANN401
    kind = event.type
    if kind in _SILENT:
        if kind == "failed":
            yield (at, "", "failed", event.details.error_type)
        return
    who: str = event.executor_id or ""
    if kind == "superstep_started":
        yield (at, "", "superstep", str(event.iteration))
    elif kind == "request_info":
        wanted = type_name(event.response_type)
        text = f"{event.request_id!r}: {_short(event.data)} -> {wanted}"
        yield (at, event.source_executor_id, "asks", text)
    elif kind == "executor_failed":
        yield (at, who, "fails", event.details.error_type)
    else:
        yield (at, who, str(_VERBS.get(kind, kind)), _content(kind, event.data))


def _content(kind: str, data: Any) -> str:  # noqa: ANN401
    if data is None:
        return ""
    if kind == "executor_invoked" and _is_call(data):
        shown = [_short(item) for item in data["args"]]
        shown += [f"{name}={_short(item)}" for name, item in data["kwargs"].items()]
        return f"({', '.join(shown)})"
    return _short(data)


def _is_call(data: Any) -> bool:  # noqa: ANN401
    return isinstance(data, dict) and data.keys() == {"args", "kwargs"}


def _short(value: object) -> str:
    shown = " ".join(_words(value).split())
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


def _words(value: Any) -> str:  # noqa: ANN401
    """Return what is said, where it is a message or holds some; else the value as Python."""
    if isinstance(value, list):
        return f"[{', '.join(_words(item) for item in cast('list[object]', value))}]"
    if not type(value).__module__.startswith("agent_framework"):
        return repr(value)
    for name in ("text", "agent_response", "messages"):
        part: object = getattr(value, name, None)
        if isinstance(part, str):
            return repr(part)
        if part is not None:
            return _words(part)
    return repr(value)
