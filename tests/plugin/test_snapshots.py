"""Snapshot fixtures: what is in the files, and what is said when they do not agree."""

from __future__ import annotations

from pathlib import Path

import pytest

# So that runs in this process share it: pytester forgets what is first imported in one.
import wfsim.workflows  # noqa: F401
from tests.plugin.conftest import Run

ESCALATES = """
import pytest
from wfsim.snapshot import Rules, view

def play(sim, topic="AI"):
    run = sim.start("approval", input={"topic": topic, "card": "4711"})
    run.result()
    return run
"""

HISTORY = f"""{ESCALATES}
def test_history(sim, history_snapshot):
    assert play(sim).history == history_snapshot
"""


def _write(project: pytest.Pytester, text: str) -> None:
    (project.path / "test_it.py").write_text(text, encoding="utf-8")


def _file(project: pytest.Pytester, name: str) -> Path:
    return project.path / "__snapshots__" / "test_it" / name


def _update(run: Run, *args: str, **outcomes: int) -> None:
    run("--snapshot-update", *args).assert_outcomes(**(outcomes or {"passed": 1}))


def test_a_history_becomes_a_file_of_its_own(project: pytest.Pytester, both_ways: Run) -> None:
    """`--snapshot-update` writes one readable file for each assertion, and the next run agrees."""
    _write(project, HISTORY)
    _update(both_ways)
    text = _file(project, "test_history.history").read_text(encoding="utf-8")
    lines = text.split("\n")
    assert lines[:2] == ["# wfsim history, format 1", "T+0s"]
    assert lines[3].split() == [
        *("ExecutionStarted", "approval", "as", "<instance:approval/1>"),
        *('{"card":', '"4711",', '"topic":', '"AI"}'),
    ]
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    both_ways().assert_outcomes(passed=1)


def test_a_missing_file_fails_with_what_would_be_in_it(
    project: pytest.Pytester, run_pytest: Run
) -> None:
    """Without a file the test fails, and names the way to make one."""
    _write(project, HISTORY)
    result = run_pytest("-vv")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*Snapshot 'test_history' does not exist!", "E*TimerFired*"])
    assert not (project.path / "__snapshots__").exists()


def test_a_change_shows_as_one_line(project: pytest.Pytester, run_pytest: Run) -> None:
    """Of a changed reply the diff shows the line that changed."""
    _write(project, HISTORY)
    _update(run_pytest)
    app = project.path / "function_app.py"
    changed = app.read_text(encoding="utf-8").replace('"status": "escalated"', '"status": "late"')
    app.write_text(changed, encoding="utf-8")
    result = run_pytest("-vv")
    result.assert_outcomes(failed=1)
    said = [line.split(maxsplit=2) for line in result.stdout.lines if line.startswith("E  ")]
    changes = [words[1:] for words in said if words[1] in {"-", "+"}]
    assert [sign for sign, _ in changes] == ["-", "+"]
    assert ["escalated" in text for _, text in changes] == [True, False]


@pytest.mark.parametrize(
    ("head", "shown"),
    [
        ("# wfsim history, format 0\n", "*its first line: # wfsim history, format 0"),
        ("# wfsim trace, format 1\n", "*its first line: # wfsim trace, format 1"),
        ("", "*its first line: T+0s"),
    ],
)
def test_another_format_is_to_be_regenerated(
    project: pytest.Pytester, run_pytest: Run, head: str, shown: str
) -> None:
    """A file of another format is not called different: it is to be written anew."""
    _write(project, HISTORY)
    _update(run_pytest)
    file = _file(project, "test_history.history")
    right = file.read_text(encoding="utf-8")
    file.write_text(head + right.partition("\n")[2], encoding="utf-8")
    result = run_pytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E*This snapshot was written by another version of wfsim; it need not be wrong.",
            "E*file: __snapshots__/test_it/test_history.history",
            f"E{shown}",
            "E*Run `pytest --snapshot-update` and review the diff.",
        ]
    )
    result.stdout.no_fnmatch_line("*TaskScheduled*")
    _update(run_pytest)
    assert file.read_text(encoding="utf-8") == right


def test_each_fixture_keeps_its_own_files(project: pytest.Pytester, both_ways: Run) -> None:
    """Several fixtures, assertions, parameters and classes in one module do not collide."""
    _write(
        project,
        f"""{ESCALATES}
class TestApproval:
    @pytest.mark.parametrize("topic", ["AI", "AI.1", "Ada's"])
    def test_all(self, sim, topic, history_snapshot, trace_snapshot, outcomes_snapshot, snapshot):
        run = play(sim, topic)
        assert run.history == history_snapshot
        assert sim.trace == trace_snapshot
        assert [run.history, run.history] == history_snapshot
        assert run.history == history_snapshot(name="again")
        assert [run.output] == outcomes_snapshot
        assert run.output == snapshot
""",
    )
    _update(both_ways, passed=3)
    names = {file.name for file in (project.path / "__snapshots__" / "test_it").iterdir()}
    assert names == {
        f"TestApproval.test_all[{topic}]{ending}"
        for topic in ("AI", "AI.1", "Ada's")
        for ending in (".history", ".1.history", "[again].history", ".trace", ".outcomes")
    }
    both_ways().assert_outcomes(passed=3)


@pytest.mark.parametrize(
    ("fixture", "value", "message"),
    [
        ("history_snapshot", "{}", "takes a history such as run.history, or a list*got dict*"),
        ("history_snapshot", "sim.trace", "takes a history such as *got Trace*"),
        ("history_snapshot", "view(sim.trace)", "takes a history *got the view of trace*"),
        ("trace_snapshot", "play(sim).history", "takes a trace such as sim.trace, *got History*"),
        ("event_snapshot", "play(sim).history", "takes events of a workflow *got History*"),
        ("checkpoint_snapshot", "3", "takes checkpoints of a workflow *got int*"),
        ("outcomes_snapshot", "'done'", "*'done' is one thing. Write for example ?'done'?."),
        ("outcomes_snapshot", "{'a': 1}", "*Write for example ?{'a': 1}?."),
    ],
)
def test_the_wrong_kind_of_data_is_refused(
    project: pytest.Pytester, run_pytest: Run, fixture: str, value: str, message: str
) -> None:
    """A value that the fixture is not for fails in one sentence, and no file is written."""
    _write(
        project,
        f"{ESCALATES}\ndef test_it(sim, {fixture}): assert {value} == {fixture}\n",
    )
    result = run_pytest("--snapshot-update")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"E*{message}"])
    result.stdout.no_fnmatch_line("*Traceback*")
    assert not list(project.path.glob("__snapshots__/test_it/*"))


@pytest.mark.parametrize(
    "use",
    [
        "history_snapshot(exclude=lambda **at: True)",
        "history_snapshot(include=lambda **at: True)",
        "history_snapshot.with_defaults(matcher=lambda **at: 1)",
    ],
)
def test_syrupys_filters_are_refused(project: pytest.Pytester, run_pytest: Run, use: str) -> None:
    """What would look into data, and finds text, points to masks; no frame of ours is shown."""
    _write(project, f"{ESCALATES}\ndef test_it(sim, history_snapshot): {use}\n")
    result = run_pytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*UsageError: wfsim's snapshot fixtures take no *view(*masks=*"])
    result.stdout.no_fnmatch_line("*snapshots.py*")


def test_a_view_with_masks_is_taken_as_it_is(project: pytest.Pytester, run_pytest: Run) -> None:
    """A test may make the view itself, and hide what it wants."""
    _write(
        project,
        f"""{ESCALATES}
def test_it(sim, history_snapshot):
    assert view(play(sim).history, masks={{"input.card": "<card>"}}) == history_snapshot
""",
    )
    _update(run_pytest)
    text = _file(project, "test_it.history").read_text(encoding="utf-8")
    assert '{"card": "<card>", "topic": "AI"}' in text
    assert "4711" not in text


def test_rules_of_a_conftest_hold_for_all_fixtures(
    project: pytest.Pytester, run_pytest: Run
) -> None:
    """The fixture wfsim_view_rules, overridden, decides for every snapshot fixture."""
    project.makeconftest("""
        import pytest
        from wfsim.snapshot import Rules

        @pytest.fixture
        def wfsim_view_rules():
            return Rules(redact=["4711"])
    """)
    _write(
        project,
        f"""{ESCALATES}
def test_it(sim, history_snapshot, trace_snapshot, outcomes_snapshot):
    run = play(sim)
    assert run.history == history_snapshot
    assert run.history == history_snapshot.with_defaults()(name="also")
    assert sim.trace == trace_snapshot
    assert [run.input] == outcomes_snapshot
""",
    )
    _update(run_pytest)
    files = list(project.path.glob("__snapshots__/test_it/*"))
    assert len(files) == 4
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert "<redacted>" in text
        assert "4711" not in text


@pytest.mark.parametrize(
    ("fixture", "value"), [("wfsim_view_rules", "{}"), ("snapshot", "'of another plugin'")]
)
def test_fixtures_of_a_wrong_type_are_told(
    project: pytest.Pytester, run_pytest: Run, fixture: str, value: str
) -> None:
    """What a project's own fixtures give must be what the snapshot fixtures build on."""
    _write(
        project,
        f"""{HISTORY}
@pytest.fixture
def {fixture}(): return {value}
""",
    )
    result = run_pytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"wfsim's snapshot fixtures need from the fixture `{fixture}` *"])


def test_outcomes_are_a_set_with_counts(project: pytest.Pytester, run_pytest: Run) -> None:
    """Outcomes are counted and sorted: the order of the runs makes no difference."""
    one, other = '{"status": "published"}', '{"status": "escalated"}'
    lists = f"[{one}, {other}, {one}], iter([{other}, {one}, {one}])"
    _write(
        project,
        f"""
from wfsim.snapshot import Outcomes

def test_it(outcomes_snapshot):
    for values in ({lists}, Outcomes([{one}, {one}, {other}])):
        assert values == outcomes_snapshot(name="all")
""",
    )
    _update(run_pytest)
    assert _file(project, "test_it[all].outcomes").read_text(encoding="utf-8") == (
        "# wfsim outcomes, format 1\n"
        '1 \N{MULTIPLICATION SIGN}  {"status": "escalated"}\n'
        '2 \N{MULTIPLICATION SIGN}  {"status": "published"}\n'
    )
    run_pytest().assert_outcomes(passed=1)
