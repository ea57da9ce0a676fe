"""Stubbed activities in a scenario."""

from __future__ import annotations

import pytest

from tests.scenario.conftest import Play
from wfsim.scenario import Outcome

ECHO = "start: {orchestrator: echo, instance_id: x, input: 1}\nexpect: {failure: Activity}\n"
RETRY = "start: {orchestrator: retry, instance_id: x, input: 1}\n"


def _failure(outcome: Outcome) -> str:
    return str(outcome.runs[0].output).partition("failed:  ")[2].strip()


@pytest.mark.parametrize("value", ["null", "false", "[]", "{a: {b: 1}}", "text", "1.5"])
def test_any_value_can_be_returned(value: str, played: Play) -> None:
    """`returns` is any JSON value, null and false included."""
    text = f"stubs: {{activities: {{say: {{returns: {value}}}}}}}\nexpect: {{output: {value}}}\n"
    outcome = played("start: {orchestrator: echo, instance_id: x, input: 1}\n" + text)
    assert outcome.is_good, outcome.mismatches


@pytest.mark.parametrize(
    ("raises", "failure"),
    [
        ("'ValueError: no such card'", "ValueError: no such card"),
        ("'KeyError: x'", "KeyError: 'x'"),
        ("no such card", "Exception: no such card"),
        ("'note: it is down'", "Exception: note: it is down"),
        ("TimeoutError", "TimeoutError:"),
        ("'RateLimitError: slow down'", "RateLimitError: slow down"),
        ("'UnicodeDecodeError: bad bytes'", "UnicodeDecodeError: bad bytes"),
        ("'StopIteration: done'", "StopIteration: done"),
        ("'KeyboardInterrupt: no'", "Exception: KeyboardInterrupt: no"),
        ("{type: OSError, message: disk}", "OSError: disk"),
        ("{type: CardDeclined, message: 51}", "CardDeclined: 51"),
        ("{type: CardDeclined}", "CardDeclined:"),
    ],
)
def test_exceptions_are_named(raises: str, failure: str, played: Play) -> None:
    """`raises` names a built-in exception, or any other class by its name, or is plain text."""
    outcome = played(f"{ECHO}stubs: {{activities: {{say: {{raises: {raises}}}}}}}\n")
    assert _failure(outcome).startswith(failure)


def test_answers_come_call_by_call(played: Play) -> None:
    """A list answers call by call, executions of a retry included; the last entry repeats."""
    outcome = played(
        RETRY
        + """
stubs: {activities: {say: [{raises: "OSError: 1"}, {raises: "OSError: 2"}, {returns: third}]}}
expect: {output: third, finished_by: 2m}
"""
    )
    assert outcome.is_good, outcome.mismatches
    outcome = played(
        RETRY
        + """
stubs: {activities: {say: [{raises: "OSError: first"}, {raises: "OSError: ever after"}]}}
expect: {failure: "OSError: ever after", activity_calls: {say: {executions_at_most: 3}}}
"""
    )
    assert outcome.is_good, outcome.mismatches


def test_answers_take_time(played: Play) -> None:
    """`takes` delays an answer, a failure, or the app's own activity."""
    for answer in ("returns: 5, ", "raises: 'OSError: x', ", ""):
        outcome = played(
            "start: {orchestrator: echo, instance_id: x, input: 5}\n"
            f"stubs: {{activities: {{say: {{{answer}takes: 90s}}}}}}\n"
            "expect: {finished_by: 90s}\n"
        )
        assert outcome.runs[0].finished_us == 90_000_000
        assert [item.key for item in outcome.mismatches] == (
            ["status"] if "raises" in answer else []
        )


def test_names_are_those_of_the_host(played: Play) -> None:
    """Activities are stubbed without regard to case, as the host looks them up."""
    outcome = played(
        "start: {orchestrator: echo, instance_id: x}\nstubs: {activities: {SAY: {returns: 1}}}\n"
        "expect: {output: 1, activity_calls: {Say: 1}}\n"
    )
    assert outcome.is_good, outcome.mismatches
