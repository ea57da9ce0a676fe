"""A module as users write them: every name is imported by name."""

from __future__ import annotations

from asyncio import new_event_loop
from datetime import datetime
from os import urandom
from random import choice, random, seed
from secrets import token_hex
from time import monotonic, monotonic_ns, perf_counter, sleep, time
from uuid import uuid1, uuid4

__all__ = [
    "choice",
    "datetime",
    "monotonic",
    "monotonic_ns",
    "new_event_loop",
    "perf_counter",
    "random",
    "seed",
    "sleep",
    "time",
    "token_hex",
    "urandom",
    "uuid1",
    "uuid4",
]
