"""Histories as the SDK's own event objects, made once per event.

A check that replays a history which the SDK has just read over the wire need not read it again.
"""

from __future__ import annotations

from typing import Any

from wfsim.hub.worker import Episode
from wfsim.workers.azure_functions import _sdk
from wfsim.workers.azure_functions.live import FastLane
from wfsim.workers.azure_functions.wire import ContextWriter, event_json

__all__ = ["PreparedHistories"]


class PreparedHistories:
    """The past of each live generation, everything in it marked as replayed.

    Args:
        writer: Writes what surrounds a history.
        lane: Has such histories already, where generators are kept.
    """

    def __init__(self, writer: ContextWriter, lane: FastLane | None) -> None:
        self._writer = writer
        self._lane = lane
        self._past: dict[str, list[object]] = {}
        self._contexts: dict[str, Any] = {}
        """Per generation: a context that nobody has used."""

    def context(self, episode: Episode, *, is_observed: bool = True) -> Any:  # noqa: ANN401 - the SDK's is untyped
        """Return the context of a later episode without news.

        All events of the episode are in its past, so the orchestrator must make the same decisions
        again, and no new ones.
        """
        live = None if self._lane is None else self._lane.find(episode)
        if live is not None:
            events = live.orchestrator.events.copy()
            return _sdk.another_context(live.unused, events, is_observed=is_observed)
        unused = self._contexts.get(episode.execution_id)
        if unused is None:
            unused = _sdk.read_context(self._writer.opening(episode))
            self._contexts[episode.execution_id] = unused
        return _sdk.another_context(unused, self._events(episode), is_observed=is_observed)

    def _events(self, episode: Episode) -> list[object]:
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
        self._contexts.pop(execution_id, None)
