"""Agreement with a user's freezegun, which wfsim never imports itself.

freezegun keeps a stack of factories; the top one says what time it is. The bridge moves that
factory with the simulation's clock, notices when the user moves it, and lets code that runs inside
the simulation read the simulation's clock through it.
"""

from __future__ import annotations

import datetime as dt
import sys
import time as time_module
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wfsim.clock import VirtualClock, from_us, iso, to_us
from wfsim.errors import UsageError
from wfsim.nested import NOTHING

__all__ = ["GunBridge", "frozen_us", "gun", "real_names"]

_TIME_NAMES = (
    *("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns"),
    *("localtime", "gmtime", "strftime"),
)


def gun() -> Any | None:  # noqa: ANN401
    """Return `freezegun.api` if the user has imported freezegun."""
    return sys.modules.get("freezegun.api")


def _active_gun() -> Any | None:  # noqa: ANN401
    api = gun()
    return api if api is not None and api.freeze_factories else None


@contextmanager
def real_names() -> Generator[None]:
    """Put back the names that an active freezegun has replaced in `datetime` and `time`.

    time_machine patches the functions behind these names, so it must find the real ones.
    """
    api = _active_gun()
    if api is None:
        yield
        return
    real = [(time_module, name, getattr(api, f"real_{name}")) for name in _TIME_NAMES]
    real += [(dt, name, getattr(api, f"real_{name}")) for name in ("datetime", "date")]
    fake = [(module, name, getattr(module, name)) for module, name, _ in real]
    _put(real)
    try:
        yield
    finally:
        _put(fake)


def _put(names: list[tuple[Any, str, Any]]) -> None:
    for module, name, value in names:
        setattr(module, name, value)


def frozen_us() -> int | None:
    """Return the time at which an active freezegun stands."""
    api = _active_gun()
    return None if api is None else _stands_at(_users_factory(api), api)


def _users_factory(api: Any) -> Any:  # noqa: ANN401
    factory = api.freeze_factories[-1]
    return factory.users if isinstance(factory, _Reading) else factory


def _stands_at(factory: Any, api: Any) -> int:  # noqa: ANN401
    # Calling the factory would make one with auto_tick_seconds tick.
    ticking = isinstance(factory, api.TickingDateTimeFactory)
    return to_us(factory() if ticking else factory.time_to_freeze)


def _naive(us: int) -> datetime:
    return from_us(us).replace(tzinfo=None)


class _Reading:
    """Stands for the user's factory while code of the simulation runs."""

    def __init__(self, users: Any, read_us: Callable[[], int]) -> None:  # noqa: ANN401
        self.users = users
        self._read_us = read_us

    def __call__(self) -> datetime:
        return _naive(self._read_us())


@dataclass(slots=True)
class _Known:
    """A factory, and the time at which the bridge left it."""

    factory: Any
    left_at: datetime


_open: list[GunBridge] = []
"""The bridges of the open simulations; the newest one leads, or two would pull at one factory."""


class GunBridge:
    """Keeps a simulation's clock and the user's frozen time in step."""

    def __init__(
        self, clock: VirtualClock, read_us: Callable[[], int], last_read_us: Callable[[], int]
    ) -> None:
        self._clock = clock
        self._read_us = read_us
        self._last_read_us = last_read_us
        self._known: list[_Known] = []
        self._unsubscribe: Callable[[], None] | None = None

    def open(self) -> None:
        """Move a user's frozen time to the simulation's, and follow the clock from now on."""
        _open.append(self)
        self._unsubscribe = self._clock.subscribe(self._move)
        self._move(self._clock.now_us)

    def close(self) -> None:
        """Let go of the user's frozen time; one that ticks goes on ticking in real time."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        _open.remove(self)
        api = gun()
        if api is None:
            return
        for known in self._known:
            if isinstance(known.factory, api.TickingDateTimeFactory):
                known.factory.start = api.real_datetime.now()
        self._known.clear()

    def sync(self) -> int | None:
        """Return where the user has moved the frozen time since the last look, if anywhere.

        Raises:
            UsageError: It was moved into the past.
        """
        api = _active_gun()
        if api is None or _open[-1] is not self:
            return None
        factory, now_us = _users_factory(api), self._clock.now_us
        target_us = to_us(factory.time_to_freeze)
        known = self._find(factory)
        if known is None:
            # freeze_time() without a time reads the clock, and a read may be some microseconds on.
            just_started = now_us <= target_us <= self._last_read_us()
            moved = not just_started
        else:
            moved = bool(factory.time_to_freeze != known.left_at)
        if not moved or target_us == now_us:
            self._move(now_us)
            return None
        if target_us < now_us:
            raise UsageError(
                f"Virtual time never runs backwards: it is {iso(now_us)}, but freezegun was set "
                f"to {iso(target_us)}.\n"
                "Freeze a later time, or start another simulation inside that freeze_time."
            )
        return target_us

    def reading(self) -> AbstractContextManager[None]:
        """Let freezegun's fakes read the simulation's clock meanwhile."""
        return NOTHING if gun() is None else self._reading()

    @contextmanager
    def _reading(self) -> Generator[None]:
        api = _active_gun()
        if api is None:
            yield
            return
        factories: list[Any] = api.freeze_factories
        users = factories[-1]
        stand_in = _Reading(_users_factory(api), self._read_us)
        factories[-1] = stand_in
        try:
            yield
        finally:
            # By identity: code inside may have started freezers, or stopped this one.
            for index, factory in enumerate(factories):
                if factory is stand_in:
                    factories[index] = users

    def _find(self, factory: object) -> _Known | None:
        return next((known for known in self._known if known.factory is factory), None)

    def _move(self, us: int) -> None:
        api = _active_gun()
        if api is None or _open[-1] is not self:
            return
        factory = _users_factory(api)
        at = _naive(us)
        factory.time_to_freeze = at
        if isinstance(factory, api.TickingDateTimeFactory):
            factory.start = at  # it ticks with the clock it reads, which is the virtual one now
        known = self._find(factory)
        if known is None:
            self._known.append(_Known(factory, at))
        else:
            known.left_at = at
