"""Contexts and events that are made by hand are those that the SDK makes of JSON text."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.durable_functions import DurableOrchestrationContext
from azure.durable_functions.models.history import HistoryEvent
from hypothesis import given
from hypothesis import strategies as st

from wfsim.clock import from_us, iso, to_us
from wfsim.history import (
    EventRaised,
    ExecutionStarted,
    OrchestratorCompleted,
    OrchestratorStarted,
    ParentInstance,
    TaskCompleted,
    TaskFailed,
    TaskScheduled,
    TimerCreated,
    TimerFired,
)
from wfsim.history import (
    HistoryEvent as StoredEvent,
)
from wfsim.history.jsontext import write
from wfsim.hub.settings import HostSettings
from wfsim.hub.worker import Episode
from wfsim.workers.azure_functions.given._sdk import history_event
from wfsim.workers.azure_functions.prepared import PreparedContexts
from wfsim.workers.azure_functions.wire import ContextWriter, event_json

AT = to_us(datetime(2024, 2, 29, 23, 59, 59, 120_000, tzinfo=UTC))
EVENTS: list[StoredEvent] = [
    OrchestratorStarted(at_us=AT),
    OrchestratorCompleted(at_us=AT),
    TaskScheduled(at_us=AT, event_id=3, name="say", input="[1]"),
    TaskCompleted(at_us=AT + 1, task_id=3, result="1"),
    TaskFailed(at_us=AT, task_id=3, reason="no", details=None),
    TimerCreated(at_us=AT, event_id=4, fire_at_us=AT + 5_000_000),
    TimerFired(at_us=AT, timer_id=4, fire_at_us=AT + 5_000_000),
    EventRaised(at_us=AT, name="go", input='{"a":1}'),
]


@pytest.mark.parametrize("stored", EVENTS, ids=lambda item: type(item).__name__)
@pytest.mark.parametrize("is_played", [True, False])
@pytest.mark.parametrize("store_inputs", [True, False])
def test_an_event_is_that_of_the_wire(
    stored: StoredEvent, *, is_played: bool, store_inputs: bool
) -> None:
    """Each kind of event has the attributes that the SDK gives it, with the same values."""
    made = PreparedContexts(HostSettings(store_inputs=store_inputs)).event(
        stored, is_played=is_played
    )
    text = json.dumps(event_json(stored, is_played=is_played, store_inputs=store_inputs))
    assert vars(made) == vars(HistoryEvent(**json.loads(text)))


@given(us=st.integers(to_us(datetime(1950, 1, 1, tzinfo=UTC)), AT))
def test_a_moment_is_what_the_sdk_parses(us: int) -> None:
    """Any instant has the date, the offset and the kind of zone of the SDK's parser."""
    made: Any = history_event(12, -1, us, {}, is_played=False)
    real = HistoryEvent(EventType=12, EventId=-1, IsPlayed=False, Timestamp=iso(us))
    assert made.timestamp == real.timestamp
    assert repr(made.timestamp) == repr(real.timestamp)
    assert made.timestamp - timedelta(0) == from_us(us)


def test_a_moment_follows_the_local_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK's parser calls UTC local where it is; so does an event that is made by hand."""
    kinds = set()
    for zone in ("UTC", "NPT-5:45", "UTC"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        made: Any = history_event(12, -1, AT, {}, is_played=False)
        real = HistoryEvent(EventType=12, EventId=-1, IsPlayed=False, Timestamp=iso(AT))
        assert repr(made.timestamp) == repr(real.timestamp)
        kinds.add(repr(made.timestamp.tzinfo))
    monkeypatch.undo()
    time.tzset()
    assert len(kinds) == 2


INPUTS = st.one_of(
    st.none(), st.text(max_size=5), st.integers(), st.dictionaries(st.text(max_size=2), st.none())
)


@given(
    given_input=INPUTS,
    has_parent=st.booleans(),
    version=st.sampled_from(["", "1.2"]),
    settings=st.builds(
        HostSettings,
        max_short_timer_us=st.sampled_from([None, 6 * 86_400_000_000, 1_500_000]),
        long_timer_interval_us=st.sampled_from([None, 3 * 86_400_000_000]),
    ),
    new_from=st.sampled_from([0, 3]),
)
def test_a_context_is_that_of_the_wire(
    given_input: object, has_parent: bool, version: str, settings: HostSettings, new_from: int
) -> None:
    """A context has the attributes that the SDK gives it, and shares none that changes."""
    parent = ParentInstance(name="p", instance_id="P", execution_id="e", task_id=0)
    started = ExecutionStarted(
        at_us=AT,
        instance_id="one",
        execution_id="f" * 32,
        name="steps",
        version=version,
        input=None if given_input is None else write(given_input),
        parent=parent if has_parent else None,
    )
    history = [OrchestratorStarted(at_us=AT), started, *EVENTS[2:3]]
    episode = Episode(started=started, history=history, new_from=new_from)
    maker = PreparedContexts(settings)
    events = [maker.event(item, is_played=n < new_from) for n, item in enumerate(history)]
    made, other = (
        maker.context(episode, events, is_replaying=new_from > 0, is_observed=observed)
        for observed in (False, True)
    )
    real: Any = DurableOrchestrationContext.from_json(ContextWriter(settings).context(episode))
    assert type(made) is DurableOrchestrationContext
    assert _shown(made) == _shown(real)
    assert list(map(vars, made._histories)) == list(map(vars, real._histories))
    shared = [
        name
        for name, value in vars(made).items()
        if isinstance(value, list | dict | set) and vars(other)[name] is value
    ]
    assert shared == ["_histories"]


def _shown(context: Any) -> dict[str, Any]:
    fields = dict(vars(context))
    fields["_histories"] = len(fields["_histories"])
    fields["decision_started_event"] = vars(fields["decision_started_event"])
    fields["_function_context"] = vars(fields["_function_context"])
    return fields
