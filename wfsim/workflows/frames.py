"""Where code waits that runs inside an async generator.

Python shows what a coroutine awaits, but not what a generator does that it is just asking for its
next value. On core <= 1.19 a functional workflow runs inside the generator of its events.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

__all__ = ["places_in"]

_ASYNCIO: Final = str(Path(asyncio.__file__).parent)
_FRAMES: Final = ("ag_frame", "cr_frame", "gi_frame")
_NEXT: Final = ("ag_await", "cr_await", "gi_yieldfrom")


def places_in(stream: object) -> Iterator[tuple[str, str, int]]:
    """Yield name, file and line of where the generators wait that an object holds."""
    for value in vars(stream).values():
        if inspect.isasyncgen(value):
            place = _innermost(value)
            if place is not None:
                yield place


def _innermost(awaited: Any) -> tuple[str, str, int] | None:  # noqa: ANN401
    place = None
    while awaited is not None:
        frame = _first(awaited, _FRAMES)
        if frame is not None and not frame.f_code.co_filename.startswith(_ASYNCIO):
            place = (frame.f_code.co_qualname, frame.f_code.co_filename, frame.f_lineno or 0)
        awaited = _first(awaited, _NEXT)
    return place


def _first(thing: object, names: tuple[str, ...]) -> Any:  # noqa: ANN401
    return next((found for name in names if (found := getattr(thing, name, None))), None)
