"""Histories of code before an edit, taken in the middle of a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.apps import ROOT
from tests.replay.recorded import histories_of
from wfsim.replay import RecordedHistory, Replayer
from wfsim.replay.corpus.coverage import covered
from wfsim.scenario import load, play

__all__ = ["EDITS", "Edit", "midpoint"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A pair of versions of an app, and what is to be said of it."""

    folder: Path
    verdict: str
    kind: str
    """Of the difference, or of the one warning; empty for none."""
    at: str
    """Part of the line of today's code that is to be named; empty where any will do."""

    @property
    def name(self) -> str:
        """What was done."""
        return self.folder.name

    @property
    def new(self) -> Path:
        """Today's code."""
        return self.folder / "new"

    @property
    def line(self) -> int | None:
        """The line that is to be named."""
        lines = (self.new / "function_app.py").read_text(encoding="utf-8").splitlines()
        return next((n for n, text in enumerate(lines, 1) if self.at and self.at in text), None)


def _edits() -> Iterator[Edit]:
    for path in sorted((ROOT / "fixtures" / "edits").glob("*/edit.yaml")):
        data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        yield Edit(
            folder=path.parent,
            verdict=data["verdict"],
            kind=data.get("kind", ""),
            at=data.get("at", ""),
        )


EDITS = {edit.name: edit for edit in _edits()}


@cache
def midpoint(edit: Edit) -> RecordedHistory:
    """Run the code before the edit until the step that was edited is done."""
    outcome = play(load(edit.folder / "old" / "scenario.yaml"))
    assert outcome.error is None, outcome.error
    history = histories_of(outcome.trace)[0]
    with Replayer(edit.folder / "old") as replayer, replayer.active():
        return covered(history, replayer.rehearsal).history
