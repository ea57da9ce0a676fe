"""Self-contained orchestrators: their answers are functions of their histories, for certain.

Their code, and that of all it calls, uses only arguments, constants, globals that nothing changes,
and functions of a few libraries that depend on nothing else. What checks look for cannot be there:
such code has no clock, no chance, no environment, and no way to tell one replay from another.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Final

from wfsim.history import (
    EventRaised,
    ExecutionStarted,
    HistoryEvent,
    SubOrchestrationInstanceCompleted,
    TaskCompleted,
)
from wfsim.hub.worker import Episode
from wfsim.workers.azure_functions import _sdk
from wfsim.workers.azure_functions.fingerprint import Fingerprints, State
from wfsim.workers.azure_functions.registered import Registered

__all__ = ["Containment", "makes_objects"]

_TELLING: Final = frozenset(
    {
        *("now", "utcnow", "today"),  # of `datetime`, which may be used otherwise
        *("is_replaying", "_is_replaying", "is_played", "_is_played", "set_is_played"),
        *("histories", "_histories", "decision_started_event", "create_replay_safe_logger"),
    }
)
"""Attributes that show more than a history: the time, or how far the replay is."""
_BY_NAME: Final = (operator.attrgetter, operator.methodcaller)
"""What gets at attributes whose names no code shows."""
_CUSTOM: Final = "__class__"
"""Marks an object in JSON text, which user code makes."""
_MOST: Final = 20_000
"""So many pieces of code and of libraries are remembered in one process."""

_shared: Final = [Fingerprints()]
"""What knows the code of all apps: reading it takes longer than looking at globals."""


def _fingerprints() -> Fingerprints:
    if _shared[0].size > _MOST:
        _shared[0] = Fingerprints()
    return _shared[0]


class Containment:
    """Tells of the orchestrators of one app whether they are self-contained.

    Args:
        find: Returns an orchestrator of the app by its name.
        fingerprints: What knows the app's code, if there is something.
    """

    def __init__(
        self,
        find: Callable[[str], Registered | None],
        fingerprints: Fingerprints | None = None,
    ) -> None:
        self._find = find
        self._fingerprints = fingerprints or _fingerprints()
        self._states: dict[str, State | None] = {}
        """Per orchestrator: the state of all that it reads; None where it is not self-contained."""
        self._asked: Episode | None = None
        """The latest episode that was asked about."""
        self._tainted: set[str] = set()
        """Generations that got objects which user code makes."""

    def covers_all(self, episode: Episode) -> bool:
        """Whether the answer to an episode is a function of its history; nothing is remembered."""
        return self.holds(episode.name) and not any(map(makes_objects, episode.history))

    def covers(self, episode: Episode) -> bool:
        """Whether the answer to an episode is a function of its history; asked before its call."""
        self._asked, execution_id = episode, episode.started.execution_id
        if execution_id in self._tainted:
            return False
        for event in episode.history[episode.new_from :]:
            if isinstance(event, _WITH_PAYLOAD) and makes_objects(event):
                self._tainted.add(execution_id)
                return False
        return self.holds(episode.started.name)

    def still_covers(self, episode: Episode, *, is_fresh: bool) -> bool:
        """Whether that is so after an episode.

        Args:
            episode: The episode.
            is_fresh: Whether nothing but its own code has run since it began.
        """
        if self._tainted and episode.execution_id in self._tainted:
            return False
        state = self._states.get(episode.started.name)
        if is_fresh and self._asked is episode and state is not None and state.is_inert:
            return True
        return self.holds(episode.name)

    def holds(self, name: str) -> bool:
        """Whether an orchestrator is self-contained, and nothing has changed in what it reads."""
        state = self._states.get(name)
        if state is None and name not in self._states:
            state = self._states[name] = self._look(name)
        if state is not None and not state.holds():
            # What changes once may change again.
            state = self._states[name] = None
        return state is not None

    def _look(self, name: str) -> State | None:
        function = self._find(name)
        if function is None:
            return None
        code = _sdk.orchestrator_code(function.call)
        state = self._fingerprints.of_call(function.call, code)
        is_telling = state.has_sets or not state.attributes.isdisjoint(_TELLING)
        return None if is_telling or state.reads_any_of(_BY_NAME) else state

    def forget(self, execution_id: str) -> None:
        """Drop what is remembered of a generation."""
        self._tainted.discard(execution_id)


def makes_objects(event: HistoryEvent) -> bool:
    """Whether an event may have the SDK call code of the user's, to make an object."""
    payload = None
    if isinstance(event, _WITH_RESULT):
        payload = event.result
    elif isinstance(event, _WITH_INPUT):
        payload = event.input
    return payload is not None and _CUSTOM in payload


# A union would be made anew each time.
_WITH_RESULT: Final = (TaskCompleted, SubOrchestrationInstanceCompleted)
_WITH_INPUT: Final = (ExecutionStarted, EventRaised)
_WITH_PAYLOAD: Final = (*_WITH_RESULT, *_WITH_INPUT)
