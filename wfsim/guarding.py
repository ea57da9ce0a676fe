"""Which worker a simulation has: one under a guard, or one that nobody listens to."""

from __future__ import annotations

from wfsim.freeze import Freezer
from wfsim.hub.hub import Hub
from wfsim.options import Options
from wfsim.workers.azure_functions import AzureWorker, LoadedApp
from wfsim.workers.azure_functions.guarded import GuardedWorker

__all__ = ["worker_of"]


def worker_of(app: LoadedApp, hub: Hub, chance: Freezer, options: Options) -> AzureWorker:
    """Return the worker that calls an app's orchestrators.

    Args:
        app: The loaded app.
        hub: Takes findings, and what the next operation is to raise.
        chance: Rules clocks and randomness while user code runs.
        options: Those of the simulation.
    """
    # Unchecked, an app must meet what production would do with it: a fresh start in each episode.
    is_verified, is_fast = options.replay != "off", options.replay == "every"
    if options.guard == "off":
        return AzureWorker(
            app,
            settings=hub.settings,
            chance=chance,
            report=hub.report,
            is_fast=is_fast,
        )
    return GuardedWorker(
        app,
        settings=hub.settings,
        chance=chance,
        report=hub.report,
        fail=hub.problems.append,
        is_error=options.guard == "error",
        is_verified=is_verified,
        is_fast=is_fast,
    )
