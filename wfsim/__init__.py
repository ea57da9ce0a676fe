"""wfsim: run durable workflow code in one process, in virtual time.

wfsim is the host, not a mock of the SDK: your orchestrators and activities run through the real
`azure-functions-durable`, and wfsim plays the task hub on the other side of the wire.
"""

from __future__ import annotations

from wfsim.async_simulation import AsyncOrchestrationRun, AsyncSimulation
from wfsim.errors import (
    AppLoadError,
    FindingError,
    InstanceError,
    LivelockError,
    NonDeterminismError,
    OrchestrationFailed,
    OrchestrationTimeout,
    ScenarioError,
    StuckError,
    UsageError,
    WfsimError,
    WfsimWarning,
    WorkflowError,
)
from wfsim.hub.settings import HostSettings
from wfsim.runs import OrchestrationRun
from wfsim.simulation import Simulation
from wfsim.stubs import Answer
from wfsim.trace import Finding

__all__ = [
    "Answer",
    "AppLoadError",
    "AsyncOrchestrationRun",
    "AsyncSimulation",
    "Finding",
    "FindingError",
    "HostSettings",
    "InstanceError",
    "LivelockError",
    "NonDeterminismError",
    "OrchestrationFailed",
    "OrchestrationRun",
    "OrchestrationTimeout",
    "ScenarioError",
    "Simulation",
    "StuckError",
    "UsageError",
    "WfsimError",
    "WfsimWarning",
    "WorkflowError",
]

__version__ = "0.1.0"
