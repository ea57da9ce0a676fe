"""The loop of an app on a port: virtual time, as ever, and a real network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from selectors import BaseSelector
from typing import TYPE_CHECKING, Any, Final

from wfsim.clock import TimeSource
from wfsim.freeze.originals import ORIGINALS
from wfsim.loop import VirtualLoop, awaits_outside
from wfsim.loop.refusals import REFUSED

__all__ = ["ServedLoop"]

_PATIENCE_S: Final = 30.0
"""So many real seconds a task may wait for its connection before virtual time passes over it."""
_MONOTONIC: Final[Callable[[], float]] = ORIGINALS["monotonic"]
"""The machine's, also while the app runs."""
_ASYNCIOS_OWN: Final[Any] = asyncio.SelectorEventLoop

_STAY_REFUSED: Final = (
    *("connect_read_pipe", "connect_write_pipe", "subprocess_exec", "subprocess_shell"),
    *("add_signal_handler", "remove_signal_handler"),
)
"""What is no network; all else that `VirtualLoop` refuses is asyncio's again."""


class _Around:
    """Asyncio's selector, which counts rounds instead of waiting."""

    def __init__(self, real: BaseSelector, next_round: Callable[[], None]) -> None:
        self._real = real
        self._next_round = next_round

    def select(self, _timeout: float | None) -> list[Any]:
        self._next_round()
        return []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._real, name)


class ServedLoop(VirtualLoop, asyncio.SelectorEventLoop):
    """A virtual loop whose code can open connections; their time is the machine's.

    Whoever drains the loop does so again when `fileno` can be read from.

    Args:
        time_source: See `VirtualLoop`.
        patience_s: See `network_left_s`.
    """

    if TYPE_CHECKING:
        _selector: Any
        _real: BaseSelector
        _transports: dict[int, asyncio.Transport]

    def __init__(self, time_source: TimeSource, *, patience_s: float = _PATIENCE_S) -> None:
        super().__init__(time_source)
        self.patience_s = patience_s
        self._waits: dict[asyncio.Future[Any], float] = {}

    def _make_selector(self) -> Any:  # noqa: ANN401
        self._real = self._selector  # which asyncio has just made
        return _Around(self._real, self._next_round)

    # --- for who drains it ----------------------------------------------------------------------

    def fileno(self) -> int | None:
        """Return what can be read from while a connection is ready; None where there is no such."""
        number: Callable[[], int] | None = getattr(self._real, "fileno", None)
        return None if number is None else number()

    @property
    def has_connections(self) -> bool:
        """Whether the app has a connection open, used or not."""
        return len(self._real.get_map() or ()) > 1  # asyncio's own, which wakes it, is one

    @property
    def waits_alone(self) -> bool:
        """Whether it runs in sync code, which waits for it together with all else."""
        return self.is_running() and not self._draining

    @property
    def keeps_house_only(self) -> bool:
        """Whether there are connections but no tasks, so that timers are those of an idle pool."""
        return self.has_connections and not asyncio.all_tasks(self)

    @property
    def needs_polling(self) -> bool:
        """Whether nothing tells when a connection is ready."""
        return self.fileno() is None and self.has_connections

    def network_left_s(self) -> float:
        """Return for how many real seconds time should still wait for the app's connections.

        It does while one is open and a task waits for something that is neither a sleep nor
        another task; each such wait has its own patience. So a pool of idle connections keeps
        nobody waiting, and a task that listens for ever keeps everybody waiting once.
        """
        if not self.has_connections:
            self._waits.clear()
            return 0.0
        now_s = _MONOTONIC()
        waits = (awaits_outside(task) for task in asyncio.all_tasks(self))
        self._waits = {wait: self._waits.get(wait, now_s) for wait in waits if wait is not None}
        began_s = max(self._waits.values(), default=None)
        return 0.0 if began_s is None else max(0.0, began_s + self.patience_s - now_s)

    # --- running --------------------------------------------------------------------------------

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is to be called: a connection may always have something."""
        return super().is_empty and not self.has_connections

    @property
    def has_ready(self) -> bool:
        """Whether `drain` would run anything at the present instant."""
        return super().has_ready or bool(self._real.select(0))

    def _next_round(self) -> None:
        if not self._draining:
            self._look_around()
        elif not self._steps:
            # A drain looks once: a peer that never stops sending must not keep it for ever.
            self._process(self._real.select(0))
        super()._next_round()

    def _look_around(self) -> None:
        """Wait for connections where nobody else does: in sync code that calls `asyncio.run`."""
        is_to_wait = not (self._closing or self._stopping or super().has_ready)
        found = self._real.select(self.network_left_s() if is_to_wait else 0)
        if found:
            self._steps = 0
            self._process(found)

    def _process(self, found: list[Any]) -> None:
        _ASYNCIOS_OWN._process_events(self, found)  # noqa: SLF001

    def _write_to_self(self) -> None:
        _ASYNCIOS_OWN._write_to_self(self)  # noqa: SLF001 - a thread of the app has called

    # --- the end --------------------------------------------------------------------------------

    async def _end_what_is_no_task(self) -> None:
        await super()._end_what_is_no_task()
        for transport in list(self._transports.values()):
            transport.abort()
        await asyncio.sleep(0)  # in which they close


for _name in set(REFUSED) - set(_STAY_REFUSED):
    setattr(ServedLoop, _name, getattr(_ASYNCIOS_OWN, _name))
