"""Whose doing a call is: the user's line behind it, or nobody's that counts."""

from __future__ import annotations

import os
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Final

from wfsim.trace import Place

__all__ = ["MAPPINGS", "Doing", "doing", "is_users", "may_be_followed"]

_WFSIM: Final = str(Path(__file__).parents[1])
_PATHS: Final = tuple(
    {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
)
_INSTALLED: Final = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")

_SDKS: Final = frozenset({"azure", "durabletask", "agent_framework", "agent_framework_durabletask"})
_SDKS_ALSO: Final = "agent_framework_"
_NO_DOING: Final = frozenset(
    {
        *("logging", "importlib", "_frozen_importlib", "_frozen_importlib_external", "zipimport"),
        *("linecache", "traceback", "tracemalloc", "warnings", "opentelemetry", "structlog"),
        *("_pytest", "pluggy", "pytest", "hypothesis", "coverage", "pydevd", "debugpy", "bdb"),
        *("sentry_sdk", "zoneinfo", "pytz", "tzdata"),
    }
)
"""What may ask the world for anything: what it learns goes to people, is about the code, or is the
same wherever this Python is."""
_NO_DOING_EITHER: Final = ("dateutil.parser", "dateutil.tz", "dateutil.zoneinfo")
"""Parts of packages of which the same is true: a date is parsed with today's for a default."""
_TRANSPARENT: Final = ("wfsim.freeze", "wfsim.guards")
_TRAVEL: Final = "time_machine"
MAPPINGS: Final = ("_Environ.", "Mapping.", "MutableMapping.", "KeysView.", "ItemsView.")
"""Methods of `os.environ` and its kin, whatever module has them."""
_REPLACEMENTS: Final = "wfsim.freeze.replacements"


@dataclass(frozen=True, slots=True)
class Doing:
    """What a user's line does."""

    place: Place
    name: str
    """The function that stands there, as one would write it; empty if it is no Python function."""
    clock: str
    """The clock that it reads, if it is one that the freezer shows; empty otherwise."""


def is_users(filename: str) -> bool:
    """Whether a file is the user's own: no part of Python, of an installed package, or ours."""
    return not (
        filename.startswith((_WFSIM, "<", *_PATHS)) or any(part in filename for part in _INSTALLED)
    )


def may_be_followed(filename: str, module: str) -> bool:
    """Whether what a function calls is the doing of who calls the function."""
    root = module.partition(".")[0]
    return not (filename.startswith((_WFSIM, "<")) or root in _NO_DOING or _is_sdk(root))


def _is_sdk(root: str) -> bool:
    return root in _SDKS or root.startswith(_SDKS_ALSO)


def doing(frame: FrameType | None) -> Doing | None:
    """Return which line of an orchestrator is behind a call, and what it calls.

    Args:
        frame: Where the call is.

    Returns:
        None where it is the doing of the SDK, of wfsim, of a log or of an import.
    """
    place, name, clock = None, "", ""
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        root = module.partition(".")[0]
        if root in _NO_DOING or module.startswith(_NO_DOING_EITHER):
            return None
        if _is_sdk(root) or root == "wfsim":
            if place is not None:
                break  # who calls the orchestrator, or something of the user's for it
            if not module.startswith(_TRANSPARENT):
                return None
            clock = clock or _replaced_clock(frame, module)
        elif place is None:
            code = frame.f_code
            if is_users(code.co_filename):
                if code.co_name == "<module>":
                    return None  # what is imported late might have been imported early
                place = Place(file=code.co_filename, line=frame.f_lineno)
            elif _has_name(root, code):
                name = _as_written(module, code)
        frame = frame.f_back
    return None if place is None else Doing(place, name, clock)


def _has_name(root: str, code: CodeType) -> bool:
    """Whether a library's function is one that users know, and no inside of another."""
    if code.co_filename.startswith("<") and not code.co_filename.startswith("<frozen "):
        return False  # what dataclasses and their kin have generated
    return root != _TRAVEL and not code.co_qualname.startswith(MAPPINGS)


def _replaced_clock(frame: FrameType, module: str) -> str:
    """Return what a function of the freezer stands for, if it is a clock."""
    original = frame.f_locals.get("original") if module == _REPLACEMENTS else None
    is_clock = getattr(original, "__module__", "") == "time"
    return f"time.{getattr(original, '__name__', '')}" if is_clock else ""


def _as_written(module: str, code: CodeType) -> str:
    """Return a function's name as those know it who call it."""
    called = code.co_qualname.partition(".<locals>")[0]
    called = called.removesuffix(".__init__").removesuffix(".__new__")
    root, first = module.partition(".")[0], called.partition(".")[0]
    if module == "random" and called.startswith("Random."):
        called = called.removeprefix("Random.")
    public = sys.modules.get(root)
    if hasattr(public, first):
        return f"{root}.{called}"
    method = called.rpartition(".")[2]
    for name, value in list(vars(public).items()) if public is not None else ():
        # A method of a private base, as some versions of Python have it for public classes.
        known = getattr(value, method, None) if isinstance(value, type) else None
        if getattr(known, "__code__", None) is code:
            return f"{root}.{name}.{method}"
    return f"{module}.{called}"
