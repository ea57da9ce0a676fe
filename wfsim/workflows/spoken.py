"""What happened in a workflow as facts, each value said once.

A value that travels on is not said again. It goes by where it was said: `printer ← writer` got what
the executor `writer` has sent, `printer ← [a, b]` a list of what these have sent, `← input` is what
somebody got and gives on, `← run` what the run began with, `← answer` what was answered. Of several
values of one origin the second is `writer 2`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final, assert_never, cast

from agent_framework import AgentResponseUpdate

from wfsim.chat.readers import pieces, same
from wfsim.clock import iso
from wfsim.snapshot.view import Fact
from wfsim.workflows.arranged import Item, executor_of, wanted_by
from wfsim.workflows.log import Answered, Began, Checkpointed, Died, Entry, Happened
from wfsim.workflows.source import Kind

__all__ = ["Speaker"]

Details = tuple[tuple[str, object], ...]

_OUTPUTS: Final = ("output", "intermediate", "data")
_TRIVIAL: Final = (type(None), bool, int, float)
"""Values of these types are the same by chance too often; functions hand them on unmarked."""


@dataclass(slots=True)
class _Values:
    """Values that have been said, and by whom."""

    names: dict[str, list[tuple[str, str]]] = field(
        default_factory=dict[str, list[tuple[str, str]]]
    )
    counts: Counter[str] = field(default_factory=Counter[str])

    def add(self, who: str, value: object) -> None:
        self.counts[who] += 1
        count = self.counts[who]
        name = who if count == 1 else f"{who} {count}"
        self.names.setdefault(same(value), []).append((who, name))

    def find(self, value: object, *, of: str | None = None, nth: int = 0) -> str | None:
        found = [name for who, name in self.names.get(same(value), ()) if of is None or who == of]
        return found[min(nth, len(found) - 1)] if found else None

    def find_all(self, value: object) -> str | None:
        """Return where the items of a list were said."""
        if not isinstance(value, list) or not value:
            return None
        seen: Counter[str] = Counter()
        found: list[str] = []
        for item in cast("list[object]", value):
            text = same(item)
            name = self.find(item, nth=seen[text])
            if name is None:
                return None
            seen[text] += 1
            found.append(name)
        return f"[{', '.join(found)}]"


class Speaker:
    """Makes facts of what happened, in the order in which it is shown.

    Args:
        kind: In a graph, executors tell what they send in lists.
        is_timed: Whether it is known when things happened.
        failure: What the workflow raised; newer releases do not repeat its text in their events.
        states: What checkpoints hold, by their numbers.
    """

    def __init__(
        self,
        kind: Kind,
        *,
        is_timed: bool,
        failure: Exception | None = None,
        states: Mapping[int, object] | None = None,
    ) -> None:
        self._kind: Kind = kind
        self._is_timed = is_timed
        self._failure = failure
        self._states = states or {}
        self._superstep = 0
        self._sent = _Values()
        self._arrived = _Values()
        self._given = _Values()
        self._results = _Values()
        self._inputs: dict[str, object] = {}
        self._outputs: dict[str, list[object]] = {}
        self._requests: dict[str, str] = {}
        self._errors: set[tuple[str, str]] = set()

    def has_told_of(self, failure: Exception) -> bool:
        """Return whether an event has said what an exception says."""
        return (type(failure).__name__, str(failure)) in self._errors

    def facts(self, items: Iterable[Item], above: tuple[str | int, ...] = ()) -> Iterator[Fact]:
        """Yield the facts.

        Args:
            items: What happened.
            above: What all of it stands below.
        """
        for _, group in groupby([*items], key=_stream):
            found = list(group)
            item = found[0]
            if item.superstep != self._superstep and item.superstep:
                self._superstep = item.superstep
                self._arrived, self._sent = self._sent, _Values()
            what, number, said, details = self._said(item, [each.entry for each in found])
            if item.superstep and item.entry is not None and item.entry.at_us != item.began_us:
                said = f"{said} at {iso(item.entry.at_us)}".lstrip()
            headings = (*above, item.began_us) if self._is_timed else above
            if item.superstep:
                headings = (*headings, f"superstep {item.superstep}")
            yield Fact(headings=headings, what=what, number=number, said=said, details=details)

    def _said(self, item: Item, group: Sequence[Entry | None]) -> tuple[str, str, str, Details]:
        entry = item.entry
        match entry:
            case None:
                return "(not completed)", "", "", ()
            case Happened():
                if _stream(item)[1] != id(item):
                    return entry.event.type, "", *self._streamed(group)
                return entry.event.type, "", *self._told(entry.event)
            case Began():
                return "run", str(entry.leg), *self._began(entry)
            case Answered():
                self._given.add("answer", entry.value)
                by = "" if entry.by == "test" else f" by {entry.by}"
                return "answer", "", f"to {entry.request_id}{by}", (("value", entry.value),)
            case Checkpointed():
                state = self._states.get(entry.number)
                return "checkpoint", str(entry.number), "", (("state", state),) if state else ()
            case Died():
                return "died", "", "", ()
            case _:
                assert_never(entry)

    def _began(self, entry: Began) -> tuple[str, Details]:
        if entry.checkpoint is not None:
            return f"from checkpoint {entry.checkpoint}", _data(entry.message, "message")
        if entry.message is None:
            return "goes on", ()
        self._given.add("run", entry.message)
        return "", (("message", entry.message),)

    # --- events ---------------------------------------------------------------------------------

    def _told(self, event: Any) -> tuple[str, Details]:  # noqa: ANN401
        who = executor_of(event)
        if event.details is not None:
            return self._failed(event, who)
        match event.type:
            case "executor_invoked":
                return self._invoked(event.data, who)
            case "executor_completed":
                return self._completed(event.data, who)
            case "executor_bypassed":
                return self._bypassed(event.data, who)
            case "request_info":
                return self._asks(event, who)
            case kind if kind in _OUTPUTS:
                return self._gives(event.data, who)
            case _:
                state = "" if event.state is None else event.state.name
                number = "" if event.iteration is None else str(event.iteration)
                return " ".join(filter(None, (who, state, number))), _data(event.data)

    def _failed(self, event: Any, who: str) -> tuple[str, Details]:  # noqa: ANN401
        kind, message = event.details.error_type, event.details.message
        if message == kind and type(self._failure).__name__ == kind:
            message = str(self._failure)
        said = f"{who} {kind}".lstrip()
        if message == kind or (kind, message) in self._errors:
            return said, ()
        self._errors.add((kind, message))
        return said, _data(message, "message")

    def _invoked(self, data: Any, who: str) -> tuple[str, Details]:  # noqa: ANN401
        if self._kind == "functional" and _is_call(data):
            return self._called(data, who)
        self._outputs[who] = []
        self._inputs[who] = data
        source = self._arrived.find(data) or self._arrived.find_all(data) or self._given.find(data)
        return (who, _data(data)) if source is None else (f"{who} ← {source}", ())

    def _called(self, data: Mapping[str, Any], who: str) -> tuple[str, Details]:
        args, options = list(data["args"]), data["kwargs"]
        source = self._known(args[0]) if len(args) == 1 and not options else None
        if source is not None:
            return f"{who} ← {source}", ()
        given = (("args", args),) if args else ()
        return who, (*given, ("kwargs", options)) if options else given

    def _known(self, value: object) -> str | None:
        """Return where a functional workflow has a value from."""
        if isinstance(value, _TRIVIAL):
            return None
        return self._results.find(value, nth=-1) or self._given.find(value)

    def _completed(self, data: Any, who: str) -> tuple[str, Details]:  # noqa: ANN401
        if self._kind == "functional" or not isinstance(data, list):
            self._results.add(who, data)
            return who, _data(data)
        sent = self._without_outputs(cast("list[object]", data), who)
        for message in sent:
            self._sent.add(who, message)
        if len(sent) == 1 and who in self._inputs and same(sent[0]) == same(self._inputs[who]):
            return f"{who} ← input", ()
        if len(sent) == 1:
            return who, (("data", sent[0]),)
        return who, tuple((f"data {place}", item) for place, item in enumerate(sent, 1))

    def _without_outputs(self, data: list[object], who: str) -> list[object]:
        """Return what an executor has sent; what it put out is in the list behind it."""
        outputs = self._outputs.pop(who, [])
        count = len(data) - len(outputs)
        is_told = count >= 0 and [*map(same, data[count:])] == [*map(same, outputs)]
        return data[:count] if is_told else data

    def _bypassed(self, data: object, who: str) -> tuple[str, Details]:
        source = self._results.find(data, of=who)
        return (who, _data(data)) if source is None else (f"{who} ← {source}", ())

    def _asks(self, event: Any, who: str) -> tuple[str, Details]:  # noqa: ANN401
        said = f"{who} as {event.request_id}"
        details = (
            *_data(event.data),
            ("wants", wanted_by(event)),
        )
        text = same([value for _, value in details])
        if self._requests.get(event.request_id) == text:
            return f"{said}, as before", ()
        self._requests[event.request_id] = text
        return said, details

    def _gives(self, data: object, who: str) -> tuple[str, Details]:
        if self._kind == "functional":
            source = self._known(data)
            return (who, _data(data)) if source is None else (f"{who} ← {source}", ())
        self._outputs.setdefault(who, []).append(data)
        if who in self._inputs and same(data) == same(self._inputs[who]):
            return f"{who} ← input", ()
        return who, _data(data)

    def _streamed(self, group: Sequence[Entry | None]) -> tuple[str, Details]:
        events = [entry.event for entry in group if isinstance(entry, Happened)]
        who = executor_of(events[0])
        updates = [event.data for event in events]
        self._outputs.setdefault(who, []).extend(updates)
        return f"{who} in pieces", (("data", pieces(updates)),)


def _stream(item: Item) -> tuple[object, ...]:
    """Return what is equal for the pieces of one stream, and for nothing else."""
    event = item.entry.event if isinstance(item.entry, Happened) else None
    if event is None or event.type not in _OUTPUTS:
        return "", id(item)
    if not isinstance(event.data, AgentResponseUpdate):
        return "", id(item)
    return event.type, executor_of(event), item.superstep


def _data(value: object, label: str = "data") -> Details:
    return () if value is None else ((label, value),)


def _is_call(data: Any) -> bool:  # noqa: ANN401
    return isinstance(data, dict) and data.keys() == {"args", "kwargs"}
