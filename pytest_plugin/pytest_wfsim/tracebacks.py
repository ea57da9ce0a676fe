"""Leaves wfsim's own frames out of tracebacks: a failing test is about the test and the app."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import wfsim
from wfsim import WfsimError
from wfsim.errors import InternalError

__all__ = ["hide_frames"]

_WFSIM = Path(wfsim.__file__).parent
_RAISES_FOR_THE_TEST = _WFSIM / "stubs.py"


def hide_frames() -> None:
    """Mark the modules of wfsim for pytest; `--full-trace` shows their frames all the same."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "wfsim":
            vars(module).setdefault("__tracebackhide__", _is_about_user_code)


def _is_about_user_code(excinfo: pytest.ExceptionInfo[BaseException] | None) -> bool:
    """Whether wfsim raised on purpose or passed something on, rather than crashed."""
    if excinfo is None or isinstance(excinfo.value, InternalError):
        return False
    last = Path(excinfo.traceback[-1].path)
    is_ours = last.is_relative_to(_WFSIM) and last != _RAISES_FOR_THE_TEST
    return isinstance(excinfo.value, WfsimError) or not is_ours
