"""What `_sdk.py` leans on inside `azure-functions(-durable)`: each internal, and what it does.

When a test here fails, a release has moved something: the message says what, and which function
of wfsim/workers/azure_functions/_sdk.py must follow.
"""

from __future__ import annotations

import inspect
import json
from datetime import timedelta
from types import GeneratorType
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest
from azure.durable_functions.models.Task import TaskBase
from azure.functions import _durable_functions as codec
from azure.functions.durable_functions import ActivityTriggerConverter
from azure.functions.meta import Datum

from tests.apps import Context, Steps, app_of
from wfsim.workers.azure_functions import _sdk
from wfsim.workers.azure_functions.observing import _sdk as observing
from wfsim.workers.azure_functions.reply import Reply

pytestmark = pytest.mark.filterwarnings("ignore:azure.functions")

STARTED = "2000-01-01T00:00:00Z"


def body(*events: dict[str, Any]) -> str:
    """Return a context whose history is a start and `events`."""
    common = {"EventId": -1, "IsPlayed": False, "Timestamp": STARTED}
    history = [
        common | {"EventType": 12},
        common | {"EventType": 0, "Name": "f", "Version": "", "Input": None},
        *(common | event for event in events),
    ]
    data = {
        "history": history,
        "input": None,
        "instanceId": "i",
        "isReplaying": False,
        "parentInstanceId": None,
        "upperSchemaVersion": 1,
        "upperSchemaVersionNew": 2,
        "longRunningTimerIntervalDuration": "3.00:00:00",
        "maximumShortTimerDuration": "6.00:00:00",
        "defaultHttpAsyncRequestSleepTimeMillseconds": 30000,
    }
    return json.dumps(data)


def observed(code: Any, *events: dict[str, Any]) -> tuple[_sdk.Observation, Reply]:
    """Run one observed pass of an orchestrator."""
    seen = _sdk.Observation()
    handle = df.Orchestrator.create(code)
    return seen, _sdk.observe(handle, code, _sdk.read_context(body(*events)), seen)


# --- functions_of, orchestrator_code --------------------------------------------------------------


def test_an_app_is_a_function_register_and_a_blueprint_has_builders() -> None:
    """`is_app` tells apps by `func.FunctionRegister` and blueprints by `_function_builders`."""
    assert issubclass(df.DFApp, func.FunctionRegister), "is_app: DFApp left FunctionRegister"
    assert issubclass(func.FunctionApp, func.FunctionRegister), "is_app: FunctionApp moved"
    assert hasattr(df.Blueprint(), "_function_builders"), "is_app: Blueprint._function_builders"


def test_an_indexed_function_tells_its_trigger() -> None:
    """`_registered` reads trigger type, name property and parameter from `get_dict_repr`."""
    app = df.DFApp()

    @app.orchestration_trigger(context_name="ctx", orchestration="Renamed")
    def plain(ctx: Context) -> Steps:
        yield

    @app.activity_trigger(input_name="value", activity="Other")
    def work(value: Any) -> Any:
        return value

    @app.entity_trigger(context_name="ctx", entity_name="Counter")
    def counter(ctx: Any) -> None: ...

    found = {item.kind: item for item in _sdk.functions_of(app)}
    assert {kind: item.name for kind, item in found.items()} == {
        "orchestrator": "Renamed",
        "activity": "Other",
        "entity": "Counter",
    }, "functions_of: a trigger's type or its renaming property has another name"
    assert found["activity"].parameter == "value", "functions_of: the trigger's name moved"
    assert found["activity"].call(value=3) == 3, "functions_of: get_user_function moved"


def test_the_handle_keeps_the_users_generator() -> None:
    """`orchestrator_code` takes `handle.orchestrator_function`."""

    def code(context: Context) -> Steps:
        yield

    handle = df.Orchestrator.create(code)
    assert _sdk.orchestrator_code(handle) is code, "orchestrator_code: orchestrator_function moved"


def test_indexing_twice_is_possible_and_leaves_the_app_as_it_was() -> None:
    """`functions_of` resets and restores what `get_functions` remembers."""
    app = app_of()
    before = {name: getattr(app, name, None) for name in _sdk._INDEXING_STATE}
    names = [item.name for item in _sdk.functions_of(app)]
    assert [item.name for item in _sdk.functions_of(app)] == names, "functions_of: not repeatable"
    after = {name: getattr(app, name, None) for name in _sdk._INDEXING_STATE}
    assert after == before, "functions_of: app changed by indexing"


# --- payloads -------------------------------------------------------------------------------------


def test_the_codec_encodes_custom_objects() -> None:
    """`dump_input` uses `df_dumps`, or `_serialize_custom_object` before there was one."""
    assert hasattr(codec, "df_dumps") or hasattr(codec, "_serialize_custom_object"), (
        "dump_input: azure.functions._durable_functions has neither function"
    )
    assert json.loads(_sdk.dump_input({"a": [1, None]})) == {"a": [1, None]}
    with pytest.raises(TypeError):
        _sdk.dump_input(object())


def test_the_workers_converter_decodes_and_encodes_activities() -> None:
    """`load_input` and `encode_result` go through ActivityTriggerConverter and Datum."""
    datum = Datum(type="json", value='{"a": 1}')
    decoded = ActivityTriggerConverter.decode(datum, trigger_metadata=None)
    assert decoded == {"a": 1}, "load_input: ActivityTriggerConverter.decode changed"
    assert _sdk.load_input("not json") == "not json", "load_input: text is no longer kept"
    assert json.loads(_sdk.encode_result([1, "x"])) == [1, "x"], "encode_result changed"
    with pytest.raises(ValueError, match="activity trigger output must be json serializable"):
        _sdk.encode_result(object())


# --- observe --------------------------------------------------------------------------------------


def test_the_context_counts_actions_in_the_last_list() -> None:
    """`_drive` reads `context._actions[-1]`, to which each yield appends its action."""

    def code(context: Context) -> Steps:
        assert context._actions == [[]], "_drive: context._actions is another shape"
        yield context.task_any([context.call_activity("a"), context.wait_for_external_event("e")])

    seen, reply = observed(code)
    assert [count for count, *_ in seen.places] == [0]
    assert len(reply.actions) == 1
    assert seen.place_of_action(0) == seen.current_place


def test_every_method_that_makes_a_task_exists_and_returns_one() -> None:
    """`_TASK_METHODS` names methods of the context that return a TaskBase."""
    retry = df.RetryOptions(1000, 2)
    soon = timedelta(hours=1)
    made: list[Any] = []

    def code(context: Context) -> Steps:
        made.extend(
            [
                context.call_activity("a"),
                context.call_activity_with_retry("a", retry),
                context.call_sub_orchestrator("o"),
                context.call_sub_orchestrator_with_retry("o", retry),
                context.call_entity(df.EntityId("e", "k"), "op"),
                context.call_http("GET", "https://example.org"),
                context.create_timer(context.current_utc_datetime + soon),
                context.wait_for_external_event("e"),
            ]
        )
        made.append(context.task_all(made[:1]))
        yield context.task_any(made)

    seen, _ = observed(code)
    assert all(isinstance(task, TaskBase) for task in made), "_TASK_METHODS: no TaskBase"
    methods = {method for _, method, _ in seen.created}
    assert methods == set(observing._TASK_METHODS), "_TASK_METHODS and the SDK's methods differ"


@pytest.mark.parametrize(
    ("make", "wait"),
    [
        (lambda c: c.call_activity("a"), ("activity", "a")),
        (lambda c: c.call_activity_with_retry("a", df.RetryOptions(1, 2)), ("activity", "a")),
        (lambda c: c.call_sub_orchestrator("o"), ("child", "o")),
        (lambda c: c.call_sub_orchestrator_with_retry("o", df.RetryOptions(1, 2)), ("child", "o")),
        (lambda c: c.call_entity(df.EntityId("e", "k"), "op"), ("entity", "@e@k")),
        (lambda c: c.call_http("GET", "https://e.org"), ("activity", "BuiltIn::HttpActivity")),
        (lambda c: c.wait_for_external_event("e"), ("event", "e")),
    ],
)
def test_an_open_task_tells_what_it_waits_for(make: Any, wait: tuple[str, str]) -> None:
    """`_leaves` reads kind and name of each task, alone and inside compounds."""

    def alone(context: Context) -> Steps:
        yield make(context)

    def nested(context: Context) -> Steps:
        yield context.task_any([context.task_all([make(context)]), context.call_activity("z")])

    assert observed(alone)[0].waits() == [wait], "_leaves: another action or attribute"
    assert observed(nested)[0].waits() == [wait, ("activity", "z")], "_leaves: compounds changed"


@pytest.mark.parametrize("days", [1, 14])
def test_a_timer_tells_when_it_is_due(days: int) -> None:
    """`_leaves` reads `action.fire_at` of short timers and of LongTimerTask."""

    def code(context: Context) -> Steps:
        yield context.create_timer(context.current_utc_datetime + timedelta(days=days))

    ((kind, due),) = observed(code)[0].waits()
    assert kind == "timer"
    assert str(due)[:10] == f"2000-01-{1 + days:02}", "_leaves: a long timer hides its deadline"


def test_tasks_know_whether_they_were_scheduled_and_by_whom() -> None:
    """`never_yielded` reads `_is_scheduled` and `parent`."""

    def code(context: Context) -> Steps:
        context.task_all([context.call_activity("lost"), context.call_activity("too")])
        yield context.call_activity("kept")

    seen, _ = observed(code)
    assert [method for method, _ in seen.never_yielded()] == ["task_all"], "never_yielded changed"


def test_event_waits_tell_their_name_and_whether_it_came() -> None:
    """`event_waits` reads `id` and `is_completed` of the task."""

    def code(context: Context) -> Steps:
        yield context.wait_for_external_event("one")
        yield context.wait_for_external_event("two")

    seen, _ = observed(code, {"EventType": 15, "Name": "one", "Input": "1"})
    assert seen.event_waits() == [("one", True), ("two", False)], "event_waits changed"


def test_the_executor_drives_a_generator_and_nothing_else() -> None:
    """`_drive` is a generator itself, because the SDK tells generators by GeneratorType."""
    from azure.durable_functions.models.TaskOrchestrationExecutor import TaskOrchestrationExecutor

    source = inspect.getsource(TaskOrchestrationExecutor)
    assert "GeneratorType" in source, "_drive: the SDK tells generators another way"
    assert isinstance(observing._drive(iter(()), None, _sdk.Observation()), GeneratorType)  # type: ignore[arg-type]


def test_a_failure_is_labelled_and_keeps_its_cause() -> None:
    """`reply.from_error` looks for the label and for the user's exception in `__cause__`."""

    def code(context: Context) -> Steps:
        raise KeyError("mine")
        yield

    with pytest.raises(Exception, match="OutOfProcData") as caught:
        observed(code)
    assert isinstance(caught.value.__cause__, KeyError), "from_error: the cause is not chained"


def test_the_newest_schema_is_the_third() -> None:
    """The walk reads schemas 1 and 2, which the context offers."""
    from azure.durable_functions.models.ReplaySchema import ReplaySchema

    assert max(item.value for item in ReplaySchema) == 2, "walk: the SDK speaks a newer schema"
