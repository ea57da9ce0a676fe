"""`--trace FILE`: everything that happened, as JSON lines, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Command

Small = Callable[..., Path]
APPROVED = "fixtures/apps/approval/approved.yaml"


def test_a_trace_can_be_read_back(tmp_path: Path, wfsim: Command) -> None:
    """The first line names format and version, each other one is a record with time and kind."""
    file = tmp_path / "trace.jsonl"
    assert wfsim("run", APPROVED, "--trace", file).code == 0
    first, *records = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    assert first == {"format": "wfsim-trace", "version": 1, "start": "2000-01-01T00:00:00Z"}
    assert all({"at", "kind"} <= set(record) for record in records)
    assert [record["at"] for record in records] == sorted(record["at"] for record in records)
    raised = [
        item["event"] for item in records if item.get("event", {}).get("type") == "EventRaised"
    ]
    assert [(event["name"], event["at"]) for event in raised] == [
        ("approval", "2000-01-01T02:00:00Z")
    ]


def test_a_run_that_is_wrong_leaves_its_trace(tmp_path: Path, wfsim: Command) -> None:
    """A run that was stopped, exit code 1, is the one whose trace is wanted most."""
    file = tmp_path / "trace.jsonl"
    done = wfsim("run", "fixtures/apps/broken/wf110_uuid4/pays.yaml", "--trace", file)
    assert done.code == 1
    records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [item["finding"]["code"] for item in records if "finding" in item] == ["WF110"]


def test_a_trace_takes_one_scenario(tmp_path: Path, wfsim: Command) -> None:
    """--trace with several scenarios is a wrong call that plays none of them."""
    done = wfsim("run", APPROVED, "fixtures/apps/saga/booked.yaml", "--trace", tmp_path / "t")
    assert (done.code, done.out) == (2, "")
    assert "--trace takes one scenario, and got 2." in done.err
    assert not (tmp_path / "t").exists()


def test_a_trace_needs_a_folder_that_exists(tmp_path: Path, wfsim: Command) -> None:
    """--trace with a folder, or a file in a folder that does not exist, plays nothing."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    for wrong in (tmp_path, tmp_path / "none" / "t", tmp_path / "file" / "t"):
        done = wfsim("run", APPROVED, "--trace", wrong)
        assert (done.code, done.out) == (2, "")
        assert f"--trace {str(wrong)!r} is not a file in a folder that exists." in done.err


def test_a_trace_that_cannot_be_written_says_why(tmp_path: Path, wfsim: Command) -> None:
    """A path that the file system refuses is told with its reason and leaves nothing behind."""
    done = wfsim("run", APPROVED, "--trace", tmp_path / ("x" * 300))
    assert (done.code, done.out) == (2, "")
    assert "The trace cannot be written to" in done.err
    assert "File name too long. Name another file." in done.err
    assert not any(tmp_path.iterdir())


def test_a_trace_replaces_the_one_before(tmp_path: Path, wfsim: Command) -> None:
    """A second run writes the same bytes over the first one's."""
    file = tmp_path / "trace.jsonl"
    wfsim("run", APPROVED, "--trace", file)
    first = file.read_bytes()
    file.write_text("old", encoding="utf-8")
    wfsim("run", APPROVED, "--trace", file)
    assert file.read_bytes() == first
    assert [path.name for path in tmp_path.iterdir()] == ["trace.jsonl"]


def test_halves_of_surrogate_pairs_can_be_saved(
    tmp_path: Path, small: Small, wfsim: Command
) -> None:
    """Text that UTF-8 has no bytes for stands in the file as JSON's escape."""
    text = 'app: function_app.py\nstart: {orchestrator: fail, input: "\\uD800", instance_id: f}\n'
    file = tmp_path / "trace.jsonl"
    done = wfsim("run", small(text + "expect: {status: Failed}\n"), "--trace", file)
    assert done.code == 0
    records = [json.loads(line) for line in file.read_bytes().decode("utf-8").splitlines()]
    failures = [item["event"]["result"] for item in records if "result" in item.get("event", {})]
    assert [str(text).count("\ud800") for text in failures] == [1]
