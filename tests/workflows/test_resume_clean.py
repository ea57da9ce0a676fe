"""`check_resume` has nothing to say about workflows that resume well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.workflows import flows
from wfsim.chat import Fail, Reply
from wfsim.errors import ScriptError, UsageError
from wfsim.workflows import OpenRequest, ResumeReport, check_resume

CLEAN: list[tuple[object, str, Mapping[str, Any] | None]] = [
    (flows.chain, "x", None),
    (flows.trio, "abc", None),
    (flows.race, "ab", None),
    (flows.boxed, "abc", None),
    (flows.background, "x", None),
    (flows.people, "ab", {"*": True}),
    (flows.review, "x", {"review": True}),
    (flows.review, "x", {"review": False}),
    (flows.review, "x", None),
    (flows.stages, "x", {"auto::0": "Title", "auto::1": True}),
    (flows.stages, "x", {"auto::0": "Title"}),
    (flows.progress, "x", None),
    (flows.silent, "x", None),
    (flows.failing, "x", None),
    (flows.pair, "x", None),
    (flows.pair(), "x", None),
    (flows.fan, "x", None),
    (flows.panel, "x", {"reviewer": [False, True]}),
    (flows.panel(), "x", {"Draft": True}),
    (flows.panel, "x", None),
    (flows.loop, "x", None),
    (flows.functions, "x", None),
    (flows.nested, "x", {"Draft": [False, True]}),
]


def _name(case: object) -> str:
    return str(getattr(case, "name", None) or getattr(case, "__name__", None) or case)


@pytest.mark.slow
@pytest.mark.parametrize(("workflow", "message", "answers"), CLEAN, ids=_name)
def test_clean_workflows_pass(
    workflow: object, message: str, answers: Mapping[str, Any] | None
) -> None:
    """Every order, checkpoint and mode: no false alarm."""
    report = check_resume(workflow, message, answers, schedules=3)
    assert report.ok
    assert report.tries == 2 * report.checkpoints


@pytest.mark.slow
def test_branches_pass_where_the_framework_can_tell_them_apart() -> None:
    """Chains of steps at once resume well since core 1.20; see also `upstream` in planted.py."""
    report = check_resume(flows.branches, "ab", check=False, schedules=3)
    assert report.ok == (flows.CORE >= (1, 20))


@pytest.mark.slow
def test_every_order_of_three() -> None:
    """Three steps can finish in six orders, and ten schedules may repeat one."""
    report = check_resume(flows.trio, "abc", schedules=40)
    assert report.orders == 6
    assert str(report) == "trio resumes as it runs: 48 tries, 6 orders."


def test_without_concurrency_there_is_one_order() -> None:
    """Schedules that could not differ are not tried."""
    report = check_resume(flows.chain, "x")
    assert (report.orders, report.checkpoints, report.tries) == (1, 3, 6)


def test_answers_may_come_from_a_function() -> None:
    """It sees each request."""
    rounds: list[int] = []

    def answer(request: OpenRequest) -> bool:
        rounds.append(request.data.round)
        return bool(request.data.round == 2)

    assert check_resume(flows.panel, "x", answer, schedules=1).ok
    assert set(rounds) == {1, 2}


@pytest.mark.slow
def test_agents_hear_the_same_again() -> None:
    """A step that asks its agent again after the restart gets the turn that it had got before."""
    scripts = {"Writer": ["A draft"], "Editor": [Reply("Better", usage={"input": 3})]}
    report = check_resume(flows.writers, "go", scripts=scripts)
    assert report.ok
    assert report.tries >= 6


def test_an_agent_that_fails_fails_again() -> None:
    """A failure is an outcome like any other."""
    scripts = {"Writer": ["A draft"], "Editor": [Fail("RateLimitError")]}
    assert check_resume(flows.writers, "go", scripts=scripts, schedules=1).ok


def test_a_script_that_is_wrong_is_the_tests_mistake() -> None:
    """What the script lacks, or has too much of, is said before anything is compared."""
    with pytest.raises(ScriptError, match=r"^The script of Editor: there is no turn left"):
        check_resume(flows.writers, "go", scripts={"Writer": ["A draft"], "Editor": []})
    scripts = {"Writer": ["A draft"], "Editor": ["Better", "Best"]}
    with pytest.raises(ScriptError, match=r"^The script of Editor: 1 request came"):
        check_resume(flows.writers, "go", scripts=scripts)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"schedules": 0}, r"^schedules=0 must be an int of at least 1\.$"),
        ({"schedules": True}, r"^schedules=True must be an int of at least 1\.$"),
        ({"answers": 7}, r"^answers=7 must be a mapping from requests to answers, or a function"),
        ({"answers": {"review": []}}, r"^There is no answer left for 'review' by review: "),
        ({"answers": {"review": "yes"}}, r"^The request 'review' by review wants bool, but "),
    ],
)
def test_wrong_arguments_are_refused(options: dict[str, Any], text: str) -> None:
    """Each with what is wrong."""
    with pytest.raises(UsageError, match=text):
        check_resume(flows.review, "x", **options)


def test_a_report_without_failures_is_returned() -> None:
    """`check` returns the report itself."""
    report = check_resume(flows.chain, "x", check=False)
    assert isinstance(report, ResumeReport)
    assert report.check() is report
