"""What the SDK does once instead of in each episode: the same comes out."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import time
import typing
from typing import Any

import azure.durable_functions as df
import pytest
from azure.durable_functions.models.history import HistoryEvent
from azure.durable_functions.models.TaskOrchestrationExecutor import TaskOrchestrationExecutor
from azure.functions import _durable_functions as codec

from wfsim.workers.azure_functions.shortcuts import _sdk

pytestmark = pytest.mark.filterwarnings("ignore:azure.functions")
CODEC: Any = codec
TYPING: Any = typing
CONTEXT: Any = importlib.import_module("azure.durable_functions.models.DurableOrchestrationContext")


@pytest.mark.parametrize(
    "text", ["2000-01-01T00:00:00Z", "2024-02-29T23:59:59.1234567Z", "2024-05-01T12:00:00.5Z"]
)
def test_dates_that_are_remembered_are_the_dates_that_the_sdk_parses(text: str) -> None:
    """`shortcuts` gives what the SDK's own parser gives, offset included."""
    event: dict[str, Any] = {"EventType": 12, "EventId": -1, "IsPlayed": False, "Timestamp": text}
    plain = HistoryEvent(**event)
    with _sdk.shortcuts():
        remembered = [HistoryEvent(**event) for _ in range(2)]
    for made in remembered:
        assert made.timestamp == plain.timestamp, "shortcuts: HistoryEvent.dt_parse moved"
        assert made.timestamp.utcoffset() == plain.timestamp.utcoffset()
    assert remembered[0].timestamp is remembered[1].timestamp, "shortcuts: dt_parse not in use"


def test_dates_are_remembered_for_one_local_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the zone of the machine changes, dates are parsed again, as the SDK does."""
    event: dict[str, Any] = {"EventType": 12, "EventId": -1, "IsPlayed": False}
    event["Timestamp"] = "2024-05-01T12:00:00Z"
    try:
        for zone in ("UTC", "NPT-5:45", "UTC"):
            monkeypatch.setenv("TZ", zone)
            time.tzset()
            with _sdk.shortcuts():
                remembered = HistoryEvent(**event).timestamp
            assert repr(remembered) == repr(HistoryEvent(**event).timestamp)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_names_of_functions_are_told_from_functions_as_without() -> None:
    """What the SDK holds a name against says of each value what `typing` says."""
    module = CONTEXT
    assert module.Callable is TYPING.Callable, "shortcuts: DurableOrchestrationContext.Callable"

    class Called:
        def __call__(self) -> None: ...

    class Never:
        __call__ = None

    values = ["name", None, 1, print, str, Called, Called(), Never(), lambda: None, object()]
    plain = [isinstance(value, module.Callable) for value in values]
    with _sdk.shortcuts():
        assert module.Callable is not TYPING.Callable
        assert [isinstance(value, module.Callable) for value in values] == plain
    assert module.Callable is TYPING.Callable
    assert True in plain
    assert False in plain


@pytest.mark.parametrize(("path", "name"), _sdk._ENUMS)
def test_members_are_at_hand_where_nothing_else_is_asked_for(path: str, name: str) -> None:
    """What the SDK does with these enums is to read members, to call them, and to iterate."""
    module: Any = importlib.import_module(f"azure.durable_functions.models.{path}")
    kind = getattr(module, name)
    tree = ast.parse(inspect.getsource(module))
    annotations = {
        id(node)
        for argument in ast.walk(tree)
        if isinstance(argument, ast.arg) and argument.annotation is not None
        for node in ast.walk(argument.annotation)
    }
    others = {
        id(part)
        for node in ast.walk(tree)
        for part in ((node.func,) if isinstance(node, ast.Call) else (getattr(node, "iter", None),))
    }
    used = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name]
    read = [
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.value in used
    ]
    assert read, f"shortcuts: {name} moved"
    assert len(read) == len([node for node in used if id(node) not in annotations | others])
    with _sdk.shortcuts():
        assert getattr(module, name) is not kind, f"shortcuts: {name} not in use"
        for attribute in read:
            assert getattr(getattr(module, name), attribute) is kind[attribute]
        assert list(getattr(module, name)) == list(kind)
        for member in kind:
            assert getattr(module, name)(member.value) is member
    assert getattr(module, name) is kind


@pytest.mark.skipif(not hasattr(CONTEXT, "activity_output_type"), reason="it looks for no types")
def test_types_of_results_are_found_as_without() -> None:
    """A name alone tells no type; a function of the app does, and other things are none."""
    app = df.DFApp()

    @app.activity_trigger(input_name="number")
    def count(number: int) -> int:
        return number

    values: list[Any] = ["count", "", count, len, None, 3, type("Named", (str,), {})("count")]
    plain = [CONTEXT.activity_output_type(value) for value in values]
    with _sdk.shortcuts():
        assert [CONTEXT.activity_output_type(value) for value in values] == plain
    assert int in plain


@pytest.mark.skipif(not hasattr(CODEC, "df_dumps"), reason="an older codec reads by itself")
def test_json_is_read_and_written_as_without() -> None:
    """Kept readers and writers do what new ones do, errors included; other options go through."""

    def outcome(function: Any, *arguments: Any) -> object:
        try:
            return function(*arguments)
        except (TypeError, ValueError) as error:
            return type(error), str(error)

    values = [1, True, None, 1.5, "ä", [1, {"a": (2,)}], {"a": float("nan")}, object()]
    texts = ["1", " [1, 2] ", '{"a": {"b": 1}}', "", "[1", "nul", "1 2", '"\\ud800"', "NaN"]
    plain = [outcome(CODEC.df_dumps, item) for item in values]
    plain += [repr(outcome(CODEC.df_loads, item)) for item in texts]
    with _sdk.shortcuts():
        kept = [outcome(CODEC.df_dumps, item) for item in values]
        kept += [repr(outcome(CODEC.df_loads, item)) for item in texts]
        assert CODEC.json.dumps([1, 2], indent=1) == json.dumps([1, 2], indent=1)
        assert CODEC.json.loads(b"[1]") == [1]
        assert CODEC.json.JSONDecoder is json.JSONDecoder
    assert kept == plain


@pytest.mark.skipif(not hasattr(CODEC, "_is_strict_mode"), reason="there is no such mode")
@pytest.mark.parametrize("value", ["1", "yes", "0", "", None])
def test_strictness_is_asked_as_without(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    """The variable decides at the moment of each payload, also where it is set in between."""
    name = "AZURE_FUNCTIONS_DURABLE_STRICT_TYPING"
    monkeypatch.delenv(name, raising=False)
    with _sdk.shortcuts():
        assert CODEC._is_strict_mode() is False
        if value is not None:
            monkeypatch.setenv(name, value)
        within = CODEC._is_strict_mode()
    assert within == CODEC._is_strict_mode() == (value in {"1", "yes"})


def test_the_class_that_is_remembered_is_the_one_that_the_sdk_makes() -> None:
    """`shortcuts` lets the executor make one class for all episodes, with the same values in it."""
    plain = TaskOrchestrationExecutor().event_to_SetTaskValuePayload
    with _sdk.shortcuts():
        first, second = (TaskOrchestrationExecutor() for _ in range(2))
    assert first.event_to_SetTaskValuePayload == plain
    classes = {
        type(payload)
        for executor in (first, second)
        for payload in executor.event_to_SetTaskValuePayload.values()
    }
    assert len(classes) == 1, "shortcuts: TaskOrchestrationExecutor.namedtuple not in use"


def test_the_sdk_gets_its_own_names_back() -> None:
    """After `shortcuts` the SDK parses dates and makes classes by itself, also after an error."""
    before = [getattr(module, name) for module, name, _ in _sdk._SHORTCUTS]
    with pytest.raises(ZeroDivisionError), _sdk.shortcuts():
        raise ZeroDivisionError
    assert [getattr(module, name) for module, name, _ in _sdk._SHORTCUTS] == before
