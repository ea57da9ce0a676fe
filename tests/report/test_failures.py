"""What a reader is told of a failure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfsim.report.failures import cause

BY = "Orchestrator function 'pay' failed:"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{BY} no card", "no card"),
        (
            f"{BY} Activity function 'charge' failed:  OSError: 503",
            "Activity function 'charge' failed: OSError: 503",
        ),
        (
            f"{BY} One or more errors. (Result: Failure\nException: OSError: 5\nStack:   File\n)",
            "OSError: 5",
        ),
        ("no card \n {'isDone': False}", "no card"),
        ("two\nlines\tand\r\nmore", "two lines and more"),
        ("", ""),
        (None, ""),
    ],
)
def test_causes_come_without_wrapping(text: str | None, told: str) -> None:
    """The host's words around a failure, the stack and the SDK's state are left out."""
    assert cause(text) == told


@given(st.text())
def test_causes_are_one_line(text: str) -> None:
    """Whatever a failure says, its cause is one line."""
    assert len(cause(text).splitlines()) <= 1
