"""What differs from host to host, and what users may choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["DEFAULT_MAX_STEPS", "HostSettings"]

DEFAULT_MAX_STEPS = 2_000
"""Episodes of one instance at one instant that still count as work, not as a loop."""

_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HostSettings:
    """Settings of the simulated host; the defaults are those of Azure Storage (semantics 1.1).

    A simulation that is given none takes them from the app's `host.json`, where there is one.
    """

    max_short_timer_us: int | None = 6 * _DAY_US
    """Longer timers are split by the SDK; None: timers of any length are set in one piece, as with
    storage providers other than Azure Storage."""
    long_timer_interval_us: int | None = 3 * _DAY_US
    """Length of the pieces."""
    store_inputs: bool = False
    """Whether recorded decisions show their inputs on the wire
    (`storeInputsInOrchestrationHistory`)."""
    duplicate_start_status: int = 500
    """What starting an id that is still running answers: it differs from release to release."""
    overridable_states: Literal["NonRunningStates", "AnyState"] = "NonRunningStates"
    """Whether an id that is still running may be started over
    (`overridableExistingInstanceStates`)."""
    max_entity_batch: int = 5000
    """Operations in one batch of an entity (`maxEntityOperationBatchSize`)."""
    http_sleep_ms: int = 30_000
    """`defaultAsyncRequestSleepTimeMilliseconds`; the Python SDK passes it on and never polls."""
    hub_name: str = "TestHubName"
    """The task hub's name, in URLs and in the client's binding (`hubName`)."""
    default_version: str = ""
    """Version of orchestrations started without one (`defaultVersion`)."""
    version_match: Literal["None", "Strict", "CurrentOrOlder"] = "CurrentOrOlder"
    """Which versions this worker runs, once `default_version` is set (`versionMatchStrategy`)."""
    version_failure: Literal["Reject", "Fail"] = "Reject"
    """What becomes of the others (`versionFailureStrategy`)."""
    route_prefix: str = "api"
    """First part of the paths of HTTP functions (`extensions.http.routePrefix`)."""
