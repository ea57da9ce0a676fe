"""What wfsim leans on in Agent Framework; a release that moves it fails here first."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
from types import ModuleType
from typing import Any

import pytest
from agent_framework import BaseChatClient, RawAgent, UsageDetails, add_usage_details

from tests.agents.support import KeyedClient
from wfsim.agents import AgentScripts, _sdk

HOSTED = importlib.util.find_spec("agent_framework_azurefunctions") is not None
needs_hosting = pytest.mark.skipif(not HOSTED, reason="agent-framework-azurefunctions is an extra")


def source(function: object) -> str:
    """The text of a function of the framework."""
    return inspect.getsource(function)  # type: ignore[arg-type]


def test_an_agent_asks_its_client_in_one_place() -> None:
    """`RawAgent._call_chat_client` is sync, reads `self.client` and asks it for a response."""
    call = _sdk._CALL_CLIENT
    assert not inspect.iscoroutinefunction(call)
    assert list(inspect.signature(call).parameters) == ["self", "context", "stream"]
    assert source(call).count("self.client.get_response(") == 2
    assert "self._call_chat_client(" in source(RawAgent.run)


def test_the_run_context_holds_what_is_asked() -> None:
    """The context of a run has the messages under the name that errors show."""
    assert 'context["session_messages"]' in source(_sdk._CALL_CLIENT)


def test_every_client_ends_up_at_the_base() -> None:
    """`BaseChatClient.get_response` hands on to `_inner_get_response`, which the copy replaces."""
    assert "self._inner_get_response(" in source(_sdk._GET_RESPONSE)
    assert "_inner_get_response" in BaseChatClient.__abstractmethods__


def test_the_base_has_no_constructor_of_objects() -> None:
    """Nobody but wfsim has given `BaseChatClient` a `__new__`, and wfsim's own is inert."""
    own = vars(BaseChatClient).get("__new__")
    assert own is None or own.__func__ is _sdk._new
    with pytest.raises(KeyError, match="WFSIM_NO_SUCH_KEY"):
        KeyedClient()


def test_usages_are_added_through_a_set() -> None:
    """`add_usage_details` still makes its keys with the module's name `set`."""
    module: Any = importlib.import_module("agent_framework._types")
    assert "set(" in source(add_usage_details)
    first = UsageDetails(total_token_count=3, output_token_count=1, input_token_count=2)
    with _sdk._OrderedSets():
        both = add_usage_details(first, first)
    assert list(both) == ["input_token_count", "output_token_count", "total_token_count"]
    assert vars(module).get("set", set) is set


def test_no_name_is_left_in_a_module() -> None:
    """The `set` of its own that a module gets stays for as long as somebody holds the framework."""
    module: Any = importlib.import_module("agent_framework._types")
    first, second = AgentScripts(), AgentScripts()
    _sdk.hold(first)
    with _sdk.answering(second):
        assert vars(module)["set"] is not set
        with _sdk.answering(first):
            assert vars(module)["set"] is not set
    assert vars(module)["set"] is set
    _sdk.release(first)
    assert "set" not in vars(module)


def test_checkpoints_are_pickled_in_one_place() -> None:
    """Values that are no JSON are pickled by the module's name `pickle`."""
    module: Any = importlib.import_module(_sdk._PICKLER)
    assert "pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)" in source(module)
    plain = module.pickle
    with _sdk._OrderedSets():
        assert module.pickle is not plain
        assert module.decode_checkpoint_value(module.encode_checkpoint_value({"a": {3, 1, 2}})) == {
            "a": {1, 2, 3}
        }
    assert module.pickle is plain


@pytest.fixture
def bridge() -> ModuleType:
    """The module of the framework's background loop."""
    return importlib.import_module(_sdk._BRIDGE)


@needs_hosting
def test_the_background_loop_is_reached_by_two_names(bridge: ModuleType) -> None:
    """`run_agent_coroutine` needs a loop, `run_coroutine_threadsafe` and a `result()`."""
    lines = source(bridge.run_agent_coroutine).splitlines()[-3:]
    assert [line.strip() for line in lines] == [
        "loop = _ensure_loop()",
        "future = asyncio.run_coroutine_threadsafe(coro, loop)",
        "return future.result()",
    ]


@needs_hosting
def test_an_entity_ends_with_its_coroutine() -> None:
    """The coroutine of an agent's entity has the name that wfsim knows, and nothing follows it."""
    entities = importlib.import_module("agent_framework_azurefunctions._entities")
    text = source(entities.create_agent_entity)
    assert "async def _entity_coroutine(" in text
    assert "run_agent_coroutine(_entity_coroutine(context))" in text
    code = [
        item
        for item in entities.create_agent_entity.__code__.co_consts
        if getattr(item, "co_name", "") == "_entity_coroutine"
    ]
    assert [item.co_qualname for item in code] == [_sdk._ENTITY_COROUTINE]


@needs_hosting
def test_hosted_activities_compare_states_through_sets() -> None:
    """The activity of a hosted workflow makes its lists of changed keys from sets."""
    module = importlib.import_module("agent_framework_durabletask._workflows.activity")
    text = source(module.execute_workflow_activity)
    assert "set(current_state.keys())" in text
    assert "original_keys - current_keys" in text
