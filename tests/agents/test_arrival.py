"""An app may import Agent Framework at any time; wfsim is told when it does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wfsim.agents.arrival import upon_arrival


@pytest.fixture
def newcomer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a module that nobody has imported yet."""
    (tmp_path / "wfsim_newcomer.py").write_text("READY = True\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield "wfsim_newcomer"
    sys.modules.pop("wfsim_newcomer", None)


def test_it_is_told_once_the_module_is_whole(newcomer: str) -> None:
    """The call comes right after the module's own code has run, and only once."""
    seen: list[bool] = []
    with upon_arrival(newcomer, lambda: seen.append(sys.modules[newcomer].READY)):
        __import__(newcomer)
        __import__(newcomer)
    assert seen == [True]


def test_the_module_looks_as_if_nobody_had_watched(newcomer: str) -> None:
    """Loader and spec are those of an ordinary import, and no finder stays behind."""
    before = list(sys.meta_path)
    with upon_arrival(newcomer, lambda: None):
        module = __import__(newcomer)
    assert type(module.__loader__).__name__ == "SourceFileLoader"
    assert module.__spec__ is not None
    assert module.__spec__.loader is module.__loader__
    assert sys.meta_path == before


def test_nothing_is_told_after_the_end(newcomer: str) -> None:
    """An import behind the block is none of its business."""
    seen: list[str] = []
    before = list(sys.meta_path)
    with upon_arrival(newcomer, lambda: seen.append(newcomer)):
        assert sys.meta_path != before
    assert sys.meta_path == before
    __import__(newcomer)
    assert seen == []


def test_a_module_that_is_not_there_is_missed_as_ever() -> None:
    """Watching for a module that nobody has does not change the error."""
    told: list[str] = []
    with (
        upon_arrival("wfsim_nobody_has_this", lambda: told.append("?")),
        pytest.raises(ModuleNotFoundError, match=r"^No module named 'wfsim_nobody_has_this'"),
    ):
        __import__("wfsim_nobody_has_this")
    assert told == []
