"""What an orchestrator must not ask for, and how Python shows that somebody does."""

from __future__ import annotations

import _thread
import asyncio
import datetime as dt
import os
import random
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from wfsim.freeze.originals import ORIGINALS

__all__ = ["AUDITED", "DRAWS", "WORDS", "Call", "Kind", "Words", "calls", "stronger"]

Kind = Literal[
    "clock",
    "randomness",
    "uuid",
    "environment",
    "sleep",
    "file",
    "thread",
    "subprocess",
    "socket",
    "event loop",
]


@dataclass(frozen=True, slots=True)
class Words:
    """How a finding speaks of one kind."""

    does: str
    way_out: str


WORDS: Final[dict[Kind, Words]] = {
    "clock": Words("reads a clock", "Take context.current_utc_datetime."),
    "randomness": Words(
        "draws random numbers",
        "Draw in an activity, or from random.Random(seed) with a seed out of the input.",
    ),
    "uuid": Words("makes an id", "Take context.new_uuid(), or make the id in an activity."),
    "environment": Words(
        "asks the environment", "Read settings in an activity, or hand them over in the input."
    ),
    "sleep": Words(
        "sleeps", "Yield context.create_timer(context.current_utc_datetime + timedelta(…))."
    ),
    "file": Words("goes to the file system", "Do it in an activity: its result is kept."),
    "thread": Words("starts a thread", "Call activities at once, with context.task_all."),
    "subprocess": Words("starts a process", "Do it in an activity: its result is kept."),
    "socket": Words("goes to the network", "Do it in an activity, or with context.call_http."),
    "event loop": Words("runs an event loop", "Await things in an async activity, and yield that."),
}
"""Weakest first: a call that does several of these is told by the last."""

_RANKS: Final = {kind: rank for rank, kind in enumerate(WORDS)}


def stronger(one: Kind, other: Kind) -> Kind:
    """Return the kind that says more about a call that does both."""
    return max(one, other, key=_RANKS.__getitem__)


AUDITED: Final[dict[str, Kind]] = {
    **dict.fromkeys(("open", "os.chdir", "os.chflags", "os.chmod", "os.chown", "os.link"), "file"),
    **dict.fromkeys(("os.listdir", "os.listxattr", "os.mkdir", "os.remove", "os.rename"), "file"),
    **dict.fromkeys(("os.rmdir", "os.scandir", "os.symlink", "os.truncate", "os.utime"), "file"),
    **dict.fromkeys(("sqlite3.connect", "os.getxattr", "os.setxattr", "os.walk"), "file"),
    **dict.fromkeys(("subprocess.Popen", "os.system", "os.exec", "os.fork"), "subprocess"),
    **dict.fromkeys(("os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile"), "subprocess"),
    **dict.fromkeys(("_thread.start_new_thread", "_thread.start_joinable_thread"), "thread"),
    **dict.fromkeys(("socket.__new__", "socket.connect", "socket.bind", "socket.sendto"), "socket"),
    **dict.fromkeys(("socket.sendmsg", "socket.getaddrinfo", "socket.getnameinfo"), "socket"),
    **dict.fromkeys(("socket.gethostbyname", "socket.gethostbyaddr"), "socket"),
    "socket.gethostname": "environment",
    "os.putenv": "environment",
    "os.unsetenv": "environment",
    "time.sleep": "sleep",
}
"""Events of `sys.audit`."""


@dataclass(frozen=True, slots=True)
class Call:
    """What it means to call one function."""

    kind: Kind
    name: str
    """As users know it."""


_TIME: Final = (
    *("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns"),
    *("process_time", "process_time_ns", "thread_time", "thread_time_ns", "clock_gettime"),
    *("clock_gettime_ns", "ctime"),
)
_OS: Final[dict[str, Kind]] = {
    **dict.fromkeys(("urandom", "getrandom"), "randomness"),
    **dict.fromkeys(("stat", "lstat", "statvfs", "access", "readlink", "getcwd"), "file"),
    **dict.fromkeys(("getpid", "getppid", "getlogin", "uname", "cpu_count"), "environment"),
    **dict.fromkeys(("getloadavg", "times", "sched_getaffinity"), "environment"),
}
DRAWS: Final[dict[str, Callable[..., Any]]] = {
    "random": random.random,
    "getrandbits": random.getrandbits,
}
"""All that draws from the generator behind `random` comes down to one of these."""
_LOOPS: Final = ("run", "new_event_loop", "create_task", "ensure_future", "to_thread")


def calls() -> dict[object, Call]:
    """Return what calls mean, by the function: of C, or, where it is one of Python's, its own.

    Functions of C are found by what they are and not by where they were imported. What `datetime`
    and `random` do is the method of a class or of an object; those count as bound to it.
    """
    return dict(_calls())


def _calls() -> Iterator[tuple[object, Call]]:
    for name in _TIME:
        if hasattr(time, name):
            yield _original(time, name), Call("clock", f"time.{name}")
    yield _original(time, "sleep"), Call("sleep", "time.sleep")
    for owner, names in (
        (dt.datetime, ("now", "utcnow", "today")),
        (dt.date, ("today",)),
    ):
        for name in names:
            yield getattr(owner, name), Call("clock", f"{owner.__name__}.{name}")
    for name, kind in _OS.items():
        if hasattr(os, name):
            yield _original(os, name), Call(kind, f"os.{name}")
    yield _thread.start_new_thread, Call("thread", "_thread.start_new_thread")
    yield threading.Thread.start, Call("thread", "threading.Thread.start")
    for name in _LOOPS:
        yield _original(asyncio, name), Call("event loop", f"asyncio.{name}")
    for name, draw in DRAWS.items():
        yield draw, Call("randomness", f"random.{name}")
    numbers: Any = sys.modules.get("numpy.random")
    shared = None if numbers is None else getattr(numbers.mtrand, "_rand", None)
    for name, value in () if shared is None else list(vars(numbers).items()):
        is_draw = not name.startswith(("_", "seed", "get_", "set_"))
        if is_draw and getattr(value, "__self__", None) is shared:
            yield value, Call("randomness", f"numpy.random.{name}")


def _original(module: types.ModuleType, name: str) -> object:
    """Return a function as it is where no simulation replaces it."""
    return ORIGINALS.get(name) or getattr(module, name)
