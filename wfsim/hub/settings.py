"""What differs from host to host, and what users may choose."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DEFAULT_MAX_STEPS", "HostSettings"]

DEFAULT_MAX_STEPS = 2_000
"""Episodes of one instance at one instant that still count as work, not as a loop."""

_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HostSettings:
    """Settings of the simulated host; the defaults are those of Azure Storage (semantics 1.1)."""

    max_short_timer_us: int = 6 * _DAY_US
    """Longer timers are split by the SDK."""
    long_timer_interval_us: int = 3 * _DAY_US
    """Length of the pieces."""
    store_inputs: bool = False
    """Whether recorded decisions show their inputs on the wire
    (`storeInputsInOrchestrationHistory`)."""
    duplicate_start_status: int = 500
    """What starting an id that is still running answers: it differs from release to release."""
