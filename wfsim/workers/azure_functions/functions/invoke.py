"""Calls a function as the Functions worker does: objects in, data of the wire out."""

from __future__ import annotations

import asyncio
import functools
import inspect
import json
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import FunctionType
from typing import Any, Final, cast

from wfsim.clock import Stall, current_stall
from wfsim.errors import AppLoadError, UsageError, nearest
from wfsim.hub.hub import Hub
from wfsim.trace import FunctionFinished, FunctionStarted
from wfsim.workers.azure_functions._sdk import Registered
from wfsim.workers.azure_functions.functions import _sdk
from wfsim.workers.azure_functions.functions._sdk import Datum, Out, Wire
from wfsim.workers.azure_functions.functions.plan import RETURN, Bound, Plan, plan_of

__all__ = ["CLIENT", "FunctionResult", "Given", "Invocation", "Invoker", "failure_text", "shown"]

CLIENT: Final = "durableClient"
_SHOWN: Final = 2_000
"""Characters of a payload that the trace shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionResult:
    """What one call of a function came to."""

    returned: object
    """What it returned; None if it failed."""
    outputs: Mapping[str, object]
    """What it gave to its output bindings, by parameter; "$return" for what it returned to one."""
    error: BaseException | None
    """What it raised, or what the worker raised about what it gave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the host sends for a trigger."""

    data: Datum | None
    metadata: Mapping[str, Datum]
    shown: str
    """The same for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One call of a function, ended."""

    id: str
    result: FunctionResult
    wires: Mapping[str, tuple[str, Wire]]
    """Type of binding and data of the wire, by parameter or "$return"."""


class Invoker:
    """Calls functions.

    Args:
        hub: The task hub.
        binding: Makes the durable client's JSON of a durableClient binding's description.
    """

    def __init__(self, *, hub: Hub, binding: Callable[[Mapping[str, object]], str]) -> None:
        self._hub = hub
        self._binding = binding
        self._plans: dict[str, Plan | AppLoadError] = {}
        self._takes_more: dict[str, bool] = {}

    def further(self, function: Registered) -> Mapping[str, object]:
        """Return what the parameters of an activity get besides its input.

        What the activity gives to its output bindings goes nowhere.

        Raises:
            AppLoadError: the worker would not load the function.
            UsageError: it has an input binding, which a simulation cannot read.
        """
        name = function.function_name
        if name not in self._takes_more:
            self._takes_more[name] = bool(function.bindings) or _wants_context(function)
        if not self._takes_more[name]:
            return {}
        plan = self._plan(function)
        if isinstance(plan, AppLoadError):
            raise plan
        for item in plan.inputs:
            if item.kind != CLIENT:
                raise UsageError(f"{_unread(function, item)}: stub the activity.")
        outs = {item.name: Out[object]() for item in plan.outputs}
        return {**self._others(function, plan, {}, self._new_id()), **outs}

    async def run(
        self,
        function: Registered,
        given: Given,
        *,
        inputs: Mapping[str, object] | None = None,
        describe: Callable[[Invocation], str | None] | None = None,
    ) -> Invocation:
        """Call a function; what it raises is in the result.

        Args:
            function: The function.
            given: What its trigger sends.
            inputs: Values of its input bindings, by parameter.
            describe: What the trace says the call came to; a ValueError says that it failed.

        Raises:
            UsageError: an input binding has no value, or there is none of that name.
        """
        plan = self._plan(function)
        if isinstance(plan, Plan):
            _check_inputs(function, plan, inputs or {})
        call_id = self._new_id()
        self._started(function, given, call_id)
        call = await self._attempt(function, plan, given, inputs or {}, call_id)
        error, text = call.result.error, None
        if error is None:
            try:
                text = (describe or _outcome)(call)
            except ValueError as refused:
                error = refused
                call = replace(call, result=replace(call.result, error=refused))
        self._finished(function, call_id, text, None if error is None else failure_text(error))
        return call

    def refuse(self, function: Registered, given: Given, error: BaseException) -> None:
        """Put a call into the trace that the host cannot even make."""
        call_id = self._new_id()
        self._started(function, given, call_id)
        self._finished(function, call_id, None, failure_text(error))

    def _plan(self, function: Registered) -> Plan | AppLoadError:
        name = function.function_name
        if name not in self._plans:
            try:
                self._plans[name] = plan_of(function)
            except AppLoadError as error:
                self._plans[name] = error
        return self._plans[name]

    def _new_id(self) -> str:
        digits = self._hub.new_guid()
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def _started(self, function: Registered, given: Given, call_id: str) -> None:
        self._hub.trace.add(
            FunctionStarted(
                at_us=self._hub.clock.now_us,
                instance_id=call_id,
                name=function.function_name,
                trigger=str(function.trigger["type"]),
                input=given.shown,
            )
        )

    def _finished(
        self, function: Registered, call_id: str, result: str | None, failure: str | None
    ) -> None:
        self._hub.trace.add(
            FunctionFinished(
                at_us=self._hub.clock.now_us,
                instance_id=call_id,
                name=function.function_name,
                result=result,
                failure=failure,
            )
        )

    async def _attempt(
        self,
        function: Registered,
        plan: Plan | AppLoadError,
        given: Given,
        inputs: Mapping[str, object],
        call_id: str,
    ) -> Invocation:
        outs: dict[str, Out[object]] = {}
        try:
            if isinstance(plan, AppLoadError):
                raise plan  # noqa: TRY301 - it fails every call, as in the worker
            arguments = self._arguments(function, plan, given, inputs, call_id)
            outs.update((item.name, Out[object]()) for item in plan.outputs)
            returned = await self._await(function, {**arguments, **outs})
            wires = _wires(function, plan, returned, outs)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise  # the simulation ends; else the function raised it by itself
            return _failed(call_id, error, outs)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a failed function is an outcome
            return _failed(call_id, error, outs)  # sys.exit() ends a call, not who simulates it
        outputs = {name: out.get() for name, out in outs.items()}
        if plan.returned is not None and plan.returned.kind != "http":
            outputs[RETURN] = returned
        result = FunctionResult(returned=returned, outputs=outputs, error=None)
        return Invocation(id=call_id, result=result, wires=wires)

    def _arguments(
        self,
        function: Registered,
        plan: Plan,
        given: Given,
        inputs: Mapping[str, object],
        call_id: str,
    ) -> dict[str, object]:
        trigger = plan.trigger
        metadata: Mapping[str, Datum] = {}
        if _sdk.wants_metadata(trigger.codec):
            metadata = given.metadata
        payload = _sdk.decode(trigger.codec, given.data, metadata=metadata)
        return {trigger.name: payload, **self._others(function, plan, inputs, call_id)}

    def _others(
        self, function: Registered, plan: Plan, inputs: Mapping[str, object], call_id: str
    ) -> dict[str, object]:
        """Return the arguments other than the trigger's and those for outputs."""
        arguments: dict[str, object] = {}
        for item in plan.inputs:
            if item.kind == CLIENT:
                text = self._binding(item.description)
                arguments[item.name] = _sdk.decode(item.codec, _sdk.text_datum(text), metadata={})
            else:
                arguments[item.name] = _input(item, inputs[item.name])
        if plan.wants_context:
            arguments["context"] = _sdk.Context(
                name=function.function_name,
                directory=_folder_of(function.call),
                invocation_id=call_id,
            )
        return arguments

    async def _await(self, function: Registered, arguments: Mapping[str, object]) -> object:
        call = functools.partial(function.call, **arguments)
        if not _sdk.is_coroutine_function(function.call):
            return await self._hub.loop.run_in_executor(None, call)
        stall = Stall()
        token = current_stall.set(stall)
        try:
            returned = await call()
        finally:
            current_stall.reset(token)
        if stall.us:  # it slept without `await`, for its own account
            await asyncio.sleep(stall.us / 1_000_000)
        return returned


def _check_inputs(function: Registered, plan: Plan, inputs: Mapping[str, object]) -> None:
    needed = {item.name: item for item in plan.inputs if item.kind != CLIENT}
    for name in inputs:
        if name not in needed:
            raise UsageError(
                f"{function.function_name!r} has no input binding {name!r}.{nearest(name, needed)}"
            )
    for name, item in needed.items():
        if name not in inputs:
            raise UsageError(f"{_unread(function, item)}: give the value, inputs={{{name!r}: …}}.")


def _unread(function: Registered, item: Bound) -> str:
    return (
        f"{function.function_name!r} reads its parameter {item.name!r} from the outside, by a "
        f"binding of type {item.kind!r}.\nThe simulation has nothing to read there"
    )


def _wants_context(function: Registered) -> bool:
    call = function.call
    # Of an ordinary function the code tells that, in a tenth of the time.
    if type(call) is FunctionType and not vars(call) and "context" not in call.__code__.co_varnames:
        return False
    return function.parameter != "context" and "context" in inspect.signature(call).parameters


def _input(item: Bound, value: object) -> object:
    """Make the object that an input binding gives of the test's value."""
    match value:
        case None:
            data = None
        case str():
            data = _sdk.text_datum(value)
        case bytes() | bytearray():
            data = _sdk.bytes_datum(bytes(value))
        case dict() | list() | bool() | int() | float():
            whole = cast("object", value)
            if item.kind == "blob":
                data = _sdk.text_datum(json.dumps(whole))
            else:
                data = _sdk.json_datum(whole)
        case _:
            return value  # an object of the SDK, made by the test
    return _sdk.decode(item.codec, data, metadata={})


def _folder_of(call: Callable[..., Any]) -> str:
    code = getattr(inspect.unwrap(call), "__code__", None)
    return "" if code is None else str(Path(code.co_filename).parent)


def _wires(
    function: Registered, plan: Plan, returned: object, outs: Mapping[str, Out[object]]
) -> dict[str, tuple[str, Wire]]:
    """Encode what a function gave, in the worker's order.

    Raises:
        RuntimeError: it returned something that goes nowhere, worded as the worker does.
        TypeError: a binding cannot take a value, worded as the worker does.
    """
    if returned is not None and plan.returned is None:
        if inspect.iscoroutine(returned):
            returned.close()
        raise RuntimeError(
            f"function {function.function_name!r} without a $return binding"
            "returned a non-None value"
        )
    wires: dict[str, tuple[str, Wire]] = {}
    for item in plan.outputs:
        value = outs[item.name].get()
        if value is not None:
            wires[item.name] = (item.kind, _sdk.encode(item.codec, value, pytype=item.pytype))
    if plan.returned is not None:
        try:
            wire = _sdk.encode(plan.returned.codec, returned, pytype=plan.returned.pytype)
        finally:
            if inspect.iscoroutine(returned):  # of a function that forgot its `async`
                returned.close()
        wires[RETURN] = (plan.returned.kind, wire)
    return wires


def _failed(call_id: str, error: BaseException, outs: Mapping[str, Out[object]]) -> Invocation:
    outputs = {name: out.get() for name, out in outs.items()}
    result = FunctionResult(returned=None, outputs=outputs, error=error)
    return Invocation(id=call_id, result=result, wires={})


def failure_text(error: BaseException) -> str:
    """Return the last line that a traceback of `error` would have."""
    return traceback.format_exception_only(error)[-1].strip()


def _outcome(call: Invocation) -> str | None:
    result = call.result
    values = {name: value for name, value in result.outputs.items() if value is not None}
    if values:
        return shown(values)
    return None if result.returned is None else shown(result.returned)


def shown(value: object) -> str:
    """Return a value for the trace: JSON text where it has one, and not too long."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, (bytes, bytearray)):
        text = bytes(value).decode("utf-8", "replace")
    else:
        try:
            text = json.dumps(value, ensure_ascii=False, default=_plain)
        except (TypeError, ValueError, RecursionError):
            text = f"a {type(value).__name__}"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _plain(value: object) -> str:
    # A default repr shows an address, which is another one in every process.
    has_text = type(value).__str__ is not object.__str__
    return str(value) if has_text else f"a {type(value).__name__}"
