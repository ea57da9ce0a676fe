"""The words for a failed comparison of recorded things."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Final, cast

import pytest

from pytest_wfsim.viewing import is_known, seen
from wfsim.snapshot import Rules, View, difference_lines

__all__ = ["explain"]

_AROUND: Final = 40
"""Characters shown on both sides of where two texts part."""


def explain(op: str, left: object, right: object, *, item: pytest.Item | None) -> list[str] | None:
    """Return lines that explain why a comparison failed.

    Args:
        op: "==" or "!=".
        left: What stands on its left.
        right: What stands on its right.
        item: The test.

    Returns:
        The first line sums up, as pytest's do; None where these are not two recorded things.
    """
    is_left, is_right = is_known(left), is_known(right)
    is_about = is_left or is_right  # two empty lists are about nothing
    if not is_about or not (is_left or _is_empty(left)) or not (is_right or _is_empty(right)):
        return None
    rules = rules_of(item)
    try:
        ours = seen(left if is_left else right, rules)
        theirs = seen(right if is_right else left, rules)
    except Exception as error:  # noqa: BLE001 - a user's own mask or reader may raise anything
        return [f"{left!r:.60} {op} {right!r:.60}", "", f"No view could be made: {error!r}"]
    ours, theirs = (
        ours if is_left else _empty_like(ours),
        theirs if is_right else _empty_like(theirs),
    )
    summary = f"{ours!r} {op} {theirs!r}"
    if op == "!=":
        return [summary, "They are equal."]
    if ours.kind != theirs.kind:
        return [summary, f"The left shows {ours.kind}, and the right shows {theirs.kind}."]
    return [summary, *(difference_lines(ours, theirs) or _equal_views(left, right))]


def rules_of(item: pytest.Item | None) -> Rules:
    """Return what the fixture wfsim_view_rules gives a test, or the usual rules."""
    # Nobody else knows the fixtures of a test that has not asked for them.
    request: pytest.FixtureRequest | None = getattr(item, "_request", None)
    if request is None:
        return Rules()
    try:
        rules = request.getfixturevalue("wfsim_view_rules")
    except Exception:  # noqa: BLE001 - an explanation must not fail; the snapshot fixtures tell
        return Rules()
    return rules if isinstance(rules, Rules) else Rules()


def _is_empty(value: object) -> bool:
    return isinstance(value, list | tuple) and not value


def _empty_like(other: View) -> View:
    return View(kind=other.kind, groups=(), width=other.width)


def _equal_views(left: object, right: object) -> list[str]:
    if isinstance(left, View) != isinstance(right, View):
        return ["One side is a view and the other is not. Compare view(…) == view(…)."]
    return [
        "Their views are equal: they differ in ids, times, hashes, or in what the rules hide.",
        *_first_raw_difference(left, right),
        "Compare view(…) == view(…) instead, with `from wfsim.snapshot import view`.",
    ]


def _first_raw_difference(left: object, right: object) -> list[str]:
    """Show where two sequences first differ, in the raw."""
    if not isinstance(left, Sequence) or not isinstance(right, Sequence):
        return []
    ours, theirs = cast("Sequence[object]", left), cast("Sequence[object]", right)
    for number, (one, other) in enumerate(zip_longest(ours, theirs), 1):
        # The framework's events are equal to themselves only, so it is their texts that tell.
        if one != other and repr(one) != repr(other):
            minus, plus = _around_difference(repr(one), repr(other))
            return [f"The first such difference, in item {number}:", f"  - {minus}", f"  + {plus}"]
    return []


def _around_difference(left: str, right: str) -> tuple[str, str]:
    both = zip(left, right, strict=False)
    place = next((at for at, (one, other) in enumerate(both) if one != other), 0)
    start = max(0, place - _AROUND)
    return _cut(left, start), _cut(right, start)


def _cut(text: str, start: int) -> str:
    end = start + 2 * _AROUND
    return f"{'…' * (start > 0)}{text[start:end]}{'…' * (end < len(text))}"
