"""Stubbed URLs in a scenario."""

from __future__ import annotations

import pytest

from tests.scenario.conftest import Play

FETCH = "start: {orchestrator: fetch, instance_id: x, input: ['https://r.example/a?x=1']}\n"


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ("json: {eur: 1.1}", [200, '{"eur":1.1}']),
        ("json: null", [200, "null"]),
        ("body: out of order, status: 503", [503, "out of order"]),
        ("{}", [200, ""]),
        ("fails: 'the line was cut off'", "failed"),
        ("takes: 90s, json: 1", [200, "1"]),
        ("body: '{}', headers: {Content-Type: application/json, X-A: [a, b], X-B: 1}", [200, "{}"]),
    ],
)
def test_any_answer_can_be_given(answer: str, wanted: object, outside: Play) -> None:
    """A stub answers with status and body, after a while, or not at all."""
    more = "" if answer == "{}" else f", {answer}"
    outcome = outside(
        f"{FETCH}stubs: {{http: [{{method: GET, url: 'https://r.example/*'{more}}}]}}\n"
    )
    assert outcome.is_good, outcome.mismatches
    assert outcome.runs[0].output == [wanted]
    assert outcome.runs[0].finished_us == (90_000_000 if "takes" in answer else 0)


def test_answers_come_request_by_request(outside: Play) -> None:
    """A list of answers is used in order and its last one repeats; the latest stub comes first."""
    outcome = outside(
        """
start:
  orchestrator: fetch
  instance_id: x
  input: [&rates "https://r.example/rates", *rates, *rates, "https://r.example/other"]
stubs:
  http:
    - {url: "https://*", status: 404, body: no such page}
    - {method: post, url: "https://r.example/rates", body: for others}
    - url: https://r.example/rates
      answers: [{status: 503}, {body: done, takes: 1h}]
expect:
  finished_by: 2h
"""
    )
    assert outcome.is_good, outcome.mismatches
    answers = outcome.runs[0].output
    assert answers == [[503, ""], [200, "done"], [200, "done"], [404, "no such page"]]
