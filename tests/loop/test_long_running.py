"""A loop that never ends: what it remembers stays small."""

from __future__ import annotations

import asyncio
from collections import deque

from wfsim.clock import VirtualClock
from wfsim.loop import VirtualLoop


def test_places_are_used_again_where_tasks_always_overlap() -> None:
    """Where some task is always open, the places of thousands of ended ones are taken again."""
    loop = VirtualLoop(VirtualClock())

    async def overlap() -> int:
        latest: deque[asyncio.Task[None]] = deque(maxlen=3)
        highest = 0
        for _ in range(2_000):
            task = asyncio.create_task(asyncio.sleep(3))
            assert hash(task) not in {hash(other) for other in latest if not other.done()}
            highest = max(highest, hash(task))
            latest.append(task)
            await asyncio.sleep(1)
        assert sum(not task.done() for task in latest) == 2
        return highest

    assert loop.run_until_complete(overlap()) < 300
    loop.close()


def test_the_latest_errors_are_kept() -> None:
    """Of errors that nobody looked at a thousand are kept, and the number of those before."""
    loop = VirtualLoop(VirtualClock())
    for number in range(1_500):
        loop.call_exception_handler({"message": str(number)})
    assert [error.message for error in loop.errors] == [str(item) for item in range(500, 1_500)]
    assert loop.errors_dropped == 500
    loop.close()
