"""The same app behind each door."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.doors.app import doors_app
from tests.doors.doors import Door, MemoryDoor, SocketDoor


@pytest.fixture(params=[MemoryDoor, SocketDoor], ids=["memory", "socket"])
def door(request: pytest.FixtureRequest) -> Iterator[Door]:
    """A way into a fresh app, once in memory and once over a socket."""
    made: Door = request.param(doors_app())
    yield made
    made.close()
