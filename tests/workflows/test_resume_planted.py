"""`check_resume` finds what is wrong, in few tries, and names it."""

from __future__ import annotations

import pytest

from tests.workflows import planted
from tests.workflows.flows import CORE
from wfsim.workflows import ResumeError, ResumeReport, check_resume


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what one workflow writes there out of the next test."""
    monkeypatch.setenv(planted.COUNTER, "0")


MISTAKES = [
    (planted.swapped, "abc"),
    (planted.doubled, "abc"),
    (planted.counting, "x"),
    (planted.numbering, "x"),
    (planted.caching, "x"),
    (planted.configured, "x"),
    (planted.lasting, "x"),
    (planted.forgetful, "x"),
    (planted.sorting, "x"),
    (planted.greeting, "x"),
    (planted.losing, "x"),
    (planted.gated, "x"),
    (planted.changing, "x"),
    (planted.raising, "x"),
    (planted.asking, "x"),
]


def _name(case: object) -> str:
    return str(getattr(case, "name", None) or getattr(case, "__name__", case))


@pytest.mark.parametrize(("workflow", "message"), MISTAKES, ids=_name)
def test_every_mistake_is_found_within_ten_tries(workflow: object, message: str) -> None:
    """The first of the failures is one of the first ten tries."""
    report = check_resume(workflow, message, check=False)
    assert not report.ok
    assert report.failures[0].attempt <= 10


def test_results_that_upstream_swaps_are_found() -> None:
    """Before core 1.20, steps in branches got each other's results; since then all is well."""
    report = check_resume(planted.upstream, "abc", schedules=1, check=False)
    assert report.ok == (CORE >= (1, 20))
    if not report.ok:
        assert report.failures[0].attempt <= 10


def test_it_raises_by_default() -> None:
    """The error's text is the report's, and the report comes with it."""
    with pytest.raises(ResumeError, match=r"^counting does not resume as it runs: ") as caught:
        check_resume(planted.counting, "x")
    assert isinstance(caught.value.report, ResumeReport)
    assert str(caught.value) == str(caught.value.report)


def test_a_forgotten_global_differs_in_a_new_process_only() -> None:
    """Both modes are tried, and told apart."""
    report = check_resume(planted.counting, "x", check=False)
    assert {failure.mode for failure in report.failures} == {"new process"}
    assert report.failures[0].difference.step == "counts"


def test_what_is_left_in_memory_differs_in_the_same_process_only() -> None:
    """Appending outside of a step is done again when the function is run again."""
    report = check_resume(planted.lasting, "x", check=False)
    assert {failure.mode for failure in report.failures} == {"same process"}


def test_nothing_is_left_behind() -> None:
    """After a check, globals are what they were before."""
    planted.calls, before = 7, list(planted.log)
    try:
        check_resume(planted.counting, "x", check=False)
        check_resume(planted.lasting, "x", check=False)
        assert planted.calls == 7
        assert planted.log == before
    finally:
        planted.calls = 0


def test_the_search_ends_with_the_first_order_that_shows_something() -> None:
    """One order is reported, with the choices that repeat it."""
    report = check_resume(planted.swapped, "abc", check=False)
    assert report.orders == 1
    (schedule,) = {failure.schedule for failure in report.failures}
    assert len(schedule) == 2
    assert report.failures[0].order == ("fetch #3", "fetch #2", "fetch")


def test_a_report_in_words() -> None:
    """The report names the order, the checkpoint, the step and both sides."""
    report = check_resume(planted.counting, "x", check=False)
    identifier = report.failures[0].checkpoint_id
    assert len(identifier) == 36
    assert str(report) == (
        "counting does not resume as it runs: 1 of 6 tries, 1 order, ended differently.\n"
        "Restored from checkpoint 1 (after counts ended), in a new process:\n"
        "  counts comes to something else\n"
        '    uninterrupted: counts ends with "x12"\n'
        '    resumed:       counts ends with "x11"\n'
        "In the same process it resumes well, so it keeps something in memory that no checkpoint "
        "has: a global, a closure, an attribute of an executor.\n"
        "The order again: schedule=[], checkpoint 1."
    )


def test_closures_count_as_memory() -> None:
    """A definition that closes over a counter starts anew in a new process."""
    from agent_framework import step, workflow

    if CORE >= (1, 20):
        pytest.skip("the framework itself refuses steps over mutable closures")
    seen = 0

    @step
    async def ticks(text: str) -> str:
        nonlocal seen
        seen += 1
        return f"{text}{seen}"

    @workflow
    async def ticking(text: str) -> str:
        return await ticks(await ticks(text))

    report = check_resume(ticking, "x", check=False)
    assert {failure.mode for failure in report.failures} == {"new process"}
    assert seen == 0


def test_a_graph_object_is_copied() -> None:
    """A workflow that was built before is not run itself."""
    workflow = planted.forgetful()
    report = check_resume(workflow, "x", check=False)
    assert not report.ok
    tally = workflow.executors["tally"]
    assert isinstance(tally, planted.Forgetful)
    assert tally.count == 0


@pytest.mark.parametrize(
    ("workflow", "what", "recorded", "resumed"),
    [
        (
            planted.greeting,
            "an output of repeater comes once more than it should",
            "nothing",
            'repeater output "hello"',
        ),
        (planted.losing, "an output of mute is missing", 'mute output "x"', "nothing"),
        (planted.falling, "the outputs differ", '"2"', '"1"'),
        (planted.raising, "it ends differently", "LookupError: failed 1", "LookupError: failed 2"),
        (
            planted.asking,
            "asking comes to something else",
            'asking asks "asked 1"',
            'asking asks "asked 2"',
        ),
    ],
    ids=_name,
)
def test_differences_in_words(workflow: object, what: str, recorded: str, resumed: str) -> None:
    """What differs first, with both sides."""
    difference = check_resume(workflow, "x", check=False).failures[0].difference
    assert difference.what == what
    assert (difference.recorded, difference.resumed) == (recorded, resumed)


def test_a_run_that_does_not_end_any_more() -> None:
    """It says where it waits."""
    difference = check_resume(planted.gated, "x", check=False).failures[0].difference
    assert difference.what == "it does not end"
    assert "planted.py" in difference.resumed


def test_a_workflow_that_is_another_one_each_time() -> None:
    """That is told apart from resuming badly."""
    difference = check_resume(planted.changing, "x", check=False).failures[0].difference
    assert difference.what == (
        "it does not run twice in the same way: _step_cache differs in the checkpoint"
    )


def test_an_agent_that_remembers_in_memory() -> None:
    """Its session is gone in a new process, so it asks its model something else."""
    report = check_resume(planted.remembering, "x", scripts={"Poet": ["one", "two"]}, check=False)
    (failure,) = report.failures
    assert failure.mode == "new process"
    assert failure.difference.what == (
        "the agent Poet asks what it never asked without interruption"
    )
    assert "user: x again" in failure.difference.resumed


def test_a_long_report_is_cut() -> None:
    """Three failures are shown, and how many more there are."""
    report = check_resume(planted.swapped, "abcd", check=False)
    assert len(report.failures) > 3
    text = str(report)
    assert text.count("Restored from checkpoint") == 3
    assert f"… and {len(report.failures) - 3} more.\n" in text
    assert "Its parts finished in this order: fetch #4, fetch #3, fetch #2, fetch.\n" in text
    assert "It resumes badly in a new process and in the same one" in text
