"""Histories as the SDK's own event objects, made once per event.

Parsing dates is most of what a replay costs. A check that replays a history which the SDK has just
read over the wire need not read it again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from wfsim.history import HistoryEvent
from wfsim.hub.worker import Episode
from wfsim.workers.azure_functions import _sdk
from wfsim.workers.azure_functions.wire import event_json

__all__ = ["PreparedHistories"]


@dataclass(slots=True)
class _Generation:
    past: list[object] = field(default_factory=list[object])
    unused: Any = None
    """A context of the generation that no orchestrator has seen."""


class PreparedHistories:
    """The past of each live generation, everything in it marked as replayed.

    Args:
        opening: Writes the context of an episode with no more history than the SDK needs to start.
    """

    def __init__(self, opening: Callable[[Episode], str]) -> None:
        self._opening = opening
        self._generations: dict[str, _Generation] = {}

    def context(self, episode: Episode) -> Any:  # noqa: ANN401 - the SDK's context is untyped
        """Return the context that a later episode without news would have.

        All events of the episode are in its past, so the orchestrator must make the same decisions
        again, and no new ones.
        """
        known = self._generations.setdefault(episode.execution_id, _Generation())
        if known.unused is None:
            known.unused = _sdk.read_context(self._opening(episode))
        if len(known.past) > len(episode.history):  # not the latest episode
            known.past.clear()
        known.past.extend(map(_prepared, episode.history[len(known.past) :]))
        return _sdk.fresh_context(known.unused, known.past.copy())

    def forget(self, execution_id: str) -> None:
        """Drop what is remembered of a generation."""
        self._generations.pop(execution_id, None)


def _prepared(event: HistoryEvent) -> object:
    return _sdk.history_event(event_json(event, is_played=True))
