"""The stable view of something recorded: records in which nothing differs from run to run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, cast

from wfsim.errors import InternalError, UsageError
from wfsim.snapshot.naming import Naming, Reader, Run
from wfsim.snapshot.plain import Plain, plain
from wfsim.snapshot.rules import Mask, Rules

__all__ = ["FORMAT", "Fact", "Group", "Line", "Recorded", "View", "labelled", "register", "view"]

FORMAT = 1
"""Version of the text that views become; snapshot files carry it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that was recorded, before anything gets a name.

    What a fact says twice, or what another fact has said, is left out by whoever makes it: a change
    is to show as one line.
    """

    headings: tuple[str | int, ...] = ()
    """What it stands below, outermost first: texts, and instants in microseconds since 1970."""
    what: str
    """Its kind, such as "TaskScheduled"."""
    number: str = ""
    """Which one of its kind."""
    said: str = ""
    """Names that belong to it, such as the activity's."""
    details: tuple[tuple[str, object], ...] = ()
    """Payloads by their labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Facts in the order in which they are shown, and what is known of the run."""

    kind: str
    """What it is, such as "history"."""
    facts: Sequence[Fact]
    run: Run | None = None
    width: int = 24
    """Columns for the kinds of facts; fixed, so that no line depends on another."""
    readers: Mapping[type, Reader] = field(default_factory=dict[type, Reader])
    """How to read objects in the details that are no JSON."""
    is_named: bool = False
    """Whether the details are plain data in which everything has its name already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One fact with names in place of ids and times."""

    what: str
    number: str
    said: str
    details: tuple[tuple[str, Plain], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Lines below one heading, or several."""

    headings: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class View:
    """What was recorded, without ids, wall times, hashes, paths and addresses.

    `str` gives the text; `view` of a view is that view.
    """

    kind: str
    groups: tuple[Group, ...]
    width: int = field(repr=False)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, View):
            return NotImplemented
        # To Python 1 is True; what they are written as tells them apart.
        return self.kind == other.kind and repr(self.groups) == repr(other.groups)

    def __hash__(self) -> int:
        return hash((self.kind, repr(self.groups)))

    def __str__(self) -> str:
        from wfsim.snapshot.text import text_of  # noqa: PLC0415 - it knows this module's records

        return text_of(self)

    def __repr__(self) -> str:
        # A page of text on one line helps nobody, and assertions show it.
        count = sum(len(group.lines) for group in self.groups)
        return f"<View of {self.kind}: {count} line{'s' * (count != 1)}>"


def labelled(*details: tuple[str, object]) -> tuple[tuple[str, object], ...]:
    """Return details whose labels are shown even where there is only one."""
    return tuple(("", {label: value}) for label, value in details) if len(details) == 1 else details


Builder = Callable[[Sequence[Any], Rules], Recorded]
"""Makes facts of one object, or of several of one type."""

_BUILDERS: dict[type, Builder] = {}


def register(*kinds: type) -> Callable[[Builder], Builder]:
    """Say how objects of these types, and lists of them, are viewed.

    The floors above teach this one what their records say.
    """

    def add(builder: Builder) -> Builder:
        _BUILDERS.update(dict.fromkeys(kinds, builder))
        return builder

    return add


def view(
    value: object,
    *,
    masks: Mapping[str, Mask] | None = None,
    types: Mapping[type, Callable[[Any], Any]] | None = None,
    redact: Sequence[str | Any] = (),
    exact_order: bool = False,
    rules: Rules | None = None,
) -> View:
    """Return the stable view of something recorded.

    Ids become `<id:1>`, those of instances `<instance:approval/1>`, in order of first appearance;
    times of this run become `T+72h`, also inside payloads; hashes, paths and addresses get names,
    too. Keys are sorted. What happened at once stands in a documented order.

    Args:
        value: A history, a trace, events or checkpoints of a workflow, a conversation, requests to
            a model, HTTP messages; lists of them; a view; or any other value, shown as plain data.
        masks: What to show instead of values, by their paths: `{"**.token": "<token>"}`.
        types: How to read objects of a type that are no JSON.
        redact: Texts and patterns that become `<redacted>`, wherever they stand.
        exact_order: Whether to keep the recorded order also of what happened at once.
        rules: The same four in one record, for sharing; with it, the others must be left out.

    Raises:
        UsageError: an argument makes no sense.
    """
    if isinstance(value, View):
        return value
    given = Rules(masks=masks or {}, types=types or {}, redact=redact, exact_order=exact_order)
    if rules is not None and given != Rules():
        raise UsageError("view() takes rules=, or masks=, types=, redact= and exact_order=.")
    return _named(recorded(value, rules or given), rules or given)


def recorded(value: object, rules: Rules) -> Recorded:
    """Return the facts of something recorded."""
    builder = builder_of(value)
    if builder is not None:
        return builder([value], rules)
    items = _items(value)
    builders = {builder_of(item) for item in items}
    builder = builders.pop() if len(builders) == 1 else None
    if builder is not None:
        return builder(items, rules)
    return Recorded(kind="value", facts=[Fact(what="", details=(("", value),))], width=0)


def _items(value: object) -> Sequence[object]:
    return cast("Sequence[object]", value) if isinstance(value, list | tuple) else ()


def builder_of(value: object) -> Builder | None:
    """Return what makes facts of an object, or None where nobody knows its type."""
    return next((_BUILDERS[kind] for kind in type(value).__mro__ if kind in _BUILDERS), None)


def _named(made: Recorded, rules: Rules) -> View:
    naming = Naming(made.run, rules=rules, readers=made.readers)
    groups: list[Group] = []
    for headings, facts in groupby(made.facts, key=lambda fact: fact.headings):
        texts = tuple(_heading(heading, naming) for heading in headings)
        lines = tuple(_line(fact, None if made.is_named else naming) for fact in facts)
        groups.append(Group(headings=texts, lines=lines))
    return View(kind=made.kind, groups=tuple(groups), width=made.width)


def _heading(heading: str | int, naming: Naming) -> str:
    if isinstance(heading, str):
        return naming.text(heading)
    if naming.run is None:
        raise InternalError("An instant needs a run that it belongs to.")
    return naming.run.when(heading)


def _line(fact: Fact, naming: Naming | None) -> Line:
    if naming is None:
        return Line(what=fact.what, number=fact.number, said=fact.said, details=fact.details)
    said = naming.text(fact.said)
    details = tuple(
        (label, plain(value, naming, (label,) if label else ())) for label, value in fact.details
    )
    return Line(what=fact.what, number=fact.number, said=said, details=details)
