"""Which worker a simulation has: one under a guard, or one that nobody listens to."""

from __future__ import annotations

from wfsim.freeze import Freezer
from wfsim.hub.hub import Hub
from wfsim.options import Options
from wfsim.workers.azure_functions import AzureWorker, LoadedApp
from wfsim.workers.azure_functions.guarded import GuardedWorker
from wfsim.workers.azure_functions.policy import Policy

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
    policy = Policy(
        is_verified=options.replay != "off",
        is_fast=options.replay == "every",
        trusts_proofs=options.replay in {"every", "search"},
    )
    if options.guard == "off":
        return AzureWorker(
            app,
            settings=hub.settings,
            chance=chance,
            report=hub.report,
            policy=policy,
        )
    return GuardedWorker(
        app,
        settings=hub.settings,
        chance=chance,
        report=hub.report,
        fail=hub.problems.append,
        is_error=options.guard == "error",
        policy=policy,
    )
