"""The arguments of a simulation, checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from wfsim.choices import Schedule
from wfsim.clock import TimeSource
from wfsim.errors import UsageError
from wfsim.guards import GuardMode
from wfsim.hub.faults import Faults
from wfsim.hub.settings import DEFAULT_MAX_STEPS, HostSettings
from wfsim.loop import VirtualLoop
from wfsim.verdicts import FindingPolicy
from wfsim.workers.azure_functions.host import BASE_URL

__all__ = ["GuardMode", "Options", "Replay"]

Replay = Literal["every", "search", "all", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The arguments of a simulation; see `Simulation`.

    Raises:
        UsageError: one of them makes no sense.
    """

    start: datetime | None = None
    seed: int = 0
    schedule: Schedule | None = None
    faults: Faults | None = None
    replay: Replay = "every"
    """Which episodes are replayed in a fresh generator and compared: with "every" each one up to
    100 events of history, then fewer and fewer, and the last one; generators stay alive in between.
    Where an orchestrator is self-contained, replays only check on that. "search" is the same
    without a limit, for searches. With "all" really all are replayed, and with "off" none; in these
    three each episode begins anew, as in production."""
    freeze: bool = True
    findings: FindingPolicy = "default"
    guard: GuardMode = "warn"
    max_steps: int = DEFAULT_MAX_STEPS
    settings: HostSettings | None = None
    timer_triggers: bool = False
    allow_network: bool | Sequence[str] = False
    strict_http: bool = True
    """Whether a `call_http` that nothing answers stops the test; else its task fails."""
    base_url: str = BASE_URL
    """Where clients outside reach the app, for the URLs that it hands out."""
    live_models: bool = False
    """Whether agents without a script may ask their real models."""
    keep_records: int | None = None
    """About how many of the latest records the trace keeps; None keeps all."""

    make_loop: Callable[[TimeSource], VirtualLoop] = VirtualLoop
    """Makes the loop on which the app's coroutines run."""

    def __post_init__(self) -> None:
        if not _is_int(self.seed):
            raise UsageError(f"seed={self.seed!r} must be an int.")
        if self.faults is not None and not isinstance(self.faults, Faults):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageError(f"faults={self.faults!r} must be 'all', a Faults or None.")
        if self.replay not in get_args(Replay):
            raise UsageError(f"replay={self.replay!r} must be 'every', 'search', 'all' or 'off'.")
        if self.guard not in {"warn", "error", "off"}:
            raise UsageError(f"guard={self.guard!r} must be 'warn', 'error' or 'off'.")
        if not isinstance(self.freeze, bool):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageError(f"freeze={self.freeze!r} must be True or False.")
        if not isinstance(self.timer_triggers, bool):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageError(f"timer_triggers={self.timer_triggers!r} must be True or False.")
        if self.settings is not None and not isinstance(self.settings, HostSettings):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageError(f"settings={self.settings!r} must be a HostSettings.")
        if not _is_int(self.max_steps) or self.max_steps < 1:
            raise UsageError(f"max_steps={self.max_steps!r} must be an int of at least 1.")


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
