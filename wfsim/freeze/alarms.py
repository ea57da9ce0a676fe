"""Tells whoever listens that code reads a clock, draws, or sleeps, at the moment it does so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

__all__ = ["Alarm", "Listener", "listen", "ring"]

Alarm = Literal["clock", "randomness", "sleep", "event loop"]
Listener = Callable[[Alarm, str], None]

_listener: Listener | None = None


def listen(listener: Listener | None) -> Listener | None:
    """Let somebody hear from now on, or nobody; return who did before.

    Args:
        listener: Called with what is done and the function that stands for it, such as
            "time.monotonic"; empty where only the caller's frames tell.
    """
    global _listener
    outer, _listener = _listener, listener
    return outer


def ring(alarm: Alarm, name: str = "") -> None:
    """Tell the listener, if there is one."""
    if _listener is not None:
        _listener(alarm, name)
