"""Many histories, handed out in batches: the same verdicts in the same order, and a flat memory."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import replace
from types import ModuleType
from typing import Any, Self

import pytest

from tests.replay.midpoint import EDITS, midpoint
from wfsim import AppLoadError, UsageError
from wfsim.explore import cluster as clusters
from wfsim.explore.cluster import cluster
from wfsim.replay import RecordedCheckpoint, RecordedHistory, Source, Unreadable
from wfsim.replay.bulk import replay_all, replay_with

APP = str(EDITS["renamed_activity"].new)


def _histories(count: int) -> Iterator[RecordedHistory | RecordedCheckpoint | Unreadable]:
    history = midpoint(EDITS["renamed_activity"])
    for number in range(count):
        yield replace(history, source=Source(path=f"{number}.yaml"))
    yield Unreadable(source=Source(path="cut.json"), why="It ends too early.")
    yield RecordedCheckpoint(source=Source(path="c.json"), workflow="blog", checkpoint_id="1")


class Inline:
    """Does at once what others do elsewhere, and counts what is under way."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def __call__(self, function: Callable[[Any], Any], argument: Any) -> Future[Any]:
        self.batches.append(len(argument.histories))
        future: Future[Any] = Future()
        future.set_result(function(argument))
        return future


def test_others_say_the_same_in_the_same_order() -> None:
    """Batches that are done elsewhere give the verdicts of one process."""
    here = list(replay_all(APP, _histories(120)))
    inline = Inline()
    elsewhere = list(replay_with(inline, APP, _histories(120), workers=2))
    assert elsewhere == here
    assert inline.batches == [50, 50, 22]
    assert [result.source.path for result in here[:120]] == [f"{n}.yaml" for n in range(120)]
    assert [str(result.verdict) for result in here[-2:]] == ["not replayable"] * 2


def test_no_more_is_read_than_is_handed_out() -> None:
    """Whoever takes one verdict has caused a few batches to be read, not everything."""
    read: list[int] = []

    def histories() -> Iterator[RecordedHistory | RecordedCheckpoint | Unreadable]:
        for number, item in enumerate(_histories(5_000)):
            read.append(number)
            yield item

    results = replay_with(Inline(), APP, histories(), workers=1)
    next(results)
    assert len(read) <= 200
    results.close()  # type: ignore[attr-defined]


def test_an_app_that_is_neither_is_a_wrong_call() -> None:
    """What has no functions, and is no workflow either, says so."""
    with pytest.raises(AppLoadError):
        list(replay_all("tests.replay.midpoint:EDITS", _histories(1)))


# --- a cluster, without one ----------------------------------------------------------------------


class Client:
    """Dask's client, as far as it matters."""

    threads: dict[str, int]

    def __init__(self, address: str, timeout: str) -> None:
        if address == "nowhere":
            raise OSError("refused")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def nthreads(self) -> dict[str, int]:
        """Return the workers."""
        return self.threads

    def get_executor(self) -> Executor:
        """Return something that calls at once."""

        class Now(Executor):
            def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
                future: Future[Any] = Future()
                future.set_result(fn(*args, **kwargs))
                return future

        return Now()


@pytest.fixture
def dask(monkeypatch: pytest.MonkeyPatch) -> type[Client]:
    """A module `distributed` whose workers are this process."""
    module = ModuleType("distributed")
    Client.threads = {"one": 2}
    module.Client = Client  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "distributed", module)
    monkeypatch.setattr(
        clusters, "call_apart", lambda function, argument, folder: function(argument)
    )
    return Client


def test_a_cluster_says_the_same(dask: type[Client]) -> None:
    """As many batches are under way as its workers have threads for."""
    with cluster("tcp://scheduler:1") as (submit, workers):
        assert workers == 2
        found = list(replay_with(submit, APP, _histories(60), workers=workers))
    assert found == list(replay_all(APP, _histories(60)))


def test_a_cluster_that_is_not_there_is_a_wrong_call(
    dask: type[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No scheduler, no workers, no package: each says what to do."""
    with (
        pytest.raises(UsageError, match="There is no Dask scheduler at 'nowhere'"),
        cluster("nowhere"),
    ):
        pass
    dask.threads = {}
    with pytest.raises(UsageError, match="has no workers"), cluster("tcp://x:1"):
        pass
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pip install 'wfsim\[scale\]'"), cluster("tcp://x:1"):
        pass
