"""JSON text as the host writes it, and as people read it."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfsim.history.jsontext import parse, shown, unwrap, write

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    SCALARS.filter(lambda value: not isinstance(value, float) or math.isfinite(value)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_values_survive(value: Any) -> None:
    """What is written reads back as the same value."""
    assert parse(write(value)) == value


@given(VALUES)
def test_text_is_compact(value: Any) -> None:
    """Written text is what json.dumps gives with the tightest separators and real characters."""
    assert write(value) == json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@given(VALUES)
def test_writing_twice_changes_nothing(value: Any) -> None:
    """The text of a value that was read from text is that text."""
    assert write(parse(write(value))) == write(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([1, {"a": 2}], '[1,{"a":2}]'),
        ("æøå 東京 \x1b", '"æøå 東京 \\u001b"'),
        (math.nan, '"NaN"'),
        ([math.inf, -math.inf], '["Infinity","-Infinity"]'),
        ({"deep": [{"x": math.nan}]}, '{"deep":[{"x":"NaN"}]}'),
        ((1, math.nan), '[1,"NaN"]'),
    ],
)
def test_writing_follows_the_host(value: object, text: str) -> None:
    """Separators are compact, characters real, and not-a-number is text, as .NET has it."""
    assert write(value) == text


def test_what_is_no_json_is_refused() -> None:
    """A value without a JSON form raises TypeError, one that contains itself ValueError."""
    with pytest.raises(TypeError, match="set"):
        write({1, 2})
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(ValueError, match="Circular"):
        write(circle)


def test_a_missing_payload_is_none() -> None:
    """No payload reads as None and shows as nothing."""
    assert parse(None) is None
    assert shown(None) == ""
    assert unwrap(None) is None


@given(VALUES)
def test_inputs_are_unwrapped(value: Any) -> None:
    """An input is shown without the JSON strings, and the array of one, that the wire adds."""
    text = json.dumps(value)
    if not isinstance(value, str | list):
        assert unwrap(json.dumps(text)) == value
        assert unwrap(json.dumps([text])) == value
        assert unwrap(text) == value


def test_text_that_is_no_json_stays() -> None:
    """Payloads that are not JSON are shown as the text they are."""
    assert unwrap("plain text") == "plain text"
    assert shown("plain text") == '"plain text"'
    assert shown("[" * 100_000, width=10) == '"[[[[[[[[…'


@given(st.text(st.characters(exclude_categories=[])), st.booleans(), st.integers(1, 60))
def test_shown_fits_on_a_line(text: str, wrapped: bool, width: int) -> None:
    """Any text at all is shown on one line of at most the width that is asked for."""
    line = shown(text, wrapped=wrapped, width=width)
    assert len(line) <= width
    assert len(line.splitlines()) <= 1
