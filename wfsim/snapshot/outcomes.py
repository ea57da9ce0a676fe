"""The outcomes of one scenario under many schedules, as a set with counts.

Each outcome is named for itself: whether another one came up too changes one line, not the names in
all of them. Outcomes that differ in ids, times and hashes only are one outcome.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Self

from wfsim.errors import UsageError
from wfsim.snapshot.naming import Naming
from wfsim.snapshot.plain import Plain, plain
from wfsim.snapshot.rules import Rules
from wfsim.snapshot.view import Fact, Recorded, register, view

__all__ = ["Outcomes"]

_TIMES: Final = "\N{MULTIPLICATION SIGN}"


class Outcomes:
    """How often a scenario ended how; the order in which it did so does not count.

    Args:
        values: What each run ended with: plain data, records, exceptions. A `Counter` brings its
            counts along.

    Raises:
        UsageError: they are no collection of outcomes.
    """

    __slots__ = ("_pairs",)

    def __init__(self, values: Iterable[object] = ()) -> None:
        if isinstance(values, Counter):
            self._pairs = tuple(_checked(pair) for pair in values.items())
            return
        _check_many(values)
        self._pairs = tuple((value, 1) for value in values)

    @classmethod
    def counted(cls, pairs: Iterable[tuple[object, int]]) -> Self:
        """Return outcomes that have been counted: pairs of an outcome and how often it came.

        Raises:
            UsageError: one is no such pair.
        """
        made = cls()
        made._pairs = tuple(_checked(pair) for pair in pairs)
        return made

    def __iter__(self) -> Iterator[tuple[object, int]]:
        """Yield outcomes as they were given, and how often each came."""
        return iter(self._pairs)

    def __len__(self) -> int:
        """Return how many outcomes came in all."""
        return sum(count for _, count in self._pairs)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Outcomes):
            return str(view(self)) == str(view(other))  # 1, 1.0 and True are equal records
        return NotImplemented

    __hash__ = None  # type: ignore[assignment] # outcomes may be dicts

    def __repr__(self) -> str:
        return f"<Outcomes of {len(self)} runs>"


@register(Outcomes)
def outcomes(values: Sequence[Outcomes], rules: Rules) -> Recorded:
    """Return the facts of outcomes: each distinct one with its count, in the order of their texts.

    Those of several are counted together.
    """
    counts: dict[str, int] = {}
    shown: dict[str, Plain] = {}
    for value, count in (pair for each in values for pair in each):
        named = plain(value, Naming(rules=rules))
        text = json.dumps(named, sort_keys=True, ensure_ascii=False)
        counts[text] = counts.get(text, 0) + count
        shown[text] = named
    facts = [
        Fact(what="", said=f"{counts[text]} {_TIMES}", details=(("", shown[text]),))
        for text in sorted(counts)
    ]
    return Recorded(kind="outcomes", facts=facts, width=0, is_named=True)


def _check_many(values: object) -> None:
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        shown = _short(values)  # pyright: ignore[reportUnknownArgumentType]
        raise UsageError(
            f"Outcomes come as a list or another iterable, one for each run, and {shown} is one "
            f"thing. Write for example [{shown}]."
        )


def _checked(pair: tuple[object, int]) -> tuple[object, int]:
    is_pair = isinstance(pair, tuple) and len(pair) == 2  # pyright: ignore[reportUnnecessaryIsInstance, reportUnnecessaryComparison]
    if not is_pair or not isinstance(pair[1], int) or pair[1] < 1:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageError(
            f"{_short(pair)} is no pair of an outcome and how often it came, at least once."
        )
    return pair


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
