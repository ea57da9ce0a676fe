"""Contexts and history events, made without the JSON text that the SDK would parse.

They are what it makes of the text: tests/worker/test_given_contract.py compares field by field.
Like all `_sdk.py` modules, it changes nothing of what the SDK does.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime, tzinfo
from functools import lru_cache
from importlib import import_module
from typing import Any, Final

from azure.durable_functions import DurableOrchestrationContext
from azure.durable_functions.models.history import HistoryEvent

from wfsim.clock import from_us, iso
from wfsim.workers.azure_functions.observing._sdk import ObservedContext

__all__ = ["ContextMold", "bare_event", "history_event", "mark_played", "read_context"]

_event: Any = HistoryEvent
_parser: Any = import_module(HistoryEvent.__module__).dt_parse
_PARSE: Final[Any] = getattr(_parser, "__wrapped__", _parser)
"""The SDK's parser of dates."""
_ANY: Final[dict[str, Any]] = {"EventType": 12, "EventId": -1, "IsPlayed": False}
_MIDNIGHT: Final = "2000-01-01T00:00:00Z"
_any_event: object = _event(Timestamp=_MIDNIGHT, **_ANY)
_BLANK: Final = vars(_any_event)
"""What every event has."""


@lru_cache(maxsize=16)
def _zone(_names: tuple[str, str]) -> tzinfo | None:
    """Return the zone that the SDK's parser gives to dates in UTC, by the local zone's names."""
    made: datetime = _PARSE(_MIDNIGHT)
    return made.tzinfo


@lru_cache(maxsize=4096)
def _moment(us: int, names: tuple[str, str]) -> datetime:
    return from_us(us).replace(tzinfo=_zone(names))


def history_event(
    kind: int, event_id: int, at_us: int, fields: Mapping[str, Any], *, is_played: bool
) -> object:
    """Return the SDK's event object for one event of a history.

    Leans on where `HistoryEvent` keeps type, id, time and mark, and that all else keeps its name.

    Args:
        kind: The number of its type.
        event_id: The number of the decision; -1 for none.
        at_us: When it happened, in microseconds since 1970.
        fields: What else the host writes of it.
        is_played: Whether an earlier episode has seen it.
    """
    made = object.__new__(HistoryEvent)
    made.__dict__ = {
        **_BLANK,
        "_event_type": kind,
        "_event_id": event_id,
        "_is_played": is_played,
        "_timestamp": _moment(at_us, time.tzname),
        **fields,
    }
    return made


def bare_event(kind: int, at_us: int) -> object:
    """Return the event object for one that tells nothing but its time: one is as good as another.

    Args:
        kind: The number of its type.
        at_us: When it happened, in microseconds since 1970.
    """
    return _bare(kind, at_us, time.tzname)


@lru_cache(maxsize=4096)
def _bare(kind: int, at_us: int, _names: tuple[str, str]) -> object:
    return history_event(kind, -1, at_us, {}, is_played=False)


def mark_played(event: Any) -> None:  # noqa: ANN401 - the SDK's events are untyped
    """Mark an event object as one that an earlier episode has seen."""
    event._is_played = True


def read_context(body: str) -> Any:  # noqa: ANN401 - untyped
    """Return the context that the SDK makes of JSON text, ready to be observed."""
    return ObservedContext.from_json(body)


class ContextMold:
    """Makes contexts for one set of the host's settings.

    Leans on the attributes in which the context keeps instance, parent, input, history, version,
    its clock and whether it is replayed. All others depend on nothing but the settings.

    Args:
        settings: What the host sends of its settings.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        event = {**_ANY, "Timestamp": iso(0)}
        started = {**event, "EventType": 0, "Version": None}
        known: object = ObservedContext(
            history=[event, started],
            input=None,
            instanceId="",
            isReplaying=False,
            parentInstanceId=None,
            **settings,
        )
        self._fields = vars(known)
        # Each context has its own; they are empty before anything happens.
        kinds: Any = (list, dict, set)
        del self._fields["_histories"]
        self._own: list[tuple[str, Any]] = [
            (name, value) for name, value in self._fields.items() if isinstance(value, kinds)
        ]
        self._has_version = "_version" in self._fields

    def make(
        self,
        history: list[Any],
        *,
        instance_id: str,
        parent_id: str | None,
        given: object,
        is_replaying: bool,
        is_observed: bool = True,
    ) -> Any:  # noqa: ANN401 - the SDK's context is untyped
        """Return a context that nobody has used.

        Args:
            history: Event objects; it begins with that of the first episode's start and that of
                the generation's.
            instance_id: The instance.
            parent_id: The instance that started it, or None.
            given: The input as the host sends it.
            is_replaying: Whether an episode came before.
            is_observed: Whether it is to note what is made with it; else it is the SDK's own.
        """
        made = object.__new__(ObservedContext if is_observed else DurableOrchestrationContext)
        fields = made.__dict__
        fields.update(self._fields)
        for name, value in self._own:
            fields[name] = deepcopy(value) if value else value.copy()
        first, started = history[0], history[1]
        fields["_histories"] = history
        fields["_instance_id"] = instance_id
        fields["_parent_instance_id"] = parent_id
        fields["_is_replaying"] = is_replaying
        fields["_input"] = json.dumps(given) if isinstance(given, dict) else given
        fields["decision_started_event"] = first
        fields["_current_utc_datetime"] = first.timestamp
        if self._has_version:
            fields["_version"] = started.Version
        return made
