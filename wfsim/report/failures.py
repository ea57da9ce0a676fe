"""Failures as people read them: the cause, without what the host wraps around it."""

from __future__ import annotations

import re

from wfsim.history.printable import printable

__all__ = ["cause"]

_BY = re.compile(r"Orchestrator function '[^']*' failed: ")
_REMOTE = re.compile(r"\nException: (.*?)(?:\nStack:|\Z)", re.DOTALL)


def cause(text: str | None) -> str:
    """Return on one printable line what went wrong.

    The host prefixes the orchestrator's name, appends the worker's stack, and the SDK appends the
    whole state as JSON: a reader of a timeline knows the one, and the others fill a page.
    """
    said = _BY.sub("", (text or "").partition(" \n ")[0], count=1)
    remote = _REMOTE.search(said)
    return printable(" ".join((remote[1] if remote else said).split()))
