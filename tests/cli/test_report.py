"""`wfsim report`: what it draws, what it refuses, and that it never leaves half a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from wfsim.report.charts import chart
from wfsim.report.html import html_report
from wfsim.report.mermaid import mermaid
from wfsim.report.perfetto import perfetto
from wfsim.trace import Trace

Record = Callable[[str], Path]


@pytest.fixture
def record(tmp_path: Path, wfsim: Command) -> Record:
    """Plays a scenario of the approval app; returns its trace."""

    def call(name: str) -> Path:
        path = tmp_path / f"{name}.jsonl"
        assert wfsim("run", f"fixtures/apps/approval/{name}.yaml", "--trace", path).code == 0
        return path

    return call


def test_the_timeline_is_that_of_the_run(record: Record, wfsim: Command) -> None:
    """Without an option, the report prints the lines that `wfsim run` printed."""
    path = record("approved")
    ran = wfsim("run", "fixtures/apps/approval/approved.yaml")
    done = wfsim("report", path)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("T+0s  post-1 ▶ approval")
    assert done.out in ran.out


def test_two_timelines_end_with_their_difference(record: Record, wfsim: Command) -> None:
    """Two traces are printed with their names, and what differs first."""
    done = wfsim("report", record("approved"), record("rejected"))
    assert done.code == 0
    assert done.out.startswith("approved.jsonl\nT+0s")
    assert "\n\nrejected.jsonl\nT+0s" in done.out
    assert done.out.splitlines()[-1] == (
        "First difference: “event approval” of post-1 comes at T+2h in the first run, "
        "at T+1d 2h in the second."
    )
    same = wfsim("report", record("approved"), record("approved"))
    assert same.out.splitlines()[-1] == "The two runs are equal but for made-up ids."


def test_a_page_is_written(record: Record, tmp_path: Path, wfsim: Command) -> None:
    """--html writes the page and prints nothing; the title is the file's name or --title."""
    path, page = record("approved"), tmp_path / "page.html"
    done = wfsim("report", path, "--html", page)
    assert (done.code, done.out, done.err) == (0, "", "")
    drawn = chart(Trace.load(path), title="approved.jsonl")
    assert page.read_text(encoding="utf-8") == html_report([drawn], title="approved.jsonl")
    wfsim("report", path, "--html", page, "--title", "Approved <b>")
    assert "<title>Approved &lt;b&gt;</title>" in page.read_text(encoding="utf-8")


def test_pages_show_any_number_of_traces(record: Record, tmp_path: Path, wfsim: Command) -> None:
    """Two traces are compared; three stand one below the other; equal names get their folders."""
    approved, rejected = record("approved"), record("rejected")
    page = tmp_path / "page.html"
    assert wfsim("report", approved, rejected, "--html", page).code == 0
    text = page.read_text(encoding="utf-8")
    assert "<title>approved.jsonl and rejected.jsonl</title>" in text
    assert "First difference" in text
    assert wfsim("report", approved, rejected, approved, "--html", page).code == 0
    text = page.read_text(encoding="utf-8")
    assert "First difference" not in text
    assert str(approved) in text


def test_diagrams_are_printed_or_written(record: Record, tmp_path: Path, wfsim: Command) -> None:
    """--mermaid and --perfetto go to standard output, or with -o to a file."""
    path, file = record("approved"), tmp_path / "out"
    drawn = chart(Trace.load(path), title="approved.jsonl")
    for flag, draw in (("--mermaid", mermaid), ("--perfetto", perfetto)):
        wanted = draw(drawn).removesuffix("\n") + "\n"
        assert wfsim("report", path, flag).out == wanted
        done = wfsim("report", path, flag, "-o", file)
        assert (done.code, done.out) == (0, "")
        assert file.read_text(encoding="utf-8") == wanted
    assert json.loads(file.read_text(encoding="utf-8"))["traceEvents"]


def test_timelines_can_be_written(record: Record, tmp_path: Path, wfsim: Command) -> None:
    """-o alone writes the timeline as plain text, of several traces with their names."""
    path, other, file = record("approved"), record("rejected"), tmp_path / "out"
    assert wfsim("report", path, "-o", file).out == ""
    assert file.read_text(encoding="utf-8") == wfsim("report", path).out
    wfsim("report", path, other, "--output", file)
    assert file.read_text(encoding="utf-8") == wfsim("report", path, other).out
    wfsim("report", path, other, path, "--output", file)
    assert file.read_text(encoding="utf-8").count("\n\n") == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file or directory."),
        ("", "is empty, and no trace"),
        ("hello\n", "line 1: not JSON"),
        ('{"format": "other"}\n', "line 1: no trace of wfsim"),
        (
            '{"format": "wfsim-trace", "version": 99, "start": "2000-01-01T00:00:00Z"}\n',
            "format version 99",
        ),
        (
            '{"format": "wfsim-trace", "version": 1, "start": "2000-01-01T00:00:00Z"}\n{"at": "20',
            "line 2: not JSON",
        ),
    ],
    ids=["missing", "empty", "text", "format", "version", "broken"],
)
@pytest.mark.parametrize("arguments", [[], ["--html"], ["--mermaid", "-o"]], ids=str)
def test_what_is_no_trace_is_refused(
    content: str | None, said: str, arguments: list[str], tmp_path: Path, wfsim: Command
) -> None:
    """A file that is missing or broken is a wrong call and writes nothing."""
    path, out = tmp_path / "t.jsonl", tmp_path / "out"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    done = wfsim("report", path, *arguments, *([out] if arguments else []))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("wfsim: ")
    assert str(path) in done.err
    assert said in done.err
    assert len(done.err.splitlines()) == 1
    assert not out.exists()


def test_all_traces_are_read_first(record: Record, tmp_path: Path, wfsim: Command) -> None:
    """A mistake in the second file prints nothing of the first one."""
    done = wfsim("report", record("approved"), tmp_path / "none.jsonl")
    assert (done.code, done.out) == (2, "")


@pytest.mark.parametrize("flag", ["--html", "--output"])
def test_a_report_needs_a_folder_that_exists(
    flag: str, record: Record, tmp_path: Path, wfsim: Command
) -> None:
    """A folder, or a file in a folder that does not exist, is refused."""
    path = record("approved")
    for wrong in (tmp_path, tmp_path / "none" / "page.html"):
        done = wfsim("report", path, flag, wrong)
        assert (done.code, done.out) == (2, "")
        assert f"{flag} {str(wrong)!r} is not a file in a folder that exists." in done.err


def test_a_report_never_replaces_its_trace(record: Record, wfsim: Command) -> None:
    """Writing over the trace is refused, and the trace stays."""
    path = record("approved")
    before = path.read_bytes()
    done = wfsim("report", path, "--html", path)
    assert done.code == 2
    assert "is the trace itself, which would be lost. Name another file." in done.err
    assert path.read_bytes() == before


def test_a_report_that_cannot_be_written_says_why(
    record: Record, tmp_path: Path, wfsim: Command
) -> None:
    """A path that the file system refuses is told with its reason and leaves nothing behind."""
    path = record("approved")
    done = wfsim("report", path, "--html", tmp_path / ("x" * 300))
    assert (done.code, done.out) == (2, "")
    assert "File name too long. Name another file." in done.err
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a", "b", "--mermaid"], "--mermaid draws one trace, and got 2."),
        (["a", "b", "--perfetto"], "--perfetto draws one trace, and got 2."),
        (["a", "--html", "x", "-o", "y"], "--html names its file itself. Leave --output away."),
        (["a", "--html", "x", "--mermaid"], "not allowed with argument --html"),
        ([], "required: TRACE"),
        (["a", "--htlm"], "unknown option '--htlm'. Did you mean '--html'?"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: list[str], said: str, wfsim: Command) -> None:
    """Options that contradict each other are a wrong call."""
    done = wfsim("report", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_help_teaches(wfsim: Command) -> None:
    """`wfsim report --help` says where traces come from and shows every kind of drawing."""
    done = wfsim("report", "--help")
    assert done.code == 0
    for part in ("--trace FILE", "examples:", "--html d.html", "--mermaid", "--perfetto -o"):
        assert part in done.out
