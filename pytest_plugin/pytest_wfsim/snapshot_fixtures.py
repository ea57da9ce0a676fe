"""Fixtures that hold what was recorded against snapshot files; syrupy keeps the files.

pytest loads this module in every run, so it imports neither syrupy nor wfsim before a test asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from wfsim.snapshot import Rules

__all__: list[str] = []


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let syrupy's own fixture show wfsim's records as these fixtures do."""
    # The tests are known and none has run: every conftest.py has had its say about plugins.
    if session.config.pluginmanager.hasplugin("syrupy"):
        from pytest_wfsim.amber import join_syrupy  # noqa: PLC0415 - syrupy is there

        join_syrupy()


@pytest.fixture
def wfsim_view_rules() -> Rules:
    """Say how recorded things are shown: what is hidden, and how types are read.

    Override it in a conftest.py or a test module, and return `wfsim.snapshot.Rules(…)`. The
    snapshot fixtures of wfsim and the explanations of failed comparisons follow it.
    """
    from wfsim.snapshot import Rules  # noqa: PLC0415 - the first use, not pytest's start

    return Rules()


@pytest.fixture
def history_snapshot(snapshot: SnapshotAssertion, wfsim_view_rules: Rules) -> SnapshotAssertion:
    """Hold a history against its snapshot file: `assert run.history == history_snapshot`."""
    from pytest_wfsim.snapshots import HistoryFile, assertion  # noqa: PLC0415 - the first use

    return assertion(snapshot, HistoryFile, wfsim_view_rules)


@pytest.fixture
def trace_snapshot(snapshot: SnapshotAssertion, wfsim_view_rules: Rules) -> SnapshotAssertion:
    """Hold what happened in all instances against a file: `assert sim.trace == trace_snapshot`."""
    from pytest_wfsim.snapshots import TraceFile, assertion  # noqa: PLC0415 - the first use

    return assertion(snapshot, TraceFile, wfsim_view_rules)


@pytest.fixture
def event_snapshot(snapshot: SnapshotAssertion, wfsim_view_rules: Rules) -> SnapshotAssertion:
    """Hold a workflow's events against a file: `assert run.events == event_snapshot`."""
    from pytest_wfsim.snapshots import EventsFile, assertion  # noqa: PLC0415 - the first use

    return assertion(snapshot, EventsFile, wfsim_view_rules)


@pytest.fixture
def checkpoint_snapshot(snapshot: SnapshotAssertion, wfsim_view_rules: Rules) -> SnapshotAssertion:
    """Hold a workflow's checkpoints against a file: `run.checkpoints == checkpoint_snapshot`."""
    from pytest_wfsim.snapshots import CheckpointsFile, assertion  # noqa: PLC0415 - the first use

    return assertion(snapshot, CheckpointsFile, wfsim_view_rules)


@pytest.fixture
def outcomes_snapshot(snapshot: SnapshotAssertion, wfsim_view_rules: Rules) -> SnapshotAssertion:
    """Hold the set of outcomes of many runs, with counts, against its snapshot file."""
    from pytest_wfsim.snapshots import OutcomesFile, assertion  # noqa: PLC0415 - the first use

    return assertion(snapshot, OutcomesFile, wfsim_view_rules)
