"""What is recorded, written as others write it, and read again, is the same history."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.apps import fixture_app
from tests.replay.recorded import histories_of
from tests.replay.writers import export_lines, net_lines, status_of, table_csv, table_rows
from tests.scenes import STARTED, staged
from wfsim import AsyncSimulation, UsageError
from wfsim.errors import WfsimError
from wfsim.history import ExecutionCompleted, HistoryEvent
from wfsim.replay import Gap, RecordedHistory, Replayer
from wfsim.replay.load import history_of, load_histories, load_history


def _recorded(scene: str, trace: Path) -> list[RecordedHistory]:
    with staged(scene) as (sim, until):
        with suppress(WfsimError):  # some scenes show what goes wrong
            sim.advance(until)
        sim.trace.save(trace)
        return histories_of(sim.trace)


def _stored(history: RecordedHistory) -> list[HistoryEvent]:
    """Return the events without what only wfsim keeps: a parent gets to know of details."""
    return [
        replace(event, details=None) if isinstance(event, ExecutionCompleted) else event
        for event in history.events
    ]


def _same(found: Sequence[object], wanted: list[RecordedHistory]) -> None:
    events = [_stored(item) for item in found if isinstance(item, RecordedHistory)]
    assert [item for item in found if not isinstance(item, RecordedHistory)] == []
    assert events == [_stored(history) for history in wanted]


@pytest.mark.parametrize("scene", STARTED[::3])
def test_whole_formats_lose_nothing(scene: str, tmp_path: Path) -> None:
    """Traces, tables as CSV, JSON and lines, and exports of Python and .NET give every event."""
    histories = _recorded(scene, tmp_path / "run.jsonl")[:12]
    _same(list(load_histories(tmp_path / "run.jsonl"))[:12], histories)
    rows = [row for history in histories for row in table_rows(history)]
    files = {
        "table.csv": table_csv(histories),
        "table.json": json.dumps({"items": rows, "nextMarker": {}}, indent=1),
        "table.jsonl": "\n".join(map(json.dumps, rows)),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8-sig")
        found = list(load_histories(tmp_path / name))
        _same(sorted(found, key=lambda item: _order(item, histories)), histories)
    last = histories[-1]
    (tmp_path / "py.gz").write_bytes(gzip.compress("\n".join(export_lines(last)).encode()))
    (tmp_path / "net").write_text("\n".join(net_lines(last)), encoding="utf-16")
    lines = [json.loads(line) for line in net_lines(last)]
    (tmp_path / "list").write_text(json.dumps(lines, indent=2), encoding="utf-8")
    for name in ("py.gz", "net", "list"):
        _same([load_history(tmp_path / name)], [last])


def _order(item: object, histories: list[RecordedHistory]) -> int:
    assert isinstance(item, RecordedHistory), item
    return [history.started.execution_id for history in histories].index(item.started.execution_id)


@pytest.mark.parametrize("store_inputs", [True, False])
@pytest.mark.parametrize("scene", STARTED)
def test_a_status_is_put_together_again(scene: str, store_inputs: bool, tmp_path: Path) -> None:
    """The status JSON has lost turns and numbers; the app still takes over what it recorded."""
    histories = [
        history
        for history in _recorded(scene, tmp_path / "run.jsonl")
        if history.status != "ContinuedAsNew"  # the API shows the latest generation only
    ]
    path = tmp_path / "status.json"
    shown = [status_of(history, store_inputs=store_inputs) for history in histories]
    path.write_text(json.dumps(shown), encoding="utf-8")
    app = fixture_app(scene.rpartition("/")[0])
    with Replayer(app) as replayer:
        for found, history in zip(load_histories(path), histories, strict=True):
            assert isinstance(found, RecordedHistory), found
            assert Gap.TURNS in found.gaps
            assert len(found.events) >= len(history.events) - 2
            result = replayer.replay(found)
            assert result.verdict == "compatible", result


@pytest.mark.asyncio
async def test_the_sdks_own_status_is_a_history() -> None:
    """What the SDK's client returns for get_status(show_history=True, …) is replayed as it is."""
    app = fixture_app("approval")
    async with AsyncSimulation(app) as sim:
        run = await sim.start("approval", input={"topic": "AI"})
        await sim.advance(hours=80)
        status = await sim.client.get_status(
            run.instance_id, show_history=True, show_history_output=True, show_input=True
        )
        await sim.close(check=False)
    with Replayer(app) as replayer:
        result = replayer.replay(history_of(status))
    assert (result.verdict, result.events) == ("compatible", 20)


def test_a_trace_of_one_run_is_a_history() -> None:
    """A trace is taken as it is; one of several runs says how to read them."""
    with staged("approval/escalates") as (sim, until):
        sim.advance(until)
        assert history_of(sim.trace).name == "approval"
        sim.start("approval", input={"topic": "AI"})
        sim.run_until_idle()
        with pytest.raises(UsageError, match="holds 2 histories, not one"):
            history_of(sim.trace)
        sim.close(check=False)
