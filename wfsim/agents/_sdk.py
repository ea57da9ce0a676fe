"""Every touch of Agent Framework's internals that answering agents needs.

* `RawAgent._call_chat_client` asks the agent's client for a response: the one place where it is
  known which agent asks. While a simulation runs code, the agent's client is exchanged for that
  call by a copy whose provider is a script; all the client's layers stay.
* `BaseChatClient.get_response` is where every client ends up: it refuses what no agent asked.
* `BaseChatClient.__new__`: a client whose constructor fails while a simulation runs code, for want
  of credentials, becomes a stand-in. Python cannot take a `__new__` back once it was set, so an
  inert one stays.
* `agent_framework_durabletask._async_bridge` runs entities' coroutines on a loop in a thread of its
  own; its names `asyncio` and `_ensure_loop` are exchanged, so that they run on the simulation's.
* Two modules make sets of names and hand on what they iterate over: the counters of a usage, and
  the shared state that an activity of a hosted workflow changed. Their `set` is exchanged by one
  that iterates in order, since the order of an ordinary one differs in every process. For the same
  reason `_checkpoint_encoding` gets a `pickle` that writes sets in order.

tests/agents/test_sdk_contract.py fails loudly when a release moves one.
"""

from __future__ import annotations

import asyncio
import contextlib
import dis
import pickle
import sys
from collections.abc import Coroutine, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, cast

from agent_framework import (
    BaseChatClient,
    ChatMiddlewareLayer,
    FunctionInvocationLayer,
    RawAgent,
)
from agent_framework.observability import ChatTelemetryLayer

from wfsim.chat import Script, ScriptedChatClient, play
from wfsim.freeze import pickles
from wfsim.loop.suspension import Suspended, may_suspend
from wfsim.nested import NOTHING, Nested

if TYPE_CHECKING:
    from wfsim.agents.scripts import AgentScripts

__all__ = ["answering"]

_BRIDGE: Final = "agent_framework_durabletask._async_bridge"
_PICKLER: Final = "agent_framework._workflows._checkpoint_encoding"
_SET_MAKERS: Final = ("agent_framework._types", "agent_framework_durabletask._workflows.activity")
_ENTITY_COROUTINE: Final = "create_agent_entity.<locals>._entity_coroutine"

_AGENT: Final[Any] = RawAgent
_BASE: Final[Any] = BaseChatClient
_CALL_CLIENT: Final[Any] = _AGENT._call_chat_client
_GET_RESPONSE: Final[Any] = _BASE.get_response

_answerers: list[AgentScripts] = []
"""The scripts in place, innermost last."""
_holders: list[object] = []
"""For whom the framework's two methods are exchanged."""
_with_set: list[dict[str, Any]] = []
"""The names of modules that have got a `set` of their own."""


def hold(holder: object) -> None:
    """Exchange the framework's two methods until `release`.

    They do what they always do while no scripts are in place. A simulation holds them for as long
    as it is open: Python forgets all that it knows of classes whenever one of theirs is exchanged.
    """
    _tolerate_missing_credentials()
    _holders.append(holder)
    _AGENT._call_chat_client = _call_chat_client
    _BASE.get_response = _get_response


def release(holder: object) -> None:
    """Take back what `hold` has done, unless others hold it as well."""
    _holders.remove(holder)
    if not _holders:
        _AGENT._call_chat_client = _CALL_CLIENT
        _BASE.get_response = _GET_RESPONSE
        while _with_set:
            del _with_set.pop()["set"]


def answering(scripts: AgentScripts) -> AbstractContextManager[None]:
    """Let `scripts` answer all agents meanwhile."""
    if _answerers and _answerers[-1] is scripts:
        return NOTHING
    if _BRIDGE in sys.modules:
        return Nested(_Answering(scripts), _bridged(), _OrderedSets())
    return Nested(_Answering(scripts), _OrderedSets())


class _Answering:
    """One simulation's scripts, in place of all models."""

    __slots__ = ("_is_held", "_scripts")

    def __init__(self, scripts: AgentScripts) -> None:
        self._scripts = scripts

    def __enter__(self) -> None:
        self._is_held = self._scripts in _holders
        if not self._is_held:
            hold(self._scripts)
        _answerers.append(self._scripts)

    def __exit__(self, *_: object) -> None:
        _answerers.pop()
        if not self._is_held:
            release(self._scripts)


# --- which client answers -----------------------------------------------------------------------


class _Answered:
    """Mixed into a copy of a client: its layers stay, a script stands for its provider."""

    _wfsim_script: Script
    _wfsim_agent: str

    def _inner_get_response(
        self,
        *,
        messages: Any,  # noqa: ANN401
        stream: bool,
        options: Any,  # noqa: ANN401
        **_: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        return play(
            self._wfsim_script,
            self,
            messages=messages,
            stream=stream,
            options=options,
            agent=self._wfsim_agent,
        )


def _call_chat_client(agent: Any, context: Any, *, stream: bool) -> Any:  # noqa: ANN401
    """Do what the framework does, with another client where the agent's own may not be asked."""
    if not _answerers:
        return _CALL_CLIENT(agent, context, stream=stream)
    own = agent.client
    chosen = _client_for(agent, own, context)
    if chosen is own:
        return _CALL_CLIENT(agent, context, stream=stream)
    agent.client = chosen
    try:
        # The response that is returned holds on to the client that it was asked of.
        return _CALL_CLIENT(agent, context, stream=stream)
    finally:
        agent.client = own


def _client_for(agent: Any, own: Any, context: Any) -> Any:  # noqa: ANN401
    scripts = _answerers[-1]
    name = agent.name or ""
    given = scripts.client_of(name)
    if given is not None:
        return _marked(given)
    script = scripts.script_of(name)
    if script is not None:
        return _answered(own, script, name)
    if type(own) is ScriptedChatClient:
        scripts.notice(own.script)
        return _answered(own, own.script, name)
    if scripts.live or _is_harmless(own):
        return own
    raise scripts.refuse(name, _asked(context), _why_unbuilt(own))


def _answered(own: Any, script: Script, name: str) -> Any:  # noqa: ANN401
    """Return a copy of a client that a script answers."""
    if not isinstance(own, _BASE):
        return ScriptedChatClient(script, name=name)
    copy: Any = object.__new__(_answered_kind(cast("Any", type(own))))
    _attributes(copy).update(_attributes(own))
    copy._wfsim_script, copy._wfsim_agent = script, name
    return copy


@lru_cache(maxsize=256)
def _answered_kind(kind: Any) -> type[Any]:  # noqa: ANN401 - a class
    return type(kind.__name__, (_Answered, kind), {"__module__": kind.__module__})


def _marked(client: Any) -> Any:  # noqa: ANN401
    """Let a client that the test gave be asked."""
    with contextlib.suppress(AttributeError):  # one with __slots__ is no BaseChatClient anyway
        client._wfsim_is_given = True
    return client


def _is_harmless(client: Any) -> bool:  # noqa: ANN401
    return isinstance(client, ScriptedChatClient | _Answered) or bool(
        getattr(client, "_wfsim_is_given", False)
    )


def _get_response(client: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401
    """Refuse a client that code asks without an agent, unless its class has a script."""
    if not _answerers or isinstance(client, _Answered):
        return _GET_RESPONSE(client, *args, **options)
    scripts = _answerers[-1]
    if isinstance(client, ScriptedChatClient):
        scripts.notice(client.script)
    if scripts.live or _is_harmless(client):
        return _GET_RESPONSE(client, *args, **options)
    name = type(client).__name__
    given = scripts.client_of(name)
    if given is not None:
        return _marked(given).get_response(*args, **options)
    script = scripts.script_of(name)
    if script is None:
        messages = args[0] if args else options.get("messages", ())
        raise scripts.refuse(name, _said(messages), _why_unbuilt(client))
    return _GET_RESPONSE(_answered(client, script, name), *args, **options)


def _asked(context: Any) -> str:  # noqa: ANN401
    return _said(context.get("session_messages") or ())


def _said(messages: Any) -> str:  # noqa: ANN401
    """Return what was asked, for people."""
    listed = [messages] if isinstance(messages, str) else list(messages)
    lines = [item if isinstance(item, str) else f"{item.role}: {item.text}" for item in listed[-4:]]
    return "It asked:\n" + "\n".join(f"  {line}" for line in lines)


# --- clients that cannot be built ---------------------------------------------------------------


class _Blank(FunctionInvocationLayer, ChatMiddlewareLayer, ChatTelemetryLayer, BaseChatClient):
    """What every client has before its provider adds anything."""

    def _inner_get_response(self, **_: Any) -> Any:  # noqa: ANN401
        raise AssertionError("a stand-in is never asked")


def _tolerate_missing_credentials() -> None:
    if "__new__" not in vars(_BASE):
        _BASE.__new__ = staticmethod(_new)


def _new(cls: type[Any], *_: Any, **__: Any) -> Any:  # noqa: ANN401
    if _answerers and not _answerers[-1].live and not issubclass(cls, ScriptedChatClient | _Blank):
        return object.__new__(_tolerant_kind(cast("Any", cls)))
    return object.__new__(cls)


def _attributes(thing: Any) -> dict[str, Any]:  # noqa: ANN401
    return cast("dict[str, Any]", vars(thing))


@lru_cache(maxsize=256)
def _tolerant_kind(cls: Any) -> type[Any]:  # noqa: ANN401 - a class
    """Return a class that becomes `cls` once its constructor has succeeded."""

    def construct(self: Any, *args: Any, **options: Any) -> None:  # noqa: ANN401
        try:
            cls.__init__(self, *args, **options)
        except TypeError:
            self.__class__ = cls
            raise  # a call that is wrong is wrong with credentials, too
        except Exception as error:  # noqa: BLE001 - whatever providers raise for want of a key
            blank = _Blank(
                middleware=options.get("middleware"),
                function_invocation_configuration=options.get("function_invocation_configuration"),
            )
            empty = dict.fromkeys(_assigned_names(cls))
            given = {**empty, **_attributes(blank), **_attributes(self)}
            _attributes(self).update(given, _wfsim_unbuilt=error)
        else:
            self.__class__ = cls

    names = {"__init__": construct, "__module__": cls.__module__, "__qualname__": cls.__qualname__}
    # What opens and closes connections has none to open or close in a stand-in, and no address.
    inert = {name: _nothing for name in ("__aenter__", "__aexit__", "close") if hasattr(cls, name)}
    nowhere = {"service_url": _BASE.service_url}
    return type(cls.__name__, (cls,), {**names, **inert, **nowhere})


def _assigned_names(cls: type[Any]) -> set[str]:
    """Return the attributes that the constructors of a class would have set, had they run."""
    constructors = [vars(kind)["__init__"] for kind in cls.__mro__ if "__init__" in vars(kind)]
    return {
        str(step.argval)
        for function in constructors
        if hasattr(function, "__code__")
        for step in dis.get_instructions(function)
        if step.opname == "STORE_ATTR"
    }


async def _nothing(client: Any, *_: object) -> Any:  # noqa: ANN401
    return client if not _ else None


def _why_unbuilt(client: Any) -> str:  # noqa: ANN401
    error = getattr(client, "_wfsim_unbuilt", None)
    if not isinstance(error, Exception):
        return ""
    return (
        f"\nIts {type(client).__name__} could not even be built, which is no matter where there is "
        f"a script: {type(error).__name__}: {error}"
    )


# --- the framework's background loop ------------------------------------------------------------


@contextmanager
def _bridged() -> Generator[None]:
    """Let coroutines of the framework's background loop run on the simulation's meanwhile."""
    bridge: Any = sys.modules.get(_BRIDGE)
    if bridge is None or bridge.asyncio is not asyncio:
        yield
        return
    ensure = bridge._ensure_loop
    bridge.asyncio = SimpleNamespace(run_coroutine_threadsafe=_run_blocking)
    bridge._ensure_loop = lambda: None
    try:
        yield
    finally:
        bridge.asyncio, bridge._ensure_loop = asyncio, ensure


def _run_blocking(work: Coroutine[Any, Any, Any], _loop: object) -> Any:  # noqa: ANN401
    """Run a coroutine for code that blocks until it is done; return what has its `result()`."""
    if may_suspend() and getattr(work, "__qualname__", "") == _ENTITY_COROUTINE:
        raise Suspended(work)
    loop = asyncio.new_event_loop()
    try:
        value = loop.run_until_complete(work)
    finally:
        loop.close()
    return SimpleNamespace(result=lambda: value)


# --- the order of sets --------------------------------------------------------------------------


class _OrderedSet(set[Any]):
    """A set of names that iterates in alphabetical order."""

    def __iter__(self) -> Iterator[Any]:
        return iter(sorted(super().__iter__(), key=str))

    def __or__(self, other: Any) -> _OrderedSet:  # noqa: ANN401
        return _OrderedSet(super().__or__(other))

    def __sub__(self, other: Any) -> _OrderedSet:  # noqa: ANN401
        return _OrderedSet(super().__sub__(other))


class _OrderedSets:
    """Puts ordered sets, and the pickler that writes sets in order, in place.

    The name `set` stays in a module until `release`, as Python's own: each time that a name comes
    or goes, Python forgets where it has found all the others.
    """

    __slots__ = ("_changed", "_outer", "_pickler")

    def __enter__(self) -> None:
        modules = sys.modules
        for name in _SET_MAKERS:
            names = vars(modules[name]) if name in modules else None
            if names is not None and "set" not in names:
                names["set"] = set
                _with_set.append(names)
        self._changed = [names for names in _with_set if names["set"] is set]
        for names in self._changed:
            names["set"] = _OrderedSet
        self._pickler = cast("Any", modules.get(_PICKLER))
        if self._pickler is not None:
            self._outer = self._pickler.pickle
            self._pickler.pickle = _PICKLE

    def __exit__(self, *_: object) -> None:
        for names in self._changed:
            names["set"] = set
        if self._pickler is not None:
            self._pickler.pickle = self._outer


_PICKLE: Final = SimpleNamespace(**{**vars(pickle), "dumps": pickles.dumps})
