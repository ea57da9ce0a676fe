"""Histories as the SDK's own event objects, made once per event.

A check that replays a history which the SDK has just read over the wire need not read it again.
"""

from __future__ import annotations

from wfsim.hub.worker import Episode
from wfsim.workers.azure_functions import _sdk
from wfsim.workers.azure_functions.wire import event_json

__all__ = ["PreparedHistories"]


class PreparedHistories:
    """The past of each live generation, everything in it marked as replayed."""

    def __init__(self) -> None:
        self._past: dict[str, list[object]] = {}

    def of(self, episode: Episode) -> list[object]:
        """Return what a later episode without news would show.

        All events of the episode are in its past, so the orchestrator must make the same decisions
        again, and no new ones.
        """
        known = self._past.setdefault(episode.execution_id, [])
        if len(known) > len(episode.history):  # not the latest episode
            known.clear()
        known.extend(
            _sdk.history_event(event_json(event, is_played=True))
            for event in episode.history[len(known) :]
        )
        return known.copy()

    def forget(self, execution_id: str) -> None:
        """Drop what is remembered of a generation."""
        self._past.pop(execution_id, None)
