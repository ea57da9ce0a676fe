"""Which hub and which worker a simulation's options ask for."""

from __future__ import annotations

from wfsim.clock import VirtualClock
from wfsim.freeze import Freezer
from wfsim.hub.hub import Hub
from wfsim.hub.settings import HostSettings
from wfsim.loop import VirtualLoop
from wfsim.options import Options
from wfsim.workers.azure_functions import AzureWorker, LoadedApp
from wfsim.workers.azure_functions.guarded import GuardedWorker
from wfsim.workers.azure_functions.policy import Policy

__all__ = ["hub_of", "worker_of"]


def hub_of(clock: VirtualClock, loop: VirtualLoop, options: Options, settings: HostSettings) -> Hub:
    """Return the hub that options ask for, with nothing in it.

    Args:
        clock: The virtual clock.
        loop: The loop of coroutines, on that clock.
        options: Those of the simulation.
        settings: What differs from host to host, such as from the app's host.json.
    """
    return Hub(
        clock,
        loop,
        schedule=options.schedule,
        seed=options.seed,
        settings=settings,
        max_steps=options.max_steps,
        replay=options.replay != "off",
        faults=options.faults,
        keep_records=options.keep_records,
    )


def worker_of(app: LoadedApp, hub: Hub, chance: Freezer, options: Options) -> AzureWorker:
    """Return the worker that calls an app's orchestrators, under a guard where one is on.

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
