"""Sees calls of functions that lie on no wire, such as a `time.monotonic` that somebody kept.

Python 3.12 and later tell of the calls in single functions (`sys.monitoring`), so those of
orchestrators are asked for, and of whatever these call. Python 3.11 tells of all calls or of none
(`sys.setprofile`), so it is asked while an orchestrator takes a step, the first times that it goes
on from one place.
"""

from __future__ import annotations

import functools
import gc
import random
import sys
import time
import weakref
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType, MethodType
from typing import Any, Final, Protocol, cast

from wfsim.freeze.entropy import SHARED
from wfsim.guards.frames import is_users, may_be_followed
from wfsim.guards.sources import Call, calls
from wfsim.guards.tripwires import is_armed, tell

__all__ = ["CallWatch", "MonitoringWatch", "ProfileWatch", "call_watch"]

_CLOSELY: Final = 3
"""So often steps from one place are looked at where that is dear."""
_CALLS: Final = 5_000
"""So many calls of Python's functions are looked at in one step."""
_TIME: Final = time.time
_NOTHING: Final[tuple[None, None]] = None, None
_SETTINGS: Final = frozenset({"seed", "getstate", "setstate", "_"})
_TOOL: Final = "wfsim"
_TOOLS: Final = (4, 3)
"""Numbers that Python gives to nobody in particular."""


class CallWatch(Protocol):
    """Tells of calls, while somebody hears."""

    takes_steps: bool
    """Whether it must be told of each step of an orchestrator."""

    def follow(self, function: object) -> None:
        """Look at the calls in a function from now on."""
        ...

    def step(self, place: Hashable, run: Callable[[], object]) -> object:
        """Let an orchestrator take a step.

        Args:
            place: Where the step begins.
            run: Takes it.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Known:
    """The functions to look for."""

    of_c: dict[object, Call]
    of_python: dict[str, tuple[CodeType, Call]]
    modules: frozenset[object]
    """Names of the modules in which those of Python are."""

    def call_of_code(self, code: CodeType) -> Call | None:
        """Return what it means to run some code."""
        known, call = self.of_python.get(code.co_name, _NOTHING)
        return call if known is code else None


def _known() -> _Known:
    """Return the functions to look for, by what they are now.

    A frozen clock changes the functions of C behind `time` and `datetime`, and with them what these
    are equal to.
    """
    return _known_while(hash(_TIME), has_numpy="numpy.random" in sys.modules)


@functools.cache
def _known_while(stamp: int, *, has_numpy: bool) -> _Known:
    del stamp, has_numpy
    known = calls()
    return _Known(
        {value: call for value, call in known.items() if isinstance(value, BuiltinFunctionType)},
        {
            value.__code__.co_name: (value.__code__, call)
            for value, call in known.items()
            if isinstance(value, FunctionType)
        },
        frozenset(
            value.__globals__.get("__name__") for value in known if isinstance(value, FunctionType)
        ),
    )


class ProfileWatch:
    """Looks at all calls in a step, as long as steps from its place are new."""

    takes_steps = True

    def __init__(self) -> None:
        self._steps: Counter[Hashable] = Counter()

    def follow(self, function: object) -> None:
        """Do nothing: every function is looked at."""
        del function

    def step(self, place: Hashable, run: Callable[[], object]) -> object:
        """See `CallWatch.step`."""
        self._steps[place] += 1
        if self._steps[place] > _CLOSELY or sys.getprofile() is not None:
            return run()
        # Callbacks of the garbage collector do what they like, and are nobody's doing.
        collects = gc.isenabled()
        gc.disable()
        sys.setprofile(_profiler(_known()))
        try:
            return run()
        finally:
            sys.setprofile(None)
            if collects:
                gc.enable()


def _profiler(known: _Known) -> Callable[[FrameType, str, Any], None]:
    """Return what takes the calls of one step; most of them are nothing, so it must be quick."""
    of_c, of_python, modules, left = known.of_c, known.of_python, known.modules, _CALLS

    def on_event(frame: FrameType, event: str, function: Any) -> None:  # noqa: ANN401 - CPython's hook
        nonlocal left
        if event == "c_call":
            if function in of_c:
                call = of_c[function]
                tell(call.kind, call.name, frame)
        elif event == "call":
            left -= 1
            if left < 0:
                sys.setprofile(None)
            # Asking a frame for its code is an audit event, which costs as much as all else here.
            elif frame.f_globals.get("__name__") in modules and frame.f_code.co_name in of_python:
                found = known.call_of_code(frame.f_code)
                if found is not None:
                    tell(found.kind, found.name, frame)

    return on_event


class MonitoringWatch:
    """Looks at the calls in some functions, and in those that they call.

    Args:
        monitoring: `sys.monitoring`.
    """

    takes_steps = False

    def __init__(self, monitoring: Any) -> None:  # noqa: ANN401 - Python 3.11 has none
        self._monitoring = monitoring
        self._event: int = monitoring.events.CALL
        self._followed = _Seen()
        self._harmless = _Seen()
        free = (number for number in _TOOLS if monitoring.get_tool(number) is None)
        self._tool = next(free, None)
        if self._tool is not None:
            monitoring.use_tool_id(self._tool, _TOOL)
            monitoring.register_callback(self._tool, self._event, self.on_call)

    def follow(self, function: object) -> None:
        """See `CallWatch.follow`."""
        code = _code_of(function)
        if self._tool is not None and code is not None and self._followed.is_new(id(code), code):
            self._monitoring.set_local_events(self._tool, code, self._event)

    def step(self, place: Hashable, run: Callable[[], object]) -> object:
        """Take the step."""
        del place
        return run()

    def on_call(self, code: CodeType, offset: int, function: Any, first: Any) -> object:  # noqa: ANN401
        """Take what Python tells of a call; most of them are nothing, so it must be quick."""
        del offset
        is_function = isinstance(function, FunctionType)
        if (is_function and hash(function) in self._harmless.keys) or not is_armed():
            return None
        while isinstance(function, functools.partial):
            function = cast("Any", function).func
        if isinstance(function, MethodType):
            function, first = function.__func__, function.__self__
        call = _call(function, first)
        if call is not None:
            tell(call.kind, call.name)
            return None
        self._follow_further(function)
        # Of the user's own functions each call is looked at; in libraries a line calls one thing.
        return None if is_users(code.co_filename) else self._monitoring.DISABLE

    def _follow_further(self, function: Any) -> None:  # noqa: ANN401
        code = _code_of(function)
        if code is None:
            return
        module = str(getattr(function, "__module__", None))
        if may_be_followed(code.co_filename, module):
            self.follow(function)
        if isinstance(function, FunctionType) and module != random.__name__:
            self._harmless.is_new(hash(function), function)


class _Seen:
    """What was seen, by number, as long as it lives."""

    def __init__(self) -> None:
        self.keys: dict[int, weakref.ref[Any]] = {}

    def is_new(self, key: int, item: object) -> bool:
        """Add something, and return whether it was not there."""
        if key in self.keys:
            return False
        keys = self.keys
        keys[key] = weakref.ref(item, lambda _: keys.pop(key, None))
        return True


def _call(function: Any, first: Any) -> Call | None:  # noqa: ANN401
    """Return what it means to call something.

    Args:
        function: What is called.
        first: Its first argument: where it is a method, the object.
    """
    if isinstance(function, BuiltinFunctionType):
        return _known().of_c.get(function)
    if first is SHARED and getattr(function, "__name__", "_") not in _SETTINGS:
        return Call("randomness", f"random.{function.__name__}")
    return _known().call_of_code(function.__code__) if isinstance(function, FunctionType) else None


def _code_of(function: object) -> CodeType | None:
    """Return the code that runs where something is called, if Python has it."""
    if isinstance(function, type):
        function = cast("Any", function).__init__
    elif not isinstance(function, FunctionType | MethodType):
        function = getattr(type(function), "__call__", None)  # noqa: B004 - not whether, but what
    code: object = getattr(function, "__code__", None)
    return code if isinstance(code, CodeType) else None


@functools.cache
def _monitoring_watch() -> MonitoringWatch:
    """Return the one of this process: what is looked at once needs no second preparation."""
    return MonitoringWatch(vars(sys)["monitoring"])


def call_watch() -> CallWatch:
    """Return what can look at calls in this Python."""
    return _monitoring_watch() if hasattr(sys, "monitoring") else ProfileWatch()
