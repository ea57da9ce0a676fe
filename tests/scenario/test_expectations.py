"""What should come out, held against what did."""

from __future__ import annotations

import pytest

from tests.scenario.conftest import Play
from wfsim.errors import ScenarioError

ECHO = "start: {orchestrator: echo, instance_id: x, input: {a: [1, null]}}\n"
FAIL = "start: {orchestrator: fail, instance_id: x}\n"
STUCK = "start: {orchestrator: listen, instance_id: x}\n"
GENERATIONS = "start: {orchestrator: generations, instance_id: x, input: 2}\n"


@pytest.mark.parametrize(
    "text",
    [
        ECHO + "expect: {status: Completed, output: {a: [1, null]}, custom_status: null}\n",
        ECHO + "expect: {finished_by: 0s, activity_calls: {say: 1}}\n",
        ECHO + "expect: []\n",
        FAIL + "expect: {status: Failed, failure: went wrong, custom_status: {about: to fail}}\n",
        STUCK + "until: 1h\nexpect: {status: Running, output: null, activity_calls: {say: 0}}\n",
        STUCK + "steps: [{at: 1h, terminate: {reason: no}}]\nexpect: {output: 'no'}\n",
        GENERATIONS + "expect: {activity_calls: {say: 3}, finished_by: 3h}\n",
    ],
)
def test_expectations_hold(text: str, played: Play) -> None:
    """A scenario whose expectations hold has no mismatch."""
    assert played(text).mismatches == ()


@pytest.mark.parametrize(
    ("text", "key", "wanted", "got"),
    [
        (ECHO + "expect: {status: Failed}", "status", "Failed", "Completed"),
        (ECHO + "expect: {output: {a: 1}}", "output", '{"a":1}', '{"a":[1,null]}'),
        (ECHO + "expect: {output: null}", "output", "null", '{"a":[1,null]}'),
        (ECHO + "expect: {custom_status: [1]}", "custom_status", "[1]", "null"),
        (ECHO + "expect: {failure: x}", "failure", "a text with 'x'", "no failure"),
        (ECHO + "expect: {failure: ''}", "failure", "a text with ''", "no failure"),
        (
            FAIL + "expect: {failure: right}",
            "failure",
            "a text with 'right'",
            "Orchestrator function 'fail' failed: it went wrong",
        ),
        (STUCK + "until: 5h\nexpect: {finished_by: 2h}", "finished_by", "2h", "not finished"),
        (GENERATIONS + "expect: {finished_by: 90m}", "finished_by", "1h 30m", "3h"),
        (
            GENERATIONS + "expect: {activity_calls: {say: 1}}",
            "activity_calls.say",
            "1 completed",
            "3 completed",
        ),
        (
            GENERATIONS + "expect: {activity_calls: {say: {executions_at_most: 2}}}",
            "activity_calls.say",
            "at most 2 executions",
            "3",
        ),
    ],
)
def test_mismatches_say_what_was_wanted_and_what_came(
    text: str, key: str, wanted: str, got: str, played: Play
) -> None:
    """An expectation that does not hold is told with its key, both values and the instance."""
    (mismatch,) = played(text + "\n").mismatches
    assert (mismatch.key, mismatch.wanted) == (key, wanted)
    assert mismatch.got.startswith(got)
    assert mismatch.instance_id == "x"


def test_retried_calls_count_once(played: Play) -> None:
    """A call that worked on its third attempt is one call and three executions."""
    stub = "stubs: {activities: {say: [{raises: 'OSError: x'}, {raises: 'OSError: x'}, {}]}}\n"
    text = "start: {orchestrator: retry, instance_id: x, input: 1}\n" + stub.replace(
        "{}", "{returns: 1}"
    )
    assert played(text + "expect: {activity_calls: {say: 1}}\n").is_good
    assert played(text + "expect: {activity_calls: {say: {executions_at_most: 3}}}\n").is_good
    (mismatch,) = played(
        text + "expect: {activity_calls: {say: {executions_at_most: 2}}}\n"
    ).mismatches
    assert mismatch.got == "3"


def test_failures_need_somebody_who_expects_them(played: Play) -> None:
    """A failure of which no expectation speaks is a mismatch of its own, per instance."""
    text = """
start:
  - {orchestrator: fail, instance_id: a}
  - {orchestrator: fail, instance_id: b}
expect: [{instance: a, status: Failed}, {instance: b, activity_calls: {say: 0}}]
"""
    (mismatch,) = played(text).mismatches
    assert (mismatch.instance_id, mismatch.key) == ("b", "status")
    assert mismatch.got.startswith("Failed: ")
    assert "it went wrong" in mismatch.got


def test_expectations_may_name_any_instance(played: Play) -> None:
    """An expectation of an instance that never was names its line and the nearest one."""
    with pytest.raises(ScenarioError, match=r"s\.yaml:3: .*'orders' found\. Did you mean 'order'"):
        played("start: {orchestrator: echo, instance_id: order}\nexpect: {instance: orders}\n")


def test_unexpected_names_are_told_before_anything_runs(played: Play) -> None:
    """An activity that the app does not have is a mistake in the scenario, not a count of 0."""
    with pytest.raises(ScenarioError, match=r"s\.yaml:3: .*no activity 'sya'. Did you mean 'say'"):
        played(ECHO + "expect: {activity_calls: {sya: 0}}\n")


def test_what_happens_at_the_very_end_is_played(played: Play) -> None:
    """A run that is started at `until` still does all that it can at that instant."""
    text = """
start:
  - {orchestrator: listen, instance_id: now}
  - {orchestrator: echo, instance_id: later, at: 2h}
until: 2h
expect: [{instance: now, status: Running}, {instance: later, status: Completed}]
"""
    outcome = played(text)
    assert outcome.mismatches == ()
    assert [run.status for run in outcome.runs] == ["Running", "Completed"]
