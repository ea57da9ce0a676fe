"""Every fixture app takes over its own histories, from every point of every run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from tests.apps import fixture_app
from tests.replay.recorded import histories_of
from tests.scenes import STARTED, staged
from wfsim.errors import WfsimError
from wfsim.history import RuntimeStatus
from wfsim.replay import RecordedHistory, Replayer
from wfsim.replay.turns import turns_of


def _recorded(scene: str) -> list[RecordedHistory]:
    with staged(scene) as (sim, until):
        with suppress(WfsimError):  # some scenes show what goes wrong
            sim.advance(until)
        return histories_of(sim.trace)


def _cut(history: RecordedHistory) -> Iterator[RecordedHistory]:
    *before, _ = turns_of(history.events)
    for turn in before:
        yield replace(history, events=history.events[: turn.end], status=RuntimeStatus.RUNNING)


@pytest.mark.parametrize("scene", STARTED)
def test_code_takes_over_what_it_recorded(scene: str) -> None:
    """Whole, and cut at every turn border, in one pass and turn by turn: all is compatible."""
    with Replayer(fixture_app(scene.rpartition("/")[0])) as replayer, replayer.active():
        for history in _recorded(scene):
            for part in (history, *_cut(history)):
                turn_by_turn = replace(part, waits={})
                for form in (part, turn_by_turn):
                    result = replayer.replay(form)
                    assert result.verdict == "compatible", (history.instance_id, result)
                    assert not result.warnings
