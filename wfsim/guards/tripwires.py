"""Wires that are touched below every import: audit events, the environment, and the freezer.

They cost next to nothing as long as nothing touches them, and see a call whatever name it has.
"""

from __future__ import annotations

import os
import random
import sys
import threading
import zoneinfo
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from functools import cache, wraps
from types import FrameType, ModuleType
from typing import Any, Final, Protocol

from wfsim.freeze.alarms import listen
from wfsim.freeze.entropy import SHARED
from wfsim.guards.frames import MAPPINGS
from wfsim.guards.sources import AUDITED, DRAWS, Kind

__all__ = ["ENVIRONMENT", "Hear", "Wires", "is_armed", "tell"]


class Hear(Protocol):
    """Takes what is done: its kind, the function that does it, and where it is called."""

    def __call__(self, kind: Kind, name: str, frame: FrameType | None, /) -> None:
        """Take it."""
        ...


ENVIRONMENT: Final = "os.environ"
_STARTS: Final = "_start_new_thread"
"""What `threading` calls to start one."""
_THREADS_ARE_AUDITED: Final = sys.version_info >= (3, 12)
_NAMES: Final = {"socket.__new__": "socket.socket"}

_hear: Hear | None = None
_quiet_variables: Final[set[object]] = {
    *("WEBSITE_HOSTNAME", "WEBSITE_SITE_NAME", "WEBSITE_OWNER_NAME", "REGION_NAME"),
    *("FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_EXTENSION_VERSION"),
}
"""Variables that the platform sets, and alike wherever and whenever the app runs; and the SDK's own
settings, for which it asks with each value that it reads or writes, so that looking up who asks
would take a tenth of an orchestrator's time."""


def is_armed() -> bool:
    """Whether anybody hears."""
    return _hear is not None


def tell(kind: Kind, name: str, frame: FrameType | None = None) -> None:
    """Tell whoever hears now.

    Args:
        kind: What is done.
        name: The function that does it.
        frame: Where it is called; who calls this, if it is left out.
    """
    global _hear  # noqa: PLW0603 - whoever hears must not hear itself
    hear, _hear = _hear, None
    if hear is None:
        return
    try:
        hear(kind, name, frame or sys._getframe(1))  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    finally:
        _hear = hear


def _audit(event: str, about: tuple[object, ...]) -> None:
    if _hear is None:
        return
    kind = AUDITED.get(event)
    if kind is not None and not (event == "open" and _is_time_zone(about[0])):
        tell(kind, _NAMES.get(event, event))


def _is_time_zone(path: object) -> bool:
    """Whether a file holds one of the world's time zones: those are no news to anybody."""
    return isinstance(path, str) and path.startswith(tuple(zoneinfo.TZPATH))


def _tell_of_variable(name: object, frame: FrameType) -> None:
    asks: FrameType | None = frame
    while asks is not None and asks.f_code.co_qualname.startswith(MAPPINGS):
        asks = asks.f_back
    if asks is not None and str(asks.f_globals.get("__name__")).startswith("azure."):
        _quiet_variables.add(name)
    else:
        tell("environment", f"{ENVIRONMENT}[{name!r}]", frame)


def _encodekey(encode: Callable[[Any], Any]) -> Callable[[Any], Any]:
    quiet = _quiet_variables

    def encodekey(key: Any) -> Any:  # noqa: ANN401 - whatever somebody takes for a name
        if key not in quiet:
            _tell_of_variable(key, sys._getframe(1))  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        return encode(key)

    return encodekey


def _wire(kind: Kind, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    """Return what tells, and then does what the original does."""

    @wraps(original)
    def wire(*args: Any, **options: Any) -> Any:  # noqa: ANN401
        tell(kind, name)
        return original(*args, **options)

    return wire


_DRAWS: Final = {
    name: (draw, _wire("randomness", f"random.{name}", draw)) for name, draw in DRAWS.items()
}


class Wires:
    """What is touched where an orchestrator does something, to be put up and taken down.

    Args:
        modules: Those of the app, which may have imported what the wires stand for.
    """

    def __init__(self, modules: Iterable[ModuleType]) -> None:
        originals = {id(original): wire for original, wire in _DRAWS.values()}
        self._names = [
            (vars(module), name, value, originals[id(value)])
            for module in (random, *modules)
            for name, value in vars(module).items()
            if id(value) in originals
        ]
        environ: Any = os.environ
        self._coders = environ.encodekey, environ.decodekey
        self._wired = (
            _encodekey(environ.encodekey),
            _wire("environment", ENVIRONMENT, environ.decodekey),
        )
        if not _THREADS_ARE_AUDITED:
            start = getattr(threading, _STARTS)
            wire = _wire("thread", "_thread.start_new_thread", start)
            self._names.append((sys.modules["threading"].__dict__, _STARTS, start, wire))

    def up(self, hear: Hear) -> AbstractContextManager[None]:
        """Let somebody hear meanwhile what is done."""
        return _Up(self, hear)

    def put_up(self, hear: Hear) -> tuple[Hear | None, object]:
        """Begin what `up` does; return what `take_down` wants to have.

        Reading the environment encodes a name, or decodes it where all are listed: that is where
        its wire lies.
        """
        global _hear
        _install_hook()
        outer, _hear = _hear, hear
        before = listen(tell)
        environ: Any = os.environ
        environ.encodekey, environ.decodekey = self._wired
        for names, name, _, wire in self._names:
            names[name] = wire
        for name, (_, wire) in _DRAWS.items():
            setattr(SHARED, name, wire)
        return outer, before

    def take_down(self, begun: tuple[Hear | None, Any]) -> None:
        """End what `put_up` has begun."""
        global _hear  # noqa: PLW0603 - see `put_up`
        outer, before = begun
        for name in _DRAWS:
            delattr(SHARED, name)
        for names, name, original, _ in self._names:
            names[name] = original
        environ: Any = os.environ
        environ.encodekey, environ.decodekey = self._coders
        listen(before)
        _hear = outer


class _Up:
    """The wires while they are up; a class, since there is one in each episode."""

    __slots__ = ("_begun", "_hear", "_wires")

    def __init__(self, wires: Wires, hear: Hear) -> None:
        self._wires, self._hear = wires, hear

    def __enter__(self) -> None:
        self._begun = self._wires.put_up(self._hear)

    def __exit__(self, *_: object) -> None:
        self._wires.take_down(self._begun)


@cache
def _install_hook() -> None:
    """Hear of Python's audit events; a hook stays for good."""
    sys.addaudithook(_audit)
