"""Wires that are touched below every import: audit events, the environment, and the freezer.

They cost next to nothing as long as nothing touches them, and see a call whatever name it has.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final, Protocol

from wfsim.freeze.alarms import listen
from wfsim.guards.frames import MAPPINGS
from wfsim.guards.sources import AUDITED, Kind

__all__ = ["ENVIRONMENT", "Hear", "armed", "is_armed", "tell"]


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
_is_hooked = False
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


def _audit(event: str, _: tuple[object, ...]) -> None:
    if _hear is None:
        return
    kind = AUDITED.get(event)
    if kind is not None:
        tell(kind, _NAMES.get(event, event))


def _tell_of_variable(name: object, frame: FrameType) -> None:
    asks: FrameType | None = frame
    while asks is not None and asks.f_code.co_qualname.startswith(MAPPINGS):
        asks = asks.f_back
    if asks is not None and str(asks.f_globals.get("__name__")).startswith("azure."):
        _quiet_variables.add(name)
    else:
        tell("environment", f"{ENVIRONMENT}[{name!r}]", frame)


@contextmanager
def armed(hear: Hear) -> Generator[None]:
    """Let somebody hear meanwhile what is done.

    Reading the environment encodes a name, or decodes it where all are listed: that is where the
    wire lies.
    """
    global _hear, _is_hooked  # noqa: PLW0603 - an audit hook stays for good
    if not _is_hooked:
        _is_hooked = True
        sys.addaudithook(_audit)
    outer, _hear = _hear, hear
    before = listen(tell)
    environ: Any = os.environ
    quiet = _quiet_variables
    encode, decode = environ.encodekey, environ.decodekey
    start: Any = getattr(threading, _STARTS, None)

    def encodekey(key: Any) -> Any:  # noqa: ANN401 - whatever somebody takes for a name
        if key not in quiet:
            _tell_of_variable(key, sys._getframe(1))  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        return encode(key)

    def decodekey(key: Any) -> Any:  # noqa: ANN401 - as the system has it
        tell("environment", ENVIRONMENT)
        return decode(key)

    def start_thread(*args: Any, **options: Any) -> Any:  # noqa: ANN401
        tell("thread", "_thread.start_new_thread")
        return start(*args, **options)

    environ.encodekey, environ.decodekey = encodekey, decodekey
    if not _THREADS_ARE_AUDITED:
        setattr(threading, _STARTS, start_thread)
    try:
        yield
    finally:
        environ.encodekey, environ.decodekey = encode, decode
        if not _THREADS_ARE_AUDITED:
            setattr(threading, _STARTS, start)
        listen(before)
        _hear = outer
