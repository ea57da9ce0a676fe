"""Any value as plain data, and what users may say about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from wfsim import UsageError
from wfsim.snapshot import Rules, View, view
from wfsim.snapshot.naming import Naming
from wfsim.snapshot.plain import plain

ONE = "3f58a660-db64-4b01-8840-e860837c198e"
TWO = "c0fc6447b7644e125c33b6796da6c262"


@dataclass
class Money:
    """A value object."""

    amount: Decimal
    currency: str


class Size(Enum):
    """An enumeration."""

    SMALL = "s"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(value=_JSON)
def test_plain_data_is_a_fixed_point(value: Any) -> None:
    """Viewing what has been viewed changes nothing."""
    once = view(value)
    assert view(once) == once
    assert str(view(view(once))) == str(once)


@given(one=_JSON, other=_JSON)
def test_different_values_have_different_views(one: Any, other: Any) -> None:
    """Where no ids or times are involved, two views are equal only if the values are."""
    same = _typed(one) == _typed(other)
    assert (view({"a": one}) == view({"a": other})) == same
    assert (str(view({"a": one})) == str(view({"a": other}))) == same


def test_numbers_and_flags_differ() -> None:
    """To Python 1, 1.0 and true are equal; to a reviewer they are not."""
    shown = [view([value]) for value in (1, 1.0, True)]
    assert len(set(shown)) == len({*map(str, shown)}) == 3


def _typed(value: Any) -> Any:
    """Return a value that compares as JSON does: true is not 1, and 1 is not 1.0."""
    if isinstance(value, dict):
        return {key: _typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_typed(item) for item in value]
    return type(value).__name__, repr(value)


@given(value=st.dictionaries(st.text(st.characters(categories=["L", "N"])), _JSON, min_size=1))
def test_long_payloads_are_yaml(value: dict[str, Any]) -> None:
    """What does not fit on a line is YAML that reads back as the value."""
    text = str(view({"x" * 60: value}))
    if "\n" in text and text.isprintable():
        assert yaml.safe_load(text) == {"x" * 60: value}


def test_keys_and_sets_have_a_fixed_order() -> None:
    """Keys are sorted; ids in them and in sets get their names in an order that no hash decides."""
    assert str(view({"b": 1, "a": {ONE: 1, TWO: 2}})) == '{"a": {"<id:1>": 1, "<id:2>": 2}, "b": 1}'
    assert str(view({"a": {TWO: 1, ONE: 2}})) == '{"a": {"<id:1>": 1, "<id:2>": 2}}'
    assert str(view({"c", "a", "b"})) == '["a", "b", "c"]'


def test_ids_keep_their_names_everywhere() -> None:
    """One id has one name in the whole view."""
    assert str(view([ONE, {"of": TWO}, f"{TWO}, then {ONE}"])) == (
        '["<id:1>", {"of": "<id:2>"}, "<id:2>, then <id:1>"]'
    )


def test_measured_durations_are_placeholders() -> None:
    """Lengths of time that a real clock measured differ from run to run; chosen ones do not."""
    shown = str(view({"duration_s": 0.123456, "elapsed": 1.5, "took": 3, "price": 0.123456}))
    assert shown == "duration_s: <duration>\nelapsed: 1.5\nprice: 0.123456\ntook: 3"


def test_masks_name_values_by_path() -> None:
    """A star stands for one part of a path, two stars for any number; a function sees the value."""
    value = {"user": {"token": "a", "id": 7}, "items": [{"token": "b", "n": 1}, {"n": 2}]}
    shown = view(
        value, masks={"**.token": "<token>", "items.*.n": lambda n: n * 10, "user.id": "<id>"}
    )
    assert str(shown) == (
        "items:\n- n: 10\n  token: <token>\n- n: 20\nuser:\n  id: <id>\n  token: <token>"
    )
    assert str(view({"a": {"b": 1}}, masks={"a.**": "…", "a": "never"})) == '{"a": "never"}'
    assert str(view({"a": {"b": 1}}, masks={"a.**": "…"})) == '{"a": {"b": "…"}}'


def test_types_are_read_as_the_user_says() -> None:
    """Objects become what the function for their type, or a base of it, returns."""
    price = Money(Decimal("1.50"), "EUR")
    shown = view([price, Size.SMALL], types={Money: lambda m: f"{m.amount} {m.currency}"})
    assert str(shown) == '["1.50 EUR", "s"]'
    assert str(view({"a": 1}, types={dict: lambda d: sorted(d)})) == '["a"]'  # noqa: PLW0108


def test_secrets_do_not_show() -> None:
    """redact= takes texts and patterns."""
    shown = str(view({"key": "sk-123", "s": "a hush b"}, redact=["hush", re.compile(r"sk-\d+")]))
    assert shown == '{"key": "<redacted>", "s": "a <redacted> b"}'


def test_rules_may_be_shared() -> None:
    """The same rules in one record; with it the single arguments are refused."""
    rules = Rules(redact=["x"])
    assert str(view("x", rules=rules)) == '"<redacted>"'
    with pytest.raises(UsageError, match=r"^view\(\) takes rules=, or masks="):
        view("x", rules=rules, redact=["y"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"masks": {"": "x"}}, r"^The path '' in masks= names nothing"),
        ({"masks": {"a..b": "x"}}, r"^The path 'a\.\.b' in masks= names nothing"),
        ({"masks": {"a": 7}}, r"^masks=\{'a': 7\} must be a text or a function"),
        ({"types": {"Money": str}}, r"^types=\{'Money': .*\} must have a class"),
        ({"redact": "x"}, r"^redact='x' must be a list of texts"),
        ({"redact": [""]}, r"^redact=\[''\] must be a list of texts"),
    ],
)
def test_wrong_rules_are_refused(arguments: dict[str, Any], says: str) -> None:
    """The message shows the argument and its value."""
    with pytest.raises(UsageError, match=says):
        view("x", **arguments)


def test_values_that_are_no_json() -> None:
    """Everything has a text without addresses; what contains itself ends."""
    circle: list[Any] = []
    circle.append(circle)
    assert "… list" in str(view(circle))
    shown = str(view([date(2000, 1, 2), timedelta(hours=1), b"\x01", iter([]), {1: 2, None: 3}]))
    assert "2000-01-02" in shown
    assert "<address>" in shown
    assert plain({True: 1, (1, 2): 3}, Naming()) == {"[1, 2]": 3, "true": 1}


def test_two_spellings_of_one_instant_stay_apart() -> None:
    """Keys never swallow each other."""
    spelled = {Size.SMALL: 1, "s": 2}
    assert sorted(plain(spelled, Naming()).values()) == [1, 2]


def test_a_view_says_what_it_is_of() -> None:
    """Its repr is short, its text is the view."""
    shown = view([1, 2])
    assert isinstance(shown, View)
    assert repr(shown) == "<View of value: 1 line>"
    assert str(view([])) == "[]"
