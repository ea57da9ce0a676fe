"""What stands for the originals while a simulation runs code."""

from __future__ import annotations

import asyncio
import operator
import random
import threading
import uuid
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any, Final, NamedTuple

from wfsim.clock import Stall, StalledTime, TimeSource, VirtualClock, current_stall
from wfsim.freeze.alarms import ring
from wfsim.freeze.entropy import SHARED, Entropy
from wfsim.freeze.originals import ORIGINALS, STANDARD, Binding, bindings, is_replaceable
from wfsim.freeze.views import View
from wfsim.loop import VirtualLoop

__all__ = ["Replacements"]

_LONGEST_SLEEP_S: Final = 9_000_000_000
_RANDOM: Final[Any] = random.Random
_RANDOM_SEED: Final = random.Random.seed

_UUID_STATE: Final = tuple(
    name
    for name in (
        *("_generate_time_safe", "_UuidCreate"),
        *("_last_timestamp", "_last_timestamp_v6", "_last_timestamp_v7"),
    )
    if hasattr(uuid, name)
)
"""None makes uuid1 and its kin read `time.time`, and forget the ids that were made elsewhere."""


class _Before(NamedTuple):
    """What was in place of the replacements."""

    functions: list[tuple[dict[str, Any], str, Any]]
    ids: dict[str, Any]
    seed: Any
    event_loop: asyncio.AbstractEventLoop | None


class Replacements:
    """The replaced functions of one simulation, put in place while it runs code.

    Threads that were running before get the originals: pytest's own, a debugger's, the executor
    of an outer event loop.
    """

    def __init__(
        self,
        clock: VirtualClock,
        entropy: Entropy,
        view: Callable[[], View],
        *,
        clocks: bool,
        make_loop: Callable[[TimeSource], VirtualLoop],
    ) -> None:
        self._clock = clock
        self._make_loop = make_loop
        self._entropy = entropy
        self._view = view
        self._bindings: dict[tuple[str, str], Binding] = {}
        self._event_loop: asyncio.AbstractEventLoop | None = None
        self._seed_generator = _seeding(entropy)
        self._uuid_state: dict[str, Any] = dict.fromkeys(_UUID_STATE) | {"_node": entropy.node}
        self._old_threads = {thread.ident for thread in threading.enumerate()}
        self._old_threads.discard(threading.get_ident())
        self._functions = (self._clocks() if clocks else {}) | {
            name: self._only_here(name, function)
            for name, function in (self._of_chance() | (self._of_time() if clocks else {})).items()
            if name in ORIGINALS
        }
        self._add(STANDARD)
        self.ignored_sleeps_us: list[int] = []
        """Sleeps of code that is no activity, such as an orchestrator: no time passed."""

    def adopt(self, modules: Iterable[ModuleType]) -> None:
        """Also replace names such as `from time import sleep` binds in these modules."""
        self._add(bindings(modules))

    def _add(self, found: Iterable[Binding]) -> None:
        for binding in found:
            if binding.original in self._functions:
                self._bindings[binding.module.__name__, binding.name] = binding
        # Each operation goes through all of them, so nothing is looked up then.
        self._places = [
            (
                vars(item.module),
                item.name,
                item.original,
                ORIGINALS[item.original],
                self._functions[item.original],
            )
            for item in self._bindings.values()
        ]

    @property
    def in_place(self) -> bool:
        """Whether this simulation's replacements are the ones in place."""
        return random.Random.seed is self._seed_generator

    def installed(self) -> AbstractContextManager[None]:
        """Replace the functions meanwhile."""
        return _Installed(self)

    def put(self) -> _Before:
        """Replace the functions until `take_back`, which wants what this returns."""
        functions: list[tuple[dict[str, Any], str, Any]] = []
        for names, name, original, genuine, function in self._places:
            current = names.get(name)
            if current is genuine or is_replaceable(current, original):
                functions.append((names, name, current))
                names[name] = function
        ids = uuid.__dict__
        before = _Before(
            functions,
            {name: ids[name] for name in self._uuid_state},
            _RANDOM.seed,
            self._event_loop,
        )
        _RANDOM.seed = self._seed_generator
        ids.update(self._uuid_state)
        self._event_loop = None
        return before

    def take_back(self, before: _Before) -> None:
        """Put everything back that `put` has replaced."""
        _RANDOM.seed = before.seed
        uuid.__dict__.update(before.ids)
        self._event_loop = before.event_loop
        for names, name, value in before.functions:
            names[name] = value

    def _only_here(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        original, old_threads = ORIGINALS[name], self._old_threads

        def replacement(*args: Any, **options: Any) -> Any:  # noqa: ANN401
            if threading.get_ident() in old_threads:
                return original(*args, **options)
            return function(*args, **options)

        replacement.__name__ = replacement.__qualname__ = name
        return replacement

    # Time

    def _clocks(self) -> dict[str, Callable[..., Any]]:
        return {
            "monotonic": self._clock_here("monotonic", int.__truediv__, 1_000_000),
            "monotonic_ns": self._clock_here("monotonic_ns", int.__mul__, 1000),
            "perf_counter": self._clock_here("perf_counter", int.__truediv__, 1_000_000),
            "perf_counter_ns": self._clock_here("perf_counter_ns", int.__mul__, 1000),
        }

    def _clock_here(
        self, name: str, change: Callable[[int, int], float], by: int
    ) -> Callable[[], float]:
        """Return a monotonic clock, in one call where `_only_here` makes three: it is read often.

        Args:
            name: The original.
            change: Makes of microseconds, and `by`, what the original counts in.
            by: How many there are of the one in the other.
        """
        original, old_threads, view = ORIGINALS[name], self._old_threads, self._view

        def replacement() -> Any:  # noqa: ANN401
            if threading.get_ident() in old_threads:
                return original()
            return change(view().monotonic_us(), by)

        replacement.__name__ = replacement.__qualname__ = name
        return replacement

    def _of_time(self) -> dict[str, Callable[..., Any]]:
        return {
            "sleep": self._sleep,
            "new_event_loop": self._new_event_loop,
            "get_event_loop": self._get_event_loop,
            "set_event_loop": self._set_event_loop,
        }

    def _sleep(self, seconds: float, /) -> None:
        number = seconds if isinstance(seconds, float) else operator.index(seconds)
        if not 0 <= number <= _LONGEST_SLEEP_S:
            ORIGINALS["sleep"](seconds)  # raises
        us = round(number * 1_000_000)
        ring("sleep", "time.sleep")
        stall = current_stall.get()
        if stall is None:
            self.ignored_sleeps_us.append(us)
        else:
            stall.us += us

    def _new_event_loop(self) -> VirtualLoop:
        """Make a loop for sync code that calls `asyncio.run`: its sleeping stalls that code."""
        ring("event loop", "asyncio.new_event_loop")
        return self._make_loop(StalledTime(self._clock, current_stall.get() or Stall()))

    def _get_event_loop(self) -> asyncio.AbstractEventLoop:
        try:
            return asyncio.get_running_loop()
        except RuntimeError:
            if self._event_loop is not None:
                return self._event_loop
            raise  # as in the worker thread of a host, where nothing has set a loop

    def _set_event_loop(self, loop: asyncio.AbstractEventLoop | None) -> None:
        self._event_loop = loop

    # Chance

    def _of_chance(self) -> dict[str, Callable[..., Any]]:
        def getrandom(size: int, flags: int = 0) -> bytes:  # noqa: ARG001
            return self._entropy.urandom(size)

        def seed(a: Any = None, version: int = 2) -> None:  # noqa: ANN401
            SHARED.seed(a, version)

        return {"urandom": self._entropy.urandom, "getrandom": getrandom, "seed": seed}


class _Installed:
    """The functions of one simulation, in place."""

    __slots__ = ("_before", "_replacements")

    def __init__(self, replacements: Replacements) -> None:
        self._replacements = replacements

    def __enter__(self) -> None:
        self._before = self._replacements.put()

    def __exit__(self, *_: object) -> None:
        self._replacements.take_back(self._before)


def _seeding(entropy: Entropy) -> Callable[..., None]:
    def seed(self: random.Random, a: Any = None, version: int = 2) -> None:  # noqa: ANN401
        _RANDOM_SEED(self, entropy.fresh_seed() if a is None else a, version)

    return seed
