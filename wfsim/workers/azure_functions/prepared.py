"""Histories and contexts as the SDK's own objects, without JSON text in between.

A check that replays a history which the SDK has just read over the wire need not read it again.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Any, Final

from wfsim.history import (
    HistoryEvent,
    OrchestratorCompleted,
    OrchestratorStarted,
    SubOrchestrationInstanceCreated,
    TaskScheduled,
    TimerCreated,
)
from wfsim.history.jsontext import parse
from wfsim.hub.settings import HostSettings
from wfsim.hub.worker import Episode
from wfsim.workers.azure_functions import _sdk
from wfsim.workers.azure_functions.wire import fields_of, is_played_later, tail_of

__all__ = ["UNHEARD", "PreparedContexts"]

UNHEARD: Final[frozenset[type]] = frozenset(
    {OrchestratorCompleted, TaskScheduled, TimerCreated, SubOrchestrationInstanceCreated}
)
"""What the SDK's executor reads over, since it numbers its own tasks; tests/worker/
test_live_contract.py shows that it does."""
_BARE: Final[frozenset[type]] = frozenset({OrchestratorStarted, OrchestratorCompleted})
"""Events that tell nothing but their time, and are never marked as played."""


class PreparedContexts:
    """Contexts and events of one app's orchestrators, as the SDK would read them over the wire.

    Args:
        settings: The host's settings.
    """

    def __init__(self, settings: HostSettings) -> None:
        self._settings = settings
        self._store_inputs = settings.store_inputs

    @cached_property
    def _mold(self) -> _sdk.ContextMold:
        return _mold(self._settings)

    def event(self, event: HistoryEvent, *, is_played: bool) -> object:
        """Return the SDK's object for an event."""
        if type(event) in _BARE:
            return _sdk.bare_event(event.type, event.at_us)
        return _sdk.history_event(
            event.type,
            getattr(event, "event_id", -1),
            event.at_us,
            fields_of(event, store_inputs=self._store_inputs),
            is_played=is_played and is_played_later(event),
        )

    def context(
        self,
        episode: Episode,
        history: list[object],
        *,
        is_replaying: bool = True,
        is_observed: bool = True,
    ) -> Any:  # noqa: ANN401 - the SDK's is untyped
        """Return the context of an episode.

        Args:
            episode: The episode.
            history: The SDK's objects for its events.
            is_replaying: Whether an episode came before.
            is_observed: Whether the context is to note what is made with it.
        """
        started = episode.started
        return self._mold.make(
            history,
            instance_id=started.instance_id,
            parent_id=None if started.parent is None else started.parent.instance_id,
            given=parse(started.input),
            is_replaying=is_replaying,
            is_observed=is_observed,
        )


@lru_cache(maxsize=16)
def _mold(settings: HostSettings) -> _sdk.ContextMold:
    return _sdk.ContextMold(tail_of(settings))
