"""wfsim: run durable workflow code in one process, in virtual time.

wfsim is the host, not a mock of the SDK: your orchestrators and activities run through the real
`azure-functions-durable`, and wfsim plays the task hub on the other side of the wire.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wfsim.async_simulation import AsyncOrchestrationRun, AsyncSimulation
    from wfsim.errors import (
        AppLoadError,
        FindingError,
        FunctionFailed,
        InstanceError,
        LivelockError,
        NonDeterminismError,
        OrchestrationFailed,
        OrchestrationTimeout,
        ScenarioError,
        ScriptError,
        StuckError,
        UsageError,
        WfsimError,
        WfsimWarning,
        WorkflowError,
    )
    from wfsim.http_stubs import HttpAnswer
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
    "FunctionFailed",
    "HostSettings",
    "HttpAnswer",
    "InstanceError",
    "LivelockError",
    "NonDeterminismError",
    "OrchestrationFailed",
    "OrchestrationRun",
    "OrchestrationTimeout",
    "ScenarioError",
    "ScriptError",
    "Simulation",
    "StuckError",
    "UsageError",
    "WfsimError",
    "WfsimWarning",
    "WorkflowError",
]

__version__ = "0.1.0"

_HOMES = {
    "Answer": "wfsim.stubs",
    "AsyncOrchestrationRun": "wfsim.async_simulation",
    "AsyncSimulation": "wfsim.async_simulation",
    "Finding": "wfsim.trace",
    "HostSettings": "wfsim.hub.settings",
    "HttpAnswer": "wfsim.http_stubs",
    "OrchestrationRun": "wfsim.runs",
    "Simulation": "wfsim.simulation",
}
"""Where public names live; those that are not here live in `wfsim.errors`."""


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: the SDK takes half a second to load."""
    if name not in __all__:
        raise AttributeError(f"module 'wfsim' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES.get(name, "wfsim.errors")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
