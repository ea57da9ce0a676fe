"""The contexts of replays: histories as the SDK's own event objects, made once per event."""

from __future__ import annotations

from typing import Any

from wfsim.hub.worker import Episode
from wfsim.workers.azure_functions.live import FastLane
from wfsim.workers.azure_functions.prepared import PreparedContexts

__all__ = ["PreparedPasts"]


class PreparedPasts:
    """The past of each live generation, everything in it marked as replayed.

    Args:
        contexts: Makes contexts and events.
        lane: Has such histories already, where generators are kept.
    """

    def __init__(self, contexts: PreparedContexts, lane: FastLane | None) -> None:
        self._contexts = contexts
        self._lane = lane
        self._past: dict[str, list[object]] = {}

    def context(self, episode: Episode, *, is_observed: bool = True, is_whole: bool = True) -> Any:  # noqa: ANN401 - the SDK's is untyped
        """Return the context of a later episode without news.

        All events of the episode are in its past, so the orchestrator must make the same decisions
        again, and no new ones.

        Args:
            episode: The episode.
            is_observed: Whether the context is to note what is made with it.
            is_whole: Whether events must be there that the SDK does nothing with. The orchestrator
                would see them; one that is self-contained cannot look.
        """
        events = None if self._lane is None else self._lane.past(episode, is_whole=is_whole)
        if events is None:
            events = self._events(episode).copy()
        return self._contexts.context(episode, events, is_observed=is_observed)

    def _events(self, episode: Episode) -> list[object]:
        known = self._past.setdefault(episode.execution_id, [])
        if len(known) > len(episode.history):  # not the latest episode
            known.clear()
        known.extend(
            self._contexts.event(event, is_played=True) for event in episode.history[len(known) :]
        )
        return known

    def forget(self, execution_id: str) -> None:
        """Drop what is remembered of a generation."""
        self._past.pop(execution_id, None)
