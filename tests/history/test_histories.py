"""A history as a sequence: its text, its short form, and when two are equal."""

from __future__ import annotations

import pytest

from tests.apps import Context, Steps, app_of
from wfsim import Simulation
from wfsim.history import EventRaised, History, OrchestratorStarted, RuntimeStatus, TaskFailed

DAY_US = 86_400_000_000


def _approval(context: Context) -> Steps:
    said = yield context.call_activity("say", "hello")
    answer = yield context.wait_for_external_event("answer")
    return [said, answer]


@pytest.fixture(name="history", scope="module")
def _history() -> History:
    with Simulation(app_of(_approval)) as sim:
        run = sim.start("_approval", input={"topic": "AI"}, instance_id="a")
        sim.at("2h", run.raise_event, "answer", {"ok": True})
        run.result()
        return run.history


def test_text_is_stable_and_relative(history: History) -> None:
    """A history reads as a table: time since its start, event, number, and what it says."""
    assert str(history) == (
        """
T+0s         OrchestratorStarted
T+0s         ExecutionStarted                        _approval({"topic": "AI"})
T+0s         TaskScheduled                        0  say("hello")
T+0s         OrchestratorCompleted
T+0s         OrchestratorStarted
T+0s         TaskCompleted                        0  "hello"
T+0s         OrchestratorCompleted
T+2h         OrchestratorStarted
T+2h         EventRaised                             answer: {"ok": true}
T+2h         ExecutionCompleted                   1  Completed: ["hello", {"ok": true}]
T+2h         OrchestratorCompleted
"""
    ).strip("\n")


def test_short_form_has_a_dot_between_episodes(history: History) -> None:
    """The short form is the host's abbreviations, a dot before each further episode."""
    assert history.short == "OS ES TS0 OC · OS TC0 OC · OS EVR EC1 OC"
    assert repr(history) == f"<History {history.short}>"


def test_slices_are_histories(history: History) -> None:
    """An index gives an event, a slice a history, and so do steps backwards."""
    assert isinstance(history[0], OrchestratorStarted)
    assert history[-1] is history[len(history) - 1]
    assert isinstance(history[:4], History)
    assert history[:4].short == "OS ES TS0 OC"
    assert list(history[::-1]) == list(reversed(history))
    with pytest.raises(IndexError):
        _ = history[99]


def test_equality_is_that_of_the_events(history: History) -> None:
    """Histories with equal events are equal and hash alike; a list of events is something else."""
    same = History(list(history))
    assert same == history
    assert hash(same) == hash(history)
    assert len({same, history, history[:-1]}) == 2
    assert history != history[:-1]
    assert history != list(history)


def test_histories_cannot_be_changed(history: History) -> None:
    """A history keeps its events when the list that it was made of changes."""
    events = list(history)
    copy = History(events)
    events.clear()
    assert copy == history
    with pytest.raises(AttributeError):
        history[0].at_us = 0  # type: ignore[misc]


def test_an_empty_history_says_so() -> None:
    """A history without events has a text of its own."""
    assert str(History([])) == "(no history)"
    assert History([]).short == ""


def test_each_event_takes_one_line() -> None:
    """Failures of several lines and escapes in payloads stay on the event's own line."""
    events = History(
        [
            EventRaised(at_us=0, name="a\nb", input='"\\u202e\\u001b"'),
            TaskFailed(at_us=DAY_US, task_id=3, reason="one\ntwo\x9b", details=None),
        ]
    )
    assert str(events).splitlines() == [
        'T+0s         EventRaised                             a\\nb: "\\u202e\\u001b"',
        "T+1d         TaskFailed                           3  one\\ntwo\\x9b",
    ]


def test_statuses_are_their_names() -> None:
    """A status equals its text, has the host's number, and knows whether it is final."""
    completed: str = RuntimeStatus.COMPLETED
    assert completed == "Completed"
    assert RuntimeStatus.COMPLETED.number == 1
    final = {status for status in RuntimeStatus if status.is_final}
    assert final == {"Completed", "Failed", "Canceled", "Terminated"}
