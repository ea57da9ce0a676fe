"""Finds the call in an orchestrator that makes its replays differ."""

from __future__ import annotations

import _random
import gc
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from wfsim.trace import Place

__all__ = ["is_users", "suspicious_calls"]

_WFSIM = str(Path(__file__).parents[2])
_FOREIGN = tuple(
    {
        _WFSIM,
        *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
    }
)
_FREEZE = "wfsim.freeze"

_CLOCK_METHODS = frozenset({"now", "utcnow", "today"})
_MODULES = frozenset({"time", "posix", "nt", "_random"})
_PLAIN = {"posix": "os", "nt": "os"}
"""Modules under which users know the functions of others."""
_NAMES = frozenset(
    {
        "time",
        "time_ns",
        "monotonic",
        "monotonic_ns",
        "perf_counter",
        "perf_counter_ns",
        "localtime",
        "gmtime",
        "strftime",
        "urandom",
        "getpid",
    }
)


def is_users(filename: str) -> bool:
    """Whether a file is the user's own, neither Python's nor a library's nor ours."""
    return not filename.startswith((*_FOREIGN, "<"))


def suspicious_calls(run: Callable[[], object]) -> list[tuple[str, Place]]:
    """Run something and return what its user code read of the clock and of chance, in order."""
    found: list[tuple[str, Place]] = []

    def watch(frame: FrameType, event: str, function: Any) -> None:  # noqa: ANN401 - CPython's hook
        if event == "c_call":
            if _reads_world(function):
                _note(found, frame, _name(function))
        elif event == "call" and frame.f_globals.get("__name__", "").startswith(_FREEZE):
            caller = frame.f_back
            if caller is not None:
                _note(found, caller, _replaced(frame))

    previous = sys.getprofile()
    # Callbacks of the garbage collector read clocks, too, and are not the user's doing.
    collects = gc.isenabled()
    gc.disable()
    sys.setprofile(watch)
    try:
        run()
    finally:
        sys.setprofile(previous)
        if collects:
            gc.enable()
    return found


def _reads_world(function: Any) -> bool:  # noqa: ANN401 - a builtin of any kind
    owner: Any = getattr(function, "__self__", None)
    name = getattr(function, "__name__", "")
    if isinstance(owner, type):
        return owner.__module__ == "datetime" and name in _CLOCK_METHODS
    if isinstance(owner, _random.Random):  # what `random.Random` is made of
        return name in {"random", "getrandbits"}
    return getattr(function, "__module__", "") in _MODULES and name in _NAMES


def _replaced(frame: FrameType) -> str:
    """Return the name of what a function of the freezer stands for."""
    original = frame.f_locals.get("original")
    if original is None:
        return frame.f_code.co_name.strip("_")
    return f"{_PLAIN.get(original.__module__, original.__module__)}.{original.__name__}"


def _name(function: Any) -> str:  # noqa: ANN401 - a builtin of any kind
    owner = getattr(function, "__self__", None)
    if isinstance(owner, type):
        return f"{owner.__name__}.{function.__name__}"
    if type(owner).__name__ == "Random":
        return f"random.{function.__name__}"
    module = str(getattr(function, "__module__", ""))
    return f"{_PLAIN.get(module, module)}.{function.__name__}".lstrip(".")


def _note(found: list[tuple[str, Place]], frame: FrameType, name: str) -> None:
    """Remember the user's line that led to the call, named by what the user wrote there."""
    inner: FrameType | None = frame
    while inner is not None and not is_users(inner.f_code.co_filename):
        module = str(inner.f_globals.get("__name__", ""))
        if module.startswith("wfsim.") and not module.startswith(_FREEZE):
            return  # what wfsim does by itself is not the doing of whoever called wfsim
        if not module.startswith(("wfsim.", "azure.")):
            # A constructor is called by the name of its class.
            called = inner.f_code.co_qualname.removesuffix(".__init__").rpartition(".")[2]
            name = f"{module}.{called}"
        inner = inner.f_back
    if inner is not None:
        entry = (f"{name}()", Place(file=inner.f_code.co_filename, line=inner.f_lineno))
        if entry not in found:
            found.append(entry)
