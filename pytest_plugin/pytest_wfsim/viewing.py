"""Views as the plugin makes them: of anything that wfsim knows, whoever has been imported."""

from __future__ import annotations

import importlib
from typing import cast

from pytest_wfsim.origins import origins
from wfsim.snapshot import FORMAT, Rules, View, view
from wfsim.snapshot.view import builder_of

__all__ = ["header", "is_known", "seen"]


def header(kind: str) -> str:
    """Return the first line of a snapshot: whose text it is, and in which format."""
    return f"# wfsim {kind}, format {FORMAT}"


def is_known(value: object) -> bool:
    """Whether a value is a view, something recorded, or a list of one kind of these."""
    _learn(value)
    if isinstance(value, View) or builder_of(value) is not None:
        return True
    if not isinstance(value, list | tuple) or not value:
        return False
    items = cast("list[object] | tuple[object, ...]", value)
    first = builder_of(items[0])
    return first is not None and all(builder_of(item) is first for item in items)


def seen(value: object, rules: Rules) -> View:
    """Return the view of a value; a view that a test has made stays as it is."""
    _learn(value)
    return view(value, rules=rules)


def _learn(value: object) -> None:
    """Import what knows the framework's events: tests need not have imported it."""
    if "agent_framework" in origins(value):
        importlib.import_module("wfsim.workflows")  # it takes long, and others need it not
