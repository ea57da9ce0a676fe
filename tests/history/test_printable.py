"""Text from outside, made safe to print."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfsim.history.printable import printable

ANY_TEXT = st.text(st.characters(exclude_categories=[]))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, ünïcödé, 東京, 👩‍🚀", "plain, ünïcödé, 東京, 👩‍🚀"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\x9b2J", r"\x9b2J"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("abc\u202edef", r"abc\u202edef"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("\ud800", r"\ud800"),
        ("\ufeff", r"\ufeff"),
    ],
)
def test_what_steers_becomes_an_escape(text: str, shown: str) -> None:
    """Controls, marks of direction and halves of pairs become escapes; letters stay."""
    assert printable(text) == shown


def test_line_ends_may_stay() -> None:
    """Where lines are wanted, line ends and tabs stay, and those of Windows become plain."""
    assert printable("a\r\nb\n\tc\x1b\r", lines=True) == "a\nb\n\tc\\x1b\\r"


@given(ANY_TEXT)
def test_printable_text_is_one_line_of_utf_8(text: str) -> None:
    """Whatever goes in, what comes out is one line without controls, and has bytes in UTF-8."""
    shown = printable(text)
    assert len(shown.splitlines()) <= 1
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in shown)
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert printable(shown) == shown


@given(ANY_TEXT)
def test_lines_hold_nothing_else_that_steers(text: str) -> None:
    """With lines kept, line ends and tabs are the only controls that are left."""
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", printable(text, lines=True))
