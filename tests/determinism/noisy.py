"""An app whose activities ask the world for everything that differs from process to process."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from tests.apps import Context, Steps

__all__ = ["ACTIVITIES", "noisy"]


def clocks(value: Any) -> list[Any]:
    return [datetime.now().isoformat(), time.time(), time.monotonic(), time.perf_counter_ns()]


def chances(value: Any) -> list[Any]:
    return [
        *(random.random(), secrets.token_hex(4), os.urandom(4).hex()),
        *(str(uuid.uuid4()), str(uuid.uuid1()), random.Random().random()),
    ]


async def naps(value: Any) -> list[str]:
    done: list[str] = []

    async def nap(name: str) -> None:
        await asyncio.sleep(random.random() * 10)
        done.append(name)

    # Tasks are kept in a set by asyncio.wait, and names are hashed by seed.
    await asyncio.wait([asyncio.ensure_future(nap(name)) for name in ("x", "y", "z")])
    return [*done, datetime.now().isoformat()]


async def breaks(value: Any) -> None:
    await asyncio.sleep(1)
    raise RuntimeError(f"at {time.time()} with {uuid.uuid4()}")


def sleeps(value: float) -> float:
    time.sleep(value)
    return time.time()


def noisy(context: Context) -> Steps:
    """Call them all, two at a time, and keep what they say."""
    results = yield context.task_all(
        [context.call_activity(name, 2) for name in ("clocks", "chances", "naps", "sleeps")]
    )
    try:
        yield context.call_activity("breaks", 1)
    except Exception as error:
        results.append(str(error))
    results.append((yield context.call_sub_orchestrator("noisy_child", results)))
    return results


def noisy_child(context: Context) -> Steps:
    return (yield context.call_activity("chances", context.new_uuid()))


ACTIVITIES: tuple[Callable[..., Any], ...] = (
    *(clocks, chances, naps, breaks, sleeps),
    noisy_child,
)
