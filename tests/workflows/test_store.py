"""The checkpoint storage: the framework's protocol, and order."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from agent_framework import FileCheckpointStorage, WorkflowCheckpoint
from agent_framework.exceptions import WorkflowCheckpointException
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.workflows import flows
from wfsim.workflows import CheckpointStore, WorkflowSimulation

T = TypeVar("T")


def now(work: Coroutine[Any, Any, T]) -> T:
    """Run what never waits."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    raise AssertionError("it waits")


def made(key: str, name: str = "w", number: int = 0) -> WorkflowCheckpoint:
    """Make a checkpoint; all have the same timestamp."""
    return WorkflowCheckpoint(
        workflow_name=name,
        graph_signature_hash="h",
        checkpoint_id=key,
        timestamp="2000-01-01T00:00:00+00:00",
        state={"number": [number]},
    )


def test_the_latest_is_the_one_that_was_saved_last() -> None:
    """Also where all timestamps are equal."""
    store = CheckpointStore()
    for key in "abc":
        assert now(store.save(made(key))) == key
    latest = now(store.get_latest(workflow_name="w"))
    assert latest is not None
    assert latest.checkpoint_id == "c"
    assert now(store.get_latest(workflow_name="v")) is None


def test_what_is_kept_is_a_copy() -> None:
    """Neither the saver nor a loader can change it."""
    store, checkpoint = CheckpointStore(), made("a")
    now(store.save(checkpoint))
    checkpoint.state["number"].append(1)
    now(store.load("a")).state["number"].append(2)
    store.all[0].state["number"].append(3)
    assert now(store.load("a")).state == {"number": [0]}


def test_an_unknown_id_is_refused_as_the_framework_does() -> None:
    """With the nearest one."""
    store = CheckpointStore()
    now(store.save(made("first")))
    text = r"^There is no checkpoint 'frist'\. Did you mean 'first'\?$"
    with pytest.raises(WorkflowCheckpointException, match=text):
        now(store.load("frist"))


def test_what_it_looks_like() -> None:
    """How many checkpoints, and whose."""
    store = CheckpointStore()
    assert repr(store) == "<CheckpointStore: 0 checkpoints>"
    now(store.save(made("a", "v")))
    assert repr(store) == "<CheckpointStore: 1 checkpoint of v>"
    now(store.save(made("b", "u")))
    assert repr(store) == "<CheckpointStore: 2 checkpoints of u, v>"
    assert (len(store), [item.checkpoint_id for item in store]) == (2, ["a", "b"])


def test_it_serves_a_workflow_outside_of_a_simulation() -> None:
    """It is an ordinary storage."""
    store = CheckpointStore()

    async def run() -> list[Any]:
        result = await flows.pair().run("x", checkpoint_storage=store)
        return list(result.get_outputs())

    assert asyncio.run(run()) == ["x"]
    assert len(store) >= 2


def test_checkpoints_know_their_predecessors() -> None:
    """As plain data, by place."""
    with WorkflowSimulation(flows.chain) as sim:
        sim.run("x")
        storage = sim.storage
    assert isinstance(storage, CheckpointStore)
    assert [item["previous"] for item in storage.to_data()] == [None, 1, 2]


def test_any_storage_is_listed_in_order_of_saving(tmp_path: Path) -> None:
    """The framework's files have no order; what the workflow is shown has."""
    files = FileCheckpointStorage(tmp_path)
    asyncio.run(files.save(made("z-before", "chain")))
    with WorkflowSimulation(flows.chain, storage=files) as sim:
        run = sim.run("x")
        ledger = sim._flow.ledger
        assert ledger is not None
        wanted = ["z-before", *(item.checkpoint_id for item in run.checkpoints)]

    async def look() -> None:
        assert await ledger.list_checkpoint_ids(workflow_name="chain") == wanted
        found = await ledger.list_checkpoints(workflow_name="chain")
        assert [item.checkpoint_id for item in found] == wanted
        latest = await ledger.get_latest(workflow_name="chain")
        assert latest is not None
        assert latest.checkpoint_id == wanted[-1]
        assert await ledger.get_latest(workflow_name="other") is None
        assert await ledger.delete(wanted[-1])
        assert await ledger.list_checkpoint_ids(workflow_name="chain") == wanted[:-1]

    asyncio.run(look())


class Machine(RuleBasedStateMachine):
    """A store against a list."""

    def __init__(self) -> None:
        super().__init__()
        self.store = CheckpointStore()
        self.model: list[tuple[str, str, int]] = []

    @rule(key=st.sampled_from("abcd"), name=st.sampled_from("vw"), number=st.integers(0, 9))
    def save(self, key: str, name: str, number: int) -> None:
        """Save; an id that is known takes the last place."""
        now(self.store.save(made(key, name, number)))
        self.model = [item for item in self.model if item[0] != key] + [(key, name, number)]

    @rule(key=st.sampled_from("abcd"))
    def delete(self, key: str) -> None:
        """Delete, known or not."""
        known = any(item[0] == key for item in self.model)
        assert now(self.store.delete(key)) is known
        self.model = [item for item in self.model if item[0] != key]

    @rule(key=st.sampled_from("abcd"))
    def load(self, key: str) -> None:
        """Load, known or not."""
        known = [item for item in self.model if item[0] == key]
        if known:
            found = now(self.store.load(key))
            assert (key, found.workflow_name, found.state["number"][0]) == known[0]
        else:
            with pytest.raises(WorkflowCheckpointException):
                now(self.store.load(key))

    @invariant()
    def lists_agree(self) -> None:
        """Both lists, the latest, and the length."""
        for name in "vw":
            keys = [item[0] for item in self.model if item[1] == name]
            assert now(self.store.list_checkpoint_ids(workflow_name=name)) == keys
            found = now(self.store.list_checkpoints(workflow_name=name))
            assert [item.checkpoint_id for item in found] == keys
            latest = now(self.store.get_latest(workflow_name=name))
            assert (latest.checkpoint_id if latest else None) == (keys[-1] if keys else None)
        assert len(self.store) == len(self.model)


TestStore = pytest.mark.slow(Machine.TestCase)
