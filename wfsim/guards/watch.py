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
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType, MethodType
from typing import Any, Final, Protocol, cast

from wfsim.guards.frames import is_users, may_be_followed
from wfsim.guards.sources import Call, calls
from wfsim.guards.tripwires import is_armed, tell

__all__ = ["CallWatch", "MonitoringWatch", "ProfileWatch", "call_watch"]

_CLOSELY: Final = 8
"""So often steps from one place are looked at where that is dear."""
_SHARED: Final[object] = getattr(random.random, "__self__", None)
_TIME: Final = time.time
_NOTHING: Final[tuple[None, None]] = None, None
_SETTINGS: Final = frozenset({"seed", "getstate", "setstate"})
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


class _Known:
    """The functions to look for, by what they are now.

    A frozen clock changes the functions of C behind `time` and `datetime`, and with them what these
    are equal to.
    """

    def __init__(self) -> None:
        self._stamp: int | None = None
        self.of_c: dict[object, Call] = {}
        self.of_python: dict[str, tuple[CodeType, Call]] = {}

    def refresh(self) -> None:
        """Look at the functions again, if the clock has been frozen or released."""
        stamp = hash(_TIME)
        if stamp == self._stamp:
            return
        self._stamp, known = stamp, calls()
        self.of_c = {
            value: call for value, call in known.items() if isinstance(value, BuiltinFunctionType)
        }
        self.of_python = {
            value.__code__.co_name: (value.__code__, call)
            for value, call in known.items()
            if isinstance(value, FunctionType)
        }

    def call_of_code(self, code: CodeType) -> Call | None:
        """Return what it means to run some code."""
        name, call = self.of_python.get(code.co_name, _NOTHING)
        return call if name is code else None


class ProfileWatch:
    """Looks at all calls in a step, as long as steps from its place are new."""

    takes_steps = True

    def __init__(self) -> None:
        self._known = _Known()
        self._steps: Counter[Hashable] = Counter()

    def follow(self, function: object) -> None:
        """Prepare: every function is looked at."""
        del function
        self._known.refresh()

    def step(self, place: Hashable, run: Callable[[], object]) -> object:
        """See `CallWatch.step`."""
        self._steps[place] += 1
        if self._steps[place] > _CLOSELY or sys.getprofile() is not None:
            return run()
        # Callbacks of the garbage collector do what they like, and are nobody's doing.
        collects = gc.isenabled()
        gc.disable()
        sys.setprofile(self.on_event)
        try:
            return run()
        finally:
            sys.setprofile(None)
            if collects:
                gc.enable()

    def on_event(self, frame: FrameType, event: str, function: Any) -> None:  # noqa: ANN401 - CPython's hook
        """Take what Python tells of a call."""
        if event == "c_call":
            call = self._known.of_c.get(function)
        elif event == "call":
            call = self._known.call_of_code(frame.f_code)
        else:
            return
        if call is not None:
            tell(call.kind, call.name, frame)


class MonitoringWatch:
    """Looks at the calls in some functions, and in those that they call.

    Args:
        monitoring: `sys.monitoring`.
    """

    takes_steps = False

    def __init__(self, monitoring: Any) -> None:  # noqa: ANN401 - Python 3.11 has none
        self._monitoring = monitoring
        self._event: int = monitoring.events.CALL
        self._known = _Known()
        self._followed: dict[int, weakref.ref[CodeType]] = {}
        free = (number for number in _TOOLS if monitoring.get_tool(number) is None)
        self._tool = next(free, None)
        if self._tool is not None:
            monitoring.use_tool_id(self._tool, _TOOL)
            monitoring.register_callback(self._tool, self._event, self.on_call)

    def follow(self, function: object) -> None:
        """See `CallWatch.follow`."""
        self._known.refresh()
        code = _code_of(function)
        if self._tool is None or code is None or id(code) in self._followed:
            return
        key, followed = id(code), self._followed
        followed[key] = weakref.ref(code, lambda _: followed.pop(key, None))
        self._monitoring.set_local_events(self._tool, code, self._event)

    def step(self, place: Hashable, run: Callable[[], object]) -> object:
        """Take the step."""
        del place
        return run()

    def on_call(self, code: CodeType, offset: int, function: Any, first: Any) -> object:  # noqa: ANN401
        """Take what Python tells of a call."""
        del offset
        if not is_armed():
            return None
        while isinstance(function, functools.partial):
            function = cast("Any", function).func
        if isinstance(function, MethodType):
            function, first = function.__func__, function.__self__
        call = self._call(function, first)
        if call is not None:
            tell(call.kind, call.name)
            return None
        self._follow_further(function)
        # Of the user's own functions each call is looked at; in libraries a line calls one thing.
        return None if is_users(code.co_filename) else self._monitoring.DISABLE

    def _call(self, function: Any, first: Any) -> Call | None:  # noqa: ANN401
        if first is _SHARED or getattr(function, "__self__", first) is _SHARED:
            name = function.__name__
            return None if name in _SETTINGS else Call("randomness", f"random.{name}")
        if isinstance(function, FunctionType):
            return self._known.call_of_code(function.__code__)
        is_of_c = isinstance(function, BuiltinFunctionType)
        return self._known.of_c.get(function) if is_of_c else None

    def _follow_further(self, function: object) -> None:
        code = _code_of(function)
        module = getattr(function, "__module__", None)
        if code is not None and may_be_followed(code.co_filename, str(module)):
            self.follow(function)


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
