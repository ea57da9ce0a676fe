"""Requests in a scenario: over HTTP, and of functions by their triggers."""

from __future__ import annotations

import pytest

from tests.scenario.conftest import Play
from wfsim.errors import ScenarioError
from wfsim.scenario import AnswerReport, Outcome
from wfsim.trace import FunctionStarted, StatusChanged

BEGIN = "steps:\n  - http: {method: POST, path: '/api/begin/echo?id=a', json: {n: 1}}\n"


def _told(outcome: Outcome) -> list[tuple[str, str, str]]:
    return [(item.key, item.wanted, item.got) for item in outcome.mismatches]


def test_a_request_starts_a_run(outside: Play) -> None:
    """A run that the app starts is in the outcome, and is waited for; nothing else is needed."""
    outcome = outside(BEGIN + "expect: {instance: a, status: Completed, output: {n: 1}}\n")
    assert outcome.is_good, outcome.mismatches
    assert [(run.instance_id, run.orchestrator) for run in outcome.runs] == [("a", "echo")]
    path = "/api/begin/echo?id=a"
    assert outcome.answers == (AnswerReport(method="POST", path=path, status=202, at_us=0),)


def test_runs_of_the_app_come_after_those_of_start(outside: Play) -> None:
    """Runs of `start` come first, then those of the app; children are not listed."""
    outcome = outside(
        """
start: {orchestrator: listen, instance_id: mine}
steps:
  - {http: {method: POST, path: /api/begin/family, params: {id: theirs}, json: 5}}
  - {at: 1h, raise_event: {name: go}}
"""
    )
    assert [run.instance_id for run in outcome.runs] == ["mine", "theirs"]
    assert outcome.elapsed_us == 3_600_000_000


def test_what_a_request_started_is_there_for_the_next_step(outside: Play) -> None:
    """Behind a request, the steps of the same instant find what it started, at 0 and later."""
    outcome = outside(
        """
steps:
  - {http: {method: POST, path: /api/begin/listen, params: {id: a}, json: null}}
  - {instance: a, raise_event: {name: go, data: 1}}
  - {at: 1h, http: {method: POST, path: /api/begin/listen, params: {id: b}, json: null}}
  - {at: 1h, instance: b, raise_event: {name: go, data: 2}}
expect:
  - {instance: a, output: 1, finished_by: 0s}
  - {instance: b, output: 2, finished_by: 1h}
"""
    )
    assert outcome.is_good, outcome.mismatches


def test_steps_before_a_request_come_before_anything_runs(outside: Play) -> None:
    """What stands before a request at 0 is done before any code of the app runs."""
    outcome = outside(
        """
start: {orchestrator: echo, instance_id: a}
steps:
  - {terminate: {reason: at once}}
  - {http: {path: /api/remember}}
"""
    )
    assert outcome.runs[0].output == "at once"
    kinds = [type(item) for item in outcome.trace]
    assert kinds.index(StatusChanged) < kinds.index(FunctionStarted)


def test_a_slow_answer_holds_nobody_up(outside: Play) -> None:
    """A request that takes its time does not delay other steps, and is waited for at the end."""
    outcome = outside(
        """
start: {orchestrator: listen, instance_id: a}
steps:
  - {at: 1m, http: {path: /api/slow, status: 200}}
  - {at: 1m, raise_event: {name: go}}
expect: {status: Completed, finished_by: 1m}
"""
    )
    assert outcome.is_good, outcome.mismatches
    assert outcome.elapsed_us == 65_000_000


@pytest.mark.parametrize(
    ("step", "seen"),
    [
        ("path: /api/remember", "{method: GET}"),
        ("method: put, path: /api/remember, body: hi", "{method: PUT, body: hi}"),
        (
            "method: POST, path: /api/remember, json: [1, null]",
            "{method: POST, body: '[1, null]', kind: application/json}",
        ),
        (
            "path: '/api/remember?a=1', params: {b: 2, c: true}, headers: {X-Colour: red}",
            "{method: GET, params: {a: '1', b: '2', c: 'true'}, colour: red}",
        ),
        ("path: 'http://localhost:7071/api/remember', headers: {X-Colour: 7}", "{colour: '7'}"),
    ],
)
def test_requests_arrive_as_written(step: str, seen: str, outside: Play) -> None:
    """Method, query, headers and body reach the function."""
    everything = "&all {method: GET, kind: '', colour: '', params: {}, body: ''}"
    outcome = outside(
        f"stubs: {{activities: {{}}}}\nsteps: [{{http: {{{step}}}}}]\n"
        f"expect:\n  - entities:\n      '@box@http':\n        <<: [{seen}, {everything}]\n"
    )
    assert outcome.is_good, outcome.mismatches


@pytest.mark.parametrize(
    ("step", "wanted", "got"),
    [
        ("path: /api/slow, status: 204", "204", "200: late"),
        ("path: /api/broken, status: 200", "200", "500"),
        ("path: /api/broken", "below 400, since the step says nothing of status", "500"),
        ("path: /api/nowhere", "below 400, since the step says nothing of status", "404"),
        ("method: POST, path: /api/begin/echo, body: '{'", "below 400, since", "500"),
    ],
)
def test_wrong_answers_are_mismatches(step: str, wanted: str, got: str, outside: Play) -> None:
    """An answer with another status, or a failing one that nobody expects, is told as such."""
    ((key, told_wanted, told_got),) = _told(outside(f"steps: [{{http: {{{step}}}}}]\n"))
    assert key == "steps[0].http.status"
    assert told_wanted.startswith(wanted)
    assert told_got.startswith(got)


@pytest.mark.parametrize("status", [404, 500])
def test_failing_answers_can_be_expected(status: int, outside: Play) -> None:
    """A status of 400 or more is right where the step expects it."""
    path = "/api/nowhere" if status == 404 else "/api/broken"
    assert outside(f"steps: [{{http: {{path: {path}, status: {status}}}}}]\n").is_good


def test_an_answer_that_never_comes_is_told(outside: Play) -> None:
    """A request without an answer at the end is a mismatch, whatever it expects."""
    outcome = outside("steps: [{http: {path: /api/slow}}]\nuntil: 3s\n")
    assert outcome.answers[0].status is None
    assert _told(outcome)[0][2] == "no answer"


def test_a_failed_request_explains_what_follows(outside: Play) -> None:
    """Behind a failed request, what it should have started is missing, and not mistaken."""
    outcome = outside(
        """
steps:
  - {http: {method: POST, path: /api/begun/listen, params: {id: a}, json: null}}
  - {at: 1h, instance: a, raise_event: {name: go}}
expect: {instance: a, status: Completed}
"""
    )
    (first, second, third) = _told(outcome)
    assert first[0] == "steps[0].http.status"
    assert second[:2] == ("steps[1].raise_event", "accepted")
    assert "No instance with ID 'a' found" in second[2]
    assert third == ("status", "Completed", "No instance with ID 'a' found. None is known.")


def test_unknown_instances_are_mistakes_where_requests_went_well(outside: Play) -> None:
    """A step for an instance that nobody started names its line."""
    with pytest.raises(ScenarioError, match=r"s\.yaml:4: .*'b' found\. Known: 'a'"):
        outside(BEGIN + "  - {at: 1h, instance: b, raise_event: {name: go}}\n")


def test_failing_runs_of_the_app_need_somebody_who_expects_them(outside: Play) -> None:
    """A run that the app started and that fails counts as wrong unless that is expected."""
    text = "steps: [{http: {method: POST, path: /api/begin/fail, params: {id: a}, json: no}}]\n"
    (mismatch,) = outside(text).mismatches
    assert (mismatch.instance_id, mismatch.key) == ("a", "status")
    assert outside(text + "expect: {instance: a, failure: 'no'}\n").is_good


def test_triggers_call_functions(outside: Play) -> None:
    """A trigger hands payload and metadata to its function, at 0 and later; text stays as it is."""
    outcome = outside(
        """
steps:
  - {trigger: {function: take, payload: first}}
  - {at: 1h, trigger: {function: take, payload: {a: 1}, metadata: {dequeue_count: 3}}}
expect: {entities: {"@box@queue": ['{"a": 1}', 3]}}
"""
    )
    assert outcome.is_good, outcome.mismatches
    assert outcome.elapsed_us == 3_600_000_000


@pytest.mark.parametrize(
    ("payload", "until", "got"),
    [("bad", "1h", "KeyError: 'poison'"), ("slow", "30s", "it has not ended")],
)
def test_functions_that_fail_are_mismatches(
    payload: str, until: str, got: str, outside: Play
) -> None:
    """A function that raises, or does not end, is part of the outcome."""
    outcome = outside(
        f"steps: [{{at: 1s, trigger: {{function: take, payload: {payload}}}}}]\nuntil: {until}\n"
    )
    assert _told(outcome) == [("steps[0].trigger", "take to return", got)]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("trigger: {function: tak}", "no function 'tak'. Did you mean 'take'?"),
        ("trigger: {function: take, payload: x, metadata: {dequeued: 1}}", "no metadata 'dequeued"),
        ("trigger: {function: echo}", "echo"),
        ("http: {path: 'https://elsewhere.example/'}", "not an address of the app"),
    ],
)
def test_requests_that_make_no_sense_name_their_line(step: str, said: str, outside: Play) -> None:
    """A function that is not there, or that cannot be called so, is a mistake in the file."""
    for at in ("", "at: 1h, "):
        with pytest.raises(ScenarioError) as error:
            outside(f"steps:\n  - {{{at}{step}}}\n")
        assert "s.yaml:3: " in str(error.value)
        assert said in str(error.value)
