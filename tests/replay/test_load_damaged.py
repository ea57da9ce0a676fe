"""Files that are damaged say where and how, and the others are read all the same."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.apps import ROOT
from wfsim import UsageError
from wfsim.replay import Gap, RecordedHistory, Unreadable
from wfsim.replay.load import history_of, load_histories, load_history

HISTORIES = ROOT / "fixtures" / "histories"
_NOT_JSON = "not JSON (Unterminated string"
DAMAGES = {
    "export/encoding.jsonl": ("byte 970", "It is not UTF-8."),
    "export/missing.jsonl": ("line 7", "'TaskScheduledId' is missing."),
    "export/truncated.jsonl": ("line 12", _NOT_JSON),
    "export/unknown.jsonl": ("line 4", "There is no EventType 'TaskScheduldEvent'. Did you mean"),
    "export_net/encoding.jsonl": ("byte 974", "It is not UTF-8."),
    "export_net/missing.jsonl": ("line 6", "'TaskScheduledId' is missing."),
    "export_net/truncated.jsonl": ("line 12", _NOT_JSON),
    "export_net/unknown.jsonl": ("line 3", "There is no EventType 'TaskScheduld'. Did you mean"),
    "status/encoding.json": ("byte 705", "It is not UTF-8."),
    "status/missing.json": ("historyEvents[1]", "'ScheduledTime' is missing. Did you mean"),
    "status/truncated.json": ("line 40", "It ends too early."),
    "status/unknown.json": ("historyEvents[1]", "There is no EventType 'TaskComplete'. Did you"),
    "table_csv/encoding.csv": ("byte 2115", "It is not UTF-8."),
    "table_csv/missing.csv": ("line 7", "'TaskScheduledId' is missing."),
    "table_csv/truncated.csv": ("line 13", "It has not as many cells as the first line."),
    "table_csv/unknown.csv": ("line 4", "There is no EventType 'TaskScheduld'. Did you mean"),
    "table_json/encoding.json": ("byte 1880", "It is not UTF-8."),
    "table_json/missing.json": ("item 6", "'TaskScheduledId' is missing."),
    "table_json/truncated.json": ("line 135", "It ends too early."),
    "table_json/unknown.json": ("item 3", "There is no EventType 'TaskScheduld'. Did you mean"),
    "table_lines/encoding.jsonl": ("byte 1672", "It is not UTF-8."),
    "table_lines/missing.jsonl": ("line 6", "'TaskScheduledId' is missing."),
    "table_lines/truncated.jsonl": ("line 12", _NOT_JSON),
    "table_lines/unknown.jsonl": ("line 3", "There is no EventType 'TaskScheduld'. Did you mean"),
    "trace/encoding.jsonl": ("byte 1923", "It is not UTF-8."),
    "trace/missing.jsonl": ("line 9", "ActivityStarted lacks 'task_id'."),
    "trace/truncated.jsonl": ("line 19", "ot JSON (Unterminated string"),
    "trace/unknown.jsonl": ("line 6", "There is no history event 'TaskScheduld'. Did you mean"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_named_with_its_place(name: str) -> None:
    """Truncated, of another encoding, an unknown event, a missing field: file, position, reason."""
    position, why = DAMAGES[name]
    (found,) = load_histories(HISTORIES / name)
    assert isinstance(found, Unreadable)
    assert found.source.path.endswith(name)
    assert found.source.position == position
    assert why in found.why
    assert found.why.endswith((".", "?"))


def test_others_are_read_all_the_same() -> None:
    """Among many damaged files, each good one gives its history."""
    found = list(load_histories(HISTORIES))
    good = [item for item in found if isinstance(item, RecordedHistory)]
    folders = sorted({Path(item.source.path).parent.name for item in good})
    assert folders == sorted({name.partition("/")[0] for name in DAMAGES})
    assert len(found) == len(good) + len(DAMAGES)
    assert {item.name for item in good} == {"approval"}


def test_one_damaged_line_costs_one_history(tmp_path: Path) -> None:
    """In an export of many instances, only that one is lost whose row is damaged."""
    good = (HISTORIES / "table_lines" / "good.jsonl").read_text(encoding="utf-8")
    bad = (HISTORIES / "table_lines" / "missing.jsonl").read_text(encoding="utf-8")
    text = good.replace("post-1", "a") + bad.replace("post-1", "b") + good.replace("post-1", "c")
    (tmp_path / "rows.jsonl").write_text(text, encoding="utf-8")
    found = list(load_histories(tmp_path / "rows.jsonl"))
    assert [(type(item).__name__, getattr(item, "instance_id", "")) for item in found] == [
        ("RecordedHistory", "a"),
        ("Unreadable", "b"),
        ("RecordedHistory", "c"),
    ]


def _status() -> dict[str, Any]:
    text = (HISTORIES / "status" / "good.json").read_text(encoding="utf-8")
    status: dict[str, Any] = json.loads(text)
    return status


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda status: status.pop("historyEvents"), "It shows no history. Ask for it with"),
        (lambda status: status.update(historyEvents=[]), "the instance has not started"),
        (
            lambda status: [item.pop("Result", None) for item in status["historyEvents"]],
            "It has no Result. Ask for the history again with showInput=true&showHistory=true",
        ),
        (
            lambda status: [item.pop("Input", None) for item in status["historyEvents"]],
            "It has no Input. Ask for the history again",
        ),
        (lambda status: status.update(runtimeStatus="Runing"), "Did you mean 'Running'?"),
        (lambda status: status["historyEvents"].pop(0), "A history begins with ExecutionStarted"),
        (
            lambda status: status["historyEvents"].insert(1, status["historyEvents"][0]),
            "A history has one ExecutionStarted, and this is another one.",
        ),
        (lambda status: status["historyEvents"].insert(1, 7), "An object is wanted here, not 7."),
        (
            lambda status: status["historyEvents"][0].update(Timestamp="yesterday"),
            "must be an instant such as 2024-01-01T00:00:00.1Z, not 'yesterday'.",
        ),
    ],
)
def test_a_status_says_what_to_ask_for(change: Any, why: str, tmp_path: Path) -> None:
    """What was not asked for, or is out of place, is named with the query that shows it."""
    status = _status()
    change(status)
    path = tmp_path / "status.json"
    path.write_text(json.dumps(status), encoding="utf-8")
    (found,) = load_histories(path)
    assert isinstance(found, Unreadable)
    assert why in found.why
    with pytest.raises(UsageError) as caught:
        history_of(status)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "The file is empty."),
        ("hello", "This is no history. Histories are read from"),
        ("[]", "It is an empty list."),
        ("[1, 2]", "This is no history."),
        ('{"a": 1}', "This is no history."),
        ('{"events": []}', "It holds no event."),
        ("PartitionKey,Name\n", "This is no history."),
    ],
)
def test_what_is_no_history_says_what_would_be_one(text: str, why: str, tmp_path: Path) -> None:
    """Other files are no crash and no history; the answer lists what is understood."""
    (tmp_path / "file").write_text(text, encoding="utf-8")
    found = next(load_histories(tmp_path / "file"))
    assert isinstance(found, Unreadable)
    assert found.why.startswith(why)
    among = list(load_histories(tmp_path))
    assert among == [] or text == '{"events": []}', "what is something else is no part of a folder"


def test_a_part_of_a_history_is_refused(tmp_path: Path) -> None:
    """Rows that are missing in the middle show as answers to decisions that are not there."""
    lines = (HISTORIES / "export" / "good.jsonl").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if '"TaskScheduledEvent"' not in line]
    (tmp_path / "part.jsonl").write_text("\n".join(kept), encoding="utf-8")
    (found,) = load_histories(tmp_path / "part.jsonl")
    assert isinstance(found, Unreadable)
    assert "answers the decision 0, which the history does not hold" in found.why


def _with_blob(folder: Path, column: str, event: str) -> Path:
    lines = (HISTORIES / "table_lines" / "good.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    row = next(row for row in rows if row.get("EventType") == event)
    content = row[column]
    row[column], row[f"{column}BlobName"] = "", "post-1/history-0001.json.gz"
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (folder / "blob").write_bytes(gzip.compress(content.encode()))
    return folder / "rows.jsonl"


def test_blobs_beside_an_export_are_read(tmp_path: Path) -> None:
    """What was too long for a row is taken from its blob; without it, the message names it."""
    path = _with_blob(tmp_path, "Result", "TaskCompleted")
    (missing,) = load_histories(path)
    assert isinstance(missing, Unreadable)
    assert "in the blob 'post-1/history-0001.json.gz', which is not beside" in missing.why
    (tmp_path / "post-1").mkdir()
    (tmp_path / "blob").rename(tmp_path / "post-1" / "history-0001.json.gz")
    whole = load_history(HISTORIES / "table_lines" / "good.jsonl")
    assert load_history(path).events == whole.events


def test_an_input_whose_blob_is_missing_is_not_compared(tmp_path: Path) -> None:
    """What a step was given is not needed to replay; that it is missing is said."""
    history = load_history(_with_blob(tmp_path, "Input", "TaskScheduled"))
    assert Gap.INPUTS in history.gaps


def test_wrong_calls_say_what_to_do(tmp_path: Path) -> None:
    """No such path, several histories where one is wanted, a damaged one, no status at all."""
    with pytest.raises(UsageError, match="There is no file or folder"):
        next(load_histories(tmp_path / "nowhere"))
    rows = (HISTORIES / "table_lines" / "good.jsonl").read_text(encoding="utf-8")
    (tmp_path / "two").write_text(rows + rows.replace("post-1", "b"), encoding="utf-8")
    with pytest.raises(UsageError, match=r"holds 2 histories \('post-1', 'b'\), not one"):
        load_history(tmp_path / "two")
    with pytest.raises(UsageError, match=r"missing\.jsonl, line 7: 'TaskScheduledId' is missing"):
        load_history(HISTORIES / "export" / "missing.jsonl")
    with pytest.raises(UsageError, match="is no status of an instance"):
        history_of("order-17")


def _rows(name: str = "good") -> list[str]:
    path = HISTORIES / "table_lines" / f"{name}.jsonl"
    return path.read_text(encoding="utf-8").splitlines()


def _found(folder: Path, lines: list[str]) -> list[tuple[str, str]]:
    (folder / "rows.jsonl").write_text("\n".join(lines), encoding="utf-8")
    found = list(load_histories(folder / "rows.jsonl"))
    return [(type(item).__name__, getattr(item, "instance_id", "")) for item in found]


def test_rows_in_any_order_are_put_together(tmp_path: Path) -> None:
    """Rows of two instances that alternate, last ones first, are two whole histories."""
    pairs = [(row, row.replace("post-1", "post-2")) for row in reversed(_rows())]
    lines = [row for pair in pairs for row in pair]
    assert _found(tmp_path, lines) == [
        ("RecordedHistory", "post-1"),
        ("RecordedHistory", "post-2"),
    ]


def test_a_row_of_nobody_spoils_both_neighbours(tmp_path: Path) -> None:
    """Whose a broken row was cannot be told: neither history is taken for whole."""
    other = [row.replace("post-1", "post-2") for row in _rows()]
    lines = [*_rows(), "{broken", *other[1:], *(r.replace("post-1", "post-3") for r in _rows())]
    assert _found(tmp_path, lines) == [
        ("Unreadable", "post-1"),
        ("Unreadable", "post-2"),
        ("RecordedHistory", "post-3"),
    ]


def test_leftovers_of_older_executions_are_no_histories(tmp_path: Path) -> None:
    """Rows of an execution without its start, beside one that is whole, are passed over."""
    left = json.loads(_rows()[-3]) | {"ExecutionId": "an-older-one"}
    assert _found(tmp_path, [json.dumps(left), *_rows()]) == [("RecordedHistory", "post-1")]


def test_traces_may_be_compressed(tmp_path: Path) -> None:
    """As any other file."""
    good = HISTORIES / "trace" / "good.jsonl"
    (tmp_path / "run.gz").write_bytes(gzip.compress(good.read_bytes()))
    assert load_history(tmp_path / "run.gz").events == load_history(good).events


def test_damage_of_containers_costs_one_file(tmp_path: Path) -> None:
    """A compressed file with a flipped byte, and an endless cell, are named; others are read."""
    whole = gzip.compress((HISTORIES / "export" / "good.jsonl").read_bytes())
    broken = bytearray(whole)
    broken[40] ^= 0xFF
    (tmp_path / "a.gz").write_bytes(bytes(broken))
    text = (HISTORIES / "table_csv" / "good.csv").read_text(encoding="utf-8")
    header, row, *_ = text.splitlines()
    (tmp_path / "b.csv").write_text(f'{header}\n"{row}{"x" * 140_000}', encoding="utf-8")
    (tmp_path / "c.gz").write_bytes(whole)
    kinds = [
        (type(item).__name__, Path(item.source.path).name) for item in load_histories(tmp_path)
    ]
    assert kinds == [("Unreadable", "a.gz"), ("Unreadable", "b.csv"), ("RecordedHistory", "c.gz")]
