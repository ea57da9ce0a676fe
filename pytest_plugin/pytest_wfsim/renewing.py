"""Makes fixtures anew in the middle of a test: the only place that knows how pytest keeps them.

pytest offers no call for it. What is used here is held by tests/plugin under the oldest and the
newest pytest that wfsim supports.
"""

from __future__ import annotations

from typing import Any

import pytest

__all__ = ["finish_fixture", "forget_finished", "forget_output", "make_missing"]


def finish_fixture(request: pytest.FixtureRequest) -> None:
    """Tear a fixture down, and before it all those that were made from it.

    Args:
        request: The one that the fixture itself got.
    """
    own: Any = request
    own._fixturedef.finish(own)  # noqa: SLF001


def forget_finished(item: pytest.Function) -> None:
    """Let a test forget the values of fixtures that were torn down."""
    definitions: dict[str, Any] = _request(item)._fixture_defs  # noqa: SLF001
    for name, definition in list(definitions.items()):
        if definition.cached_result is None:
            del definitions[name]
            item.funcargs.pop(name, None)


def forget_output(item: pytest.Item) -> None:
    """Drop what a test has printed so far in its present phase."""
    manager: Any = item.config.pluginmanager.getplugin("capturemanager")
    if manager is not None and manager.is_globally_capturing():
        manager.read_global_capture()


def make_missing(item: pytest.Function) -> None:
    """Make the fixtures that a test asks for and does not have."""
    _request(item)._fillfixtures()  # noqa: SLF001


def _request(item: pytest.Function) -> Any:  # noqa: ANN401 - private to pytest
    own: Any = item
    return own._request  # noqa: SLF001
