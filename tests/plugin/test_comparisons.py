"""What a failed comparison of recorded things says."""

from __future__ import annotations

import functools
import re
import time

import pytest

# So that runs in this process share them: pytester forgets what is first imported in one.
import wfsim.workflows  # noqa: F401
from pytest_wfsim.explanations import explain
from tests.plugin.conftest import ROOT, Run
from wfsim import Simulation
from wfsim.snapshot import Outcomes
from wfsim.trace import Trace, trace_of

PLAY = """
import pytest
from wfsim.snapshot import Outcomes, view

def play(sim, topic="AI"):
    run = sim.start("approval", input={"topic": topic})
    run.result()
    return run
"""
EVENTS = """
from agent_framework import WorkflowEvent

def events(*data): return [WorkflowEvent("output", item, executor_id="x") for item in data]
"""


def _said(project: pytest.Pytester, run: Run, test: str, *args: str) -> list[str]:
    """Return what pytest says of the one comparison of a test."""
    (project.path / "test_it.py").write_text(f"{PLAY}{EVENTS}\n{test}\n", encoding="utf-8")
    result = run(*args)
    result.assert_outcomes(failed=1)
    said = [line[1:].strip() for line in result.stdout.lines if line.startswith("E ")]
    return [re.sub(r"^(AssertionError: )?assert ", "", line) for line in said]


def test_two_histories_show_where_they_part(project: pytest.Pytester, both_ways: Run) -> None:
    """The first difference with what came before it, then all differences, and no repr."""
    test = 'def test_it(sim): assert play(sim).history == play(sim, "BI").history'
    lines = _said(project, both_ways, test, "-vv")
    assert lines[:6] == [
        "<View of history: 20 lines> == <View of history: 20 lines>",
        "first difference, at event 2 of the history:",
        "T+0s  OrchestratorStarted",
        '- T+0s  ExecutionStarted  approval as <instance:approval/1>  {"topic": "AI"}',
        '+ T+0s  ExecutionStarted  approval as <instance:approval/1>  {"topic": "BI"}',
        "",
    ]
    assert lines[6] == "all differences:"
    assert '+  TaskScheduled                       0  write_draft  "BI"' in lines
    text = "\n".join(lines)
    assert "TaskScheduled(" not in text
    assert "At index" not in text


def test_the_short_form_keeps_the_first_difference(
    project: pytest.Pytester, run_pytest: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What pytest shows without -vv, some eight lines, is the first difference."""
    monkeypatch.delenv("CI", raising=False)
    test = "def test_it(sim): a, b = play(sim), play(sim, 'BI'); assert a.history == b.history"
    lines = _said(project, run_pytest, test)
    assert [line[:1] for line in lines[3:5]] == ["-", "+"]
    assert "use '-vv' to show" in lines[-1]


@pytest.mark.parametrize(
    ("comparison", "summary", "change"),
    [
        ("view(a.history) == view(b.history)", "<View of history: 20 lines>", "ExecutionStarted"),
        ("[a.history] == [b.history]", "<View of history: 20 lines>", "ExecutionStarted"),
        ("[a.history] == []", "<View of history: 20 lines>", "(it ends here)"),
        ("events(1, 2) == events(1, 3)", "<View of events: 2 lines>", "output"),
        ("tuple(events(1)) == tuple(events(3))", "<View of events: 1 line>", "output"),
        ("Outcomes([1, 2]) == Outcomes([1, 1])", "<View of outcomes: 2 lines>", "1"),
    ],
)
def test_each_kind_is_compared_as_views(
    project: pytest.Pytester, run_pytest: Run, comparison: str, summary: str, change: str
) -> None:
    """Views, lists of histories, events of the framework and outcomes are explained alike."""
    test = f'def test_it(sim):\n    a, b = play(sim), play(sim, "BI")\n    assert {comparison}'
    lines = _said(project, run_pytest, test, "-vv")
    assert lines[0].startswith(f"{summary} == <View of ")
    assert lines[1].startswith("first difference, at event ")
    assert any(line.startswith("+") and change in line for line in lines)
    assert "all differences:" in lines


def test_equal_views_say_what_to_compare(project: pytest.Pytester, run_pytest: Run) -> None:
    """Runs that differ in ids and times only are told as such, with the way out."""
    test = "def test_it(sim): assert play(sim).history == play(sim).history"
    lines = _said(project, run_pytest, test)
    assert lines[1:] == [
        "Their views are equal: they differ in ids, times, hashes, or in what the rules hide.",
        "The first such difference, in item 1:",
        "- OrchestratorStarted(at_us=946684800000000)",
        "+ OrchestratorStarted(at_us=946944000000000)",
        "Compare view(…) == view(…) instead, with `from wfsim.snapshot import view`.",
    ]
    lines = _said(project, run_pytest, "def test_it(): assert events(1) == events(1)")
    assert [line.partition(" ")[0] for line in lines] == ["<View", "Their", "Compare"]


@pytest.mark.parametrize(
    ("comparison", "says"),
    [
        ("view(a.history) == a.history", "One side is a view and the other is not. Compare view*"),
        ("sim.trace == a.history", "The left shows trace, and the right shows history."),
        ("a.history != a.history", "They are equal."),
    ],
)
def test_other_comparisons_are_told_in_a_sentence(
    project: pytest.Pytester, run_pytest: Run, comparison: str, says: str
) -> None:
    """What cannot be equal, and what is equal and should not be, is said without a diff."""
    test = f"def test_it(sim):\n    a = play(sim)\n    assert {comparison}"
    lines = _said(project, run_pytest, test, "-vv")
    assert len(lines) == 2
    assert lines[1].startswith(says.rstrip("*"))


def test_numbers_and_truth_values_are_not_taken_for_each_other() -> None:
    """1 and true, equal in Python, are a difference: the wire tells them apart."""
    lines = explain("==", Outcomes([1]), Outcomes([True]), item=None)
    assert lines is not None
    assert lines[1] == "first difference, at event 1 of the outcomes:"


def test_explanations_follow_the_rules(project: pytest.Pytester, run_pytest: Run) -> None:
    """The fixture wfsim_view_rules decides here, too, though the test does not ask for it."""
    rules = """
@pytest.fixture
def wfsim_view_rules():
    from wfsim.snapshot import Rules
    return Rules(redact=["secret"])
"""
    test = f'{rules}\ndef test_it(sim): assert play(sim, "secret").history == play(sim).history'
    lines = _said(project, run_pytest, test, "-vv")
    assert any("<redacted>" in line for line in lines)
    assert not any("secret" in line for line in lines)


@pytest.mark.parametrize(
    "rules",
    [
        "return 3",
        "raise LookupError('no rules')",
        "return Rules(masks={'input.topic': lambda topic: 1 / 0})",
    ],
)
def test_wrong_rules_do_not_hide_the_failure(
    project: pytest.Pytester, run_pytest: Run, rules: str
) -> None:
    """Rules that cannot be had or followed leave the comparison a comparison that failed."""
    test = f"""
@pytest.fixture
def wfsim_view_rules():
    from wfsim.snapshot import Rules
    {rules}

def test_it(sim): assert play(sim).history == play(sim, "BI").history
"""
    lines = _said(project, run_pytest, test)
    assert " == " in lines[0]
    assert len(lines) > 1


@pytest.mark.parametrize(
    ("comparison", "says"),
    [
        ("[1, 2] == [1, 3]", "At index 1 diff: 2 != 3"),
        ("[] == [1]", "Right contains one more item: 1"),
        ("[] != []", "[] != []"),
        ("{'a': play} == {'a': 1}", "Differing items:"),
        ("len([]) == sim.now", "0 == datetime.datetime(*"),
        ("events(1) == 3", "[WorkflowEvent(*"),
        ("sim.trace == 3", "<Trace of 0 records> == 3"),
    ],
)
def test_other_comparisons_are_pytests(
    project: pytest.Pytester, run_pytest: Run, comparison: str, says: str
) -> None:
    """Comparisons that are not of two recorded things look as they do without wfsim."""
    lines = _said(project, run_pytest, f"def test_it(sim): assert {comparison}")
    assert any(line.startswith(says.rstrip("*")) for line in lines)
    assert not any("View of" in line for line in lines)


def test_conftests_have_their_say(project: pytest.Pytester, run_pytest: Run) -> None:
    """Explanations of other plugins stay for what wfsim does not know."""
    project.makeconftest("""
        def pytest_assertrepr_compare(op, left, right):
            if isinstance(left, int): return ["numbers!", "they differ"]
    """)
    assert _said(project, run_pytest, "def test_it(): assert 1 == 2") == ["numbers!", "they differ"]
    test = 'def test_it(sim): assert play(sim).history == play(sim, "BI").history'
    assert _said(project, run_pytest, test)[1].startswith("first difference")


@functools.cache
def _long_trace() -> Trace:
    with Simulation(ROOT / "fixtures/apps/approval") as sim:
        for number in range(335):
            sim.start("approval", input={"topic": f"AI {number}"})
        sim.advance(hours=100)
        return sim.trace


@pytest.mark.slow
@pytest.mark.parametrize("changed", [("AI 300", "BI 300"), ("AI ", "BI ")], ids=["one", "all"])
def test_long_traces_are_explained_quickly(changed: tuple[str, str]) -> None:
    """Of 10,000 events a page is shown, within some seconds also on a busy machine."""
    lines = list(_long_trace().lines())
    left, right = trace_of(lines), trace_of(line.replace(*changed) for line in lines)
    assert len(left) > 10_000
    started = time.process_time()
    shown = explain("==", left, right, item=None)
    assert time.process_time() - started < 5
    assert shown is not None
    assert len(shown) < 250
    assert max(map(len, shown)) < 200


@pytest.mark.slow
def test_long_lists_are_not_explained_twice(project: pytest.Pytester, run_pytest: Run) -> None:
    """Pytest's own explanation of two lists, which would take minutes, is not even made."""
    test = "def test_it(): assert events(*range(3000)) == events(*range(1, 3001))"
    started = time.process_time()
    lines = _said(project, run_pytest, test, "-vv")
    assert time.process_time() - started < 10
    assert len(lines) < 250
