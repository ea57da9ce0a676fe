"""What many verdicts look like: groups, text, JSON, JUnit XML, a page."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.apps import Context, Steps
from tests.replay.recorded import played, replayed
from wfsim.replay import RecordedHistory, ReplayResult, Source, Summary, Unreadable
from wfsim.replay.documents import JsonWriter, JUnitWriter
from wfsim.replay.page import html_page
from wfsim.replay.results import Verdict
from wfsim.replay.text import group_lines, result_line, summary_lines


def old(context: Context) -> Steps:
    yield context.call_activity("say", "<one> & two")


def new(context: Context) -> Steps:
    yield context.call_activity("nap", 1)


LINE = new.__code__.co_firstlineno + 1


def changed(context: Context) -> Steps:
    yield context.call_activity("say", "three")


def _of(path: str, history: RecordedHistory | None = None) -> RecordedHistory:
    return replace(history or played(old), source=Source(path=path))


@pytest.fixture(scope="module")
def results() -> list[ReplayResult]:
    """Some verdicts of each kind."""
    history = played(old)
    broken = Unreadable(source=Source(path="cut.json", position="line 3"), why="It ends early.")
    return [
        replayed(_of("a.json", history), old),
        *(replayed(_of(f"{number}.json", history), new) for number in range(8)),
        replayed(_of("w.json", history), changed),
        replayed(broken, new),
    ]


@pytest.fixture
def summary(results: list[ReplayResult]) -> Summary:
    """All of them, counted."""
    summary = Summary()
    for result in results:
        summary.add(result)
    return summary


def test_equal_failures_are_one_group(summary: Summary) -> None:
    """One edit that breaks many histories is one group with a count and the first few places."""
    groups = [(str(group.verdict), group.count) for group in summary.groups]
    assert groups == [("incompatible", 8), ("not replayable", 1), ("warning", 1)]
    assert len(summary.groups[0].samples) == 5
    assert (summary.total, summary.exit_code) == (11, 1)


def test_exit_codes_say_what_matters_most(results: list[ReplayResult]) -> None:
    """0 for compatible and warnings, 2 where something could not be replayed, 1 above all."""
    codes: list[int] = []
    for chosen in ([0], [0, 9], [0, 10], [0, 10, 1]):
        summary = Summary()
        for index in chosen:
            summary.add(results[index])
        codes.append(summary.exit_code)
    assert codes == [0, 0, 2, 1]


def test_a_group_is_told_with_both_sides(summary: Summary) -> None:
    """Count, cause, place, both steps, what the host says, and the ways out: all is there."""
    text = "\n".join(group_lines(summary.groups[0]))
    assert text.startswith("incompatible   8 times new: activity 'say' is 'nap' now")
    assert f"test_outcomes.py:{LINE}, turn 1, step 0: name" in text
    assert '→  0 call_activity say("<one> & two")' in text
    assert "call_activity nap(1)" in text
    assert "the host would say: Non-Deterministic workflow detected" in text
    assert text.count("- ") == 3
    assert "0.json (order-17), 1.json (order-17) and 6 more" in text


def test_what_could_not_be_read_says_where(summary: Summary) -> None:
    """A file that is no history is named with the position and the reason."""
    assert list(group_lines(summary.groups[1])) == [
        "not replayable It ends early.",
        "  in cut.json, line 3",
    ]


def test_each_history_has_a_line(results: list[ReplayResult]) -> None:
    """Verdict, file, orchestrator, instance and size; or why there is none."""
    lines = [result_line(result) for result in (results[0], results[-1])]
    assert lines == [
        "compatible     a.json  old 'order-17': 8 events, 2 turn borders",
        "not replayable cut.json, line 3  It ends early.",
    ]


def test_the_closing_lines_count_and_name_gaps(summary: Summary) -> None:
    """Counts by verdict, and what no history could tell."""
    first, *gaps = summary_lines(summary)
    assert first == ("11 histories: 1 compatible, 1 warning, 8 incompatible, 1 not replayable")
    assert gaps[0] == "not compared: retry policies (in 10 of them)"


def test_the_document_has_every_history(results: list[ReplayResult], summary: Summary) -> None:
    """The JSON document is written as verdicts come, and whole at the end."""
    stream = io.StringIO()
    writer = JsonWriter(stream)
    for result in results:
        writer.add(result)
    writer.finish(summary)
    document = json.loads(stream.getvalue())
    assert [item["verdict"] for item in document["histories"]] == [r.verdict for r in results]
    assert document["counts"]["incompatible"] == 8
    difference = document["groups"][0]["difference"]
    assert (difference["kind"], difference["line"], difference["step"]) == ("name", LINE, 0)
    empty = io.StringIO()
    JsonWriter(empty).finish(Summary())
    assert json.loads(empty.getvalue())["histories"] == []


def test_junit_has_a_case_for_each_history(
    results: list[ReplayResult], summary: Summary, tmp_path: Path
) -> None:
    """What breaks is a failure, what cannot be read an error, a warning output; counts agree."""
    path = tmp_path / "replay.xml"
    with JUnitWriter(path, "replay") as writer:
        for result in results:
            writer.add(result)
        writer.finish(summary)
    assert [entry.name for entry in tmp_path.iterdir()] == ["replay.xml"]
    root = ET.fromstring(path.read_text(encoding="utf-8"))
    suite = root[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("11", "8", "1")
    assert len(suite) == 11
    assert [child.tag for case in suite for child in case] == [
        *["failure"] * 8,
        "system-out",
        "error",
    ]
    assert "<one> & two" in (suite[1][0].text or "")


def _pages(summary: Summary) -> Iterator[str]:
    yield html_page(summary, title="Histories & <code>")
    yield html_page(Summary(), title="none")


def test_the_page_shows_what_users_wrote_as_text(summary: Summary) -> None:
    """Payloads and titles are escaped, no script is in it, and each group is."""
    page, empty = _pages(summary)
    assert "Histories &amp; &lt;code&gt;" in page
    assert "say(&#34;&lt;one&gt; &amp; two&#34;)" in page
    assert page.count("<details") == 3
    assert "<script" not in page
    assert "<b>8</b> incompatible" in page
    assert "There was no history." in empty


def test_verdicts_say_whether_to_stop() -> None:
    """A deployment waits for what would break instances, and for nothing else."""
    assert [verdict for verdict in Verdict if verdict.is_bad] == ["incompatible", "stuck"]
