"""Sets of outcomes with their counts."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfsim import UsageError
from wfsim.snapshot import Outcomes, Rules, view

ONE = "3f58a660-db64-4b01-8840-e860837c198e"
TWO = "c0fc6447-b764-4e12-8c33-b6796da6c262"

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["a", "b", ONE, TWO, "<id:1>"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("xy"), inner),
    max_leaves=4,
)


def test_distinct_outcomes_are_counted() -> None:
    """Each outcome stands once, with how often it came, in the order of the texts."""
    outcomes = Outcomes([{"status": "published"}, {"status": "late"}, {"status": "published"}])
    assert str(view(outcomes)).split("\n") == [
        '1 \N{MULTIPLICATION SIGN}  {"status": "late"}',
        '2 \N{MULTIPLICATION SIGN}  {"status": "published"}',
    ]
    assert (len(outcomes), repr(outcomes)) == (3, "<Outcomes of 3 runs>")


def test_failures_and_long_outcomes() -> None:
    """Exceptions show type and message, long outcomes stand below their count."""
    shown = str(view(Outcomes([ValueError("no stock"), {"text": "x" * 70}])))
    assert shown.split("\n") == [
        '1 \N{MULTIPLICATION SIGN}  {"type": "ValueError", "message": "no stock"}',
        "1 \N{MULTIPLICATION SIGN}",
        f"    text: {'x' * 70}",
    ]


def test_ids_make_no_other_outcome() -> None:
    """Outcomes that differ in ids only are one, as long as the same ids are equal in each."""
    same = Outcomes([{"id": ONE, "again": ONE}, {"id": TWO, "again": TWO}])
    assert str(view(same)) == '2 \N{MULTIPLICATION SIGN}  {"again": "<id:1>", "id": "<id:1>"}'
    other = Outcomes([{"id": ONE, "again": ONE}, {"id": ONE, "again": TWO}])
    assert len(str(view(other)).split("\n")) == 2


def test_counts_may_be_brought_along() -> None:
    """A Counter, pairs, and several collections give the same as the single outcomes."""
    single = view(Outcomes(["a", "b", "a"]))
    assert view(Outcomes(Counter(["a", "b", "a"]))) == single
    assert view(Outcomes.counted([("b", 1), ("a", 1), ("a", 1)])) == single
    assert view([Outcomes(["a"]), Outcomes(["b", "a"])]) == single
    assert list(Outcomes.counted([("b", 2)])) == [("b", 2)]
    assert str(view(Outcomes())) == ""
    assert Outcomes([1]) != Outcomes([True])


def test_rules_hold_in_outcomes() -> None:
    """What the rules hide makes no difference between outcomes."""
    rules = Rules(masks={"at": "<at>"}, redact=["secret"])
    outcomes = Outcomes([{"at": 1, "said": "secret"}, {"at": 2, "said": "secret"}])
    assert str(view(outcomes, rules=rules)) == (
        '2 \N{MULTIPLICATION SIGN}  {"at": "<at>", "said": "<redacted>"}'
    )


@pytest.mark.parametrize("values", ["done", b"done", {"status": "late"}, 3, None])
def test_one_thing_is_no_collection(values: Any) -> None:
    """A text, a dict or a number is one outcome, and is refused with the way out."""
    with pytest.raises(UsageError, match=r"^Outcomes come as a list .* is one thing\. Write for "):
        Outcomes(values)


@pytest.mark.parametrize("pair", [("a",), ("a", 0), ("a", "2"), "ab", ("a", 1, 2)])
def test_pairs_are_checked(pair: Any) -> None:
    """A pair is an outcome and how often it came, at least once."""
    with pytest.raises(UsageError, match=r"is no pair of an outcome and how often it came"):
        Outcomes.counted([pair])


@given(values=st.lists(VALUES, max_size=6), data=st.data())
def test_the_order_makes_no_difference(values: list[Any], data: st.DataObject) -> None:
    """However outcomes are ordered, the view is the same, and so are the collections."""
    other = data.draw(st.permutations(values))
    assert str(view(Outcomes(values))) == str(view(Outcomes(other)))
    assert Outcomes(values) == Outcomes(other)


@given(values=st.lists(VALUES, min_size=1, max_size=6))
def test_counts_add_up(values: list[Any]) -> None:
    """The counts in the view are those of all outcomes; one more makes another view."""
    shown = view(Outcomes(values))
    assert sum(int(line.said.split()[0]) for line in shown.groups[0].lines) == len(values)
    assert Outcomes(values) != Outcomes([*values, values[0]])
    assert Outcomes(values) != values
