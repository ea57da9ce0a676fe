"""Makes this process look like another worker: another machine, another start of Python.

What an orchestrator may not use is what differs there: the machine's name, the process's number,
the time zone, the environment, hashes of text.
"""

from __future__ import annotations

import builtins
import inspect
import os
import platform
import socket
import time
from collections.abc import Callable, Container, Generator, Iterable
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Final

__all__ = ["another_worker", "salt_hashes"]

_NAME: Final = "another-worker"
_ZONE: Final = "NPT-5:45"
"""Nepal's, in POSIX's words: a quarter of an hour apart from every full hour."""


@contextmanager
def another_worker(is_users: Callable[[str], bool], settings: Container[str]) -> Generator[None]:
    """Look like another worker to the user's own code.

    Args:
        is_users: Whether a file holds the user's own code. Libraries read their settings as ever.
        settings: Variables that are the same on all workers of an app.
    """
    before = os.getpid, socket.gethostname, platform.node
    zone, own, kind = os.environ.get("TZ"), os.getpid(), type(os.environ)
    os.getpid, socket.gethostname, platform.node = lambda: own + 1, lambda: _NAME, lambda: _NAME
    _set_zone(_ZONE)
    os.environ.__class__ = _environment(kind, is_users, settings)
    try:
        yield
    finally:
        os.environ.__class__ = kind
        _set_zone(zone)
        os.getpid, socket.gethostname, platform.node = before


def _environment(
    kind: Any,  # noqa: ANN401 - a class
    is_users: Callable[[str], bool],
    settings: Container[str],
) -> type:
    """Return a class of environments that tell the user's code something else."""

    def __getitem__(self: object, name: str) -> str:  # noqa: N807 - a method, made by hand
        if name in settings:
            return str(kind.__getitem__(self, name))
        try:
            value = kind.__getitem__(self, name)
        except KeyError:
            if not _asks(is_users):
                raise
            return _NAME
        return f"{value}-{_NAME}" if _asks(is_users) else str(value)

    return type("_OtherEnvironment", (kind,), {"__getitem__": __getitem__})


def _asks(is_users: Callable[[str], bool]) -> bool:
    """Whether the user's own code reads the environment, and no library does."""
    here = inspect.currentframe()
    frame = here and here.f_back and here.f_back.f_back  # behind the method and this function
    while (
        frame is not None
        and frame.f_back is not None
        and frame.f_code.co_filename.startswith("<frozen ")
    ):
        frame = frame.f_back
    return frame is not None and is_users(frame.f_code.co_filename)


def _set_zone(zone: str | None) -> None:
    if zone is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = zone
    if hasattr(time, "tzset"):
        time.tzset()


def salt_hashes(modules: Iterable[ModuleType]) -> None:
    """Let `hash` in these modules give other numbers, as in every process of its own."""

    def salted(value: object) -> int:
        return builtins.hash((_NAME, value)) if isinstance(value, str | bytes) else hash(value)

    for module in modules:
        vars(module).setdefault("hash", salted)
