"""The trace: every record of every instance in one order, and its file."""

from __future__ import annotations

import dataclasses
import enum
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVarTuple, cast, overload

from wfsim.clock import iso
from wfsim.history import HistoryEvent
from wfsim.quick import quick
from wfsim.trace.findings import Finding, Place
from wfsim.trace.records import FindingMade, HistoryAppended, Record

__all__ = ["FORMAT", "Trace"]

_Ts = TypeVarTuple("_Ts")

_appended = quick(HistoryAppended)
_Later = tuple[Callable[..., Iterable[Record]], tuple[object, ...]]
"""What makes records, and of which arguments."""

FORMAT = {"format": "wfsim-trace", "version": 1}
"""First line of a trace file."""

_MOST_FINDINGS = 10_000
"""So many findings stay where old records are forgotten."""
_SLACK = 8
"""An eighth may be there in addition. Dropping the first of a list each time is quadratic; dropping
many at a stroke lets the memory of a server rise and fall."""


class Trace(Sequence[Record]):
    """What happened, oldest first.

    Args:
        start_us: When the simulation began.
        keep: About how many of the latest records to keep, for hosts that run for days.
    """

    def __init__(self, *, start_us: int, keep: int | None = None) -> None:
        self.start_us = start_us
        self.dropped = 0
        """How many records were forgotten."""
        self._keep = keep
        self._made: list[Record] = []
        self._fresh: list[Record | _Later] = []
        """What came behind those; of what there is most, records are made when somebody reads."""
        self._findings: list[Finding] = []
        self._findings_dropped: int = 0

    def add(self, record: Record) -> None:
        """Append one record."""
        self._fresh.append(record)
        if isinstance(record, FindingMade):
            # Every operation asks for these; a long trace must not be read again each time.
            self._findings.append(record.finding)
            if self._keep is not None:
                self._findings_dropped += _shorten(self._findings, _MOST_FINDINGS)
        if self._keep is not None:
            self.dropped += _shorten(self._records, self._keep)

    def add_history(
        self, at_us: int, instance_id: str, execution_id: str, events: Sequence[HistoryEvent]
    ) -> None:
        """Append what one episode has added to a history.

        Args:
            at_us: When, in microseconds since 1970.
            instance_id: Whose history.
            execution_id: Of which generation.
            events: What was added; they do not change any more.
        """
        self.add_later(_appendices, at_us, instance_id, execution_id, events)

    def add_later(self, make: Callable[[*_Ts], Iterable[Record]], *about: *_Ts) -> None:
        """Append records that are made when somebody reads the trace; none may be of a finding.

        Args:
            make: Returns the records.
            about: What `make` is called with; it does not change any more.
        """
        self._fresh.append((make, about))
        if self._keep is not None:
            self.dropped += _shorten(self._records, self._keep)

    @property
    def _records(self) -> list[Record]:
        made = self._made
        if self._fresh:
            fresh, self._fresh = self._fresh, []
            for item in fresh:
                if isinstance(item, tuple):
                    make, about = item
                    made += make(*about)
                else:
                    made.append(item)
        return made

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> list[Record]: ...
    def __getitem__(self, index: int | slice) -> Record | list[Record]:
        return self._records[index]

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Trace):
            return self.start_us == other.start_us and self._records == other._records
        return NotImplemented

    __hash__ = None  # type: ignore[assignment] # it grows, so it cannot be a key

    def __repr__(self) -> str:
        return f"<Trace of {len(self)} records>"

    @property
    def findings(self) -> list[Finding]:
        """The findings so far, or the latest of them where old records are forgotten."""
        return self._findings.copy()

    @property
    def findings_made(self) -> int:
        """How many findings there were in all, forgotten ones included."""
        return self._findings_dropped + len(self._findings)

    def findings_after(self, count: int) -> list[Finding]:
        """Return those that came after the first `count` findings."""
        return self._findings[max(0, count - self._findings_dropped) :]

    @classmethod
    def load(cls, path: str | Path) -> Trace:
        """Return the trace in a file that `save` wrote.

        Places of findings are relative to the folder in which the file was written.

        Raises:
            UsageError: there is no such file, or it is no trace; the text names file and line.
        """
        from wfsim.trace.load import load_trace  # noqa: PLC0415 - it makes traces

        return load_trace(path)

    def lines(self) -> Iterator[str]:
        """Yield the trace file's lines: JSON, the same bytes for the same run everywhere."""
        yield json.dumps(FORMAT | {"start": iso(self.start_us)})
        for record in self:
            yield json.dumps(_plain(record), ensure_ascii=False)

    def save(self, path: str | Path) -> None:
        """Write the trace to a file of JSON lines, whole or not at all."""
        target = Path(path)
        part = target.with_name(f".{target.name}.part")
        try:
            with part.open("wb") as file:
                for line in self.lines():
                    # Half of a surrogate pair is no UTF-8; JSON's escape of it looks like Python's.
                    file.write(line.encode("utf-8", "backslashreplace") + b"\n")
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _appendices(
    at_us: int, instance_id: str, execution_id: str, events: Sequence[HistoryEvent]
) -> list[Record]:
    return [
        _appended(at_us=at_us, instance_id=instance_id, execution_id=execution_id, event=event)
        for event in events
    ]


def _shorten(items: list[Any], keep: int) -> int:
    """Drop the oldest items once there are clearly too many; return how many went."""
    surplus = len(items) - keep
    if surplus < max(1, keep // _SLACK):
        return 0
    del items[:surplus]
    return surplus


def _plain(record: Record) -> dict[str, Any]:
    body: dict[str, Any] = {"at": iso(record.at_us), "kind": type(record).__name__}
    for field in dataclasses.fields(record):
        if field.name != "at_us":
            body[field.name] = _value(getattr(record, field.name))
    if isinstance(record, HistoryAppended):
        body["event"] = {"type": type(record.event).__name__, **body["event"]}
    return body


def _value(value: Any) -> Any:  # noqa: ANN401 - any field of any record
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Place):
        # Relative, so that two checkouts of one app write the same trace.
        return {"file": value.near, "line": value.line}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return {
            name.removesuffix("_us"): iso(getattr(value, name))
            if name.endswith("_us")
            else _value(getattr(value, name))
            for name in names
        }
    if isinstance(value, tuple | list):
        return [_value(item) for item in cast("list[Any]", value)]
    return value
