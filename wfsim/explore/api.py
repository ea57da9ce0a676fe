"""The one call: explore a scenario, or a function with its app."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Literal, assert_never

from wfsim.errors import UsageError, nearest
from wfsim.explore.exhaustive import Exhaustive
from wfsim.explore.function_trial import FunctionTrial
from wfsim.explore.places import place_of
from wfsim.explore.records import Exploration
from wfsim.explore.search import Budget, Progress, Trial, search
from wfsim.explore.strategies import PctStrategy, RandomStrategy, Strategy, StrategyName
from wfsim.explore.trial import ScenarioTrial
from wfsim.explore.what_if import WhatIf, what_if_of, with_what_if
from wfsim.explore.words import parse_words
from wfsim.explore.workflow_trial import WorkflowTrial
from wfsim.hub.faults import ALL_FAULTS, Faults
from wfsim.scenario import LoadedScenario, load

__all__ = ["FaultsArgument", "Source", "explore", "faults_of", "strategy_of", "trial_of"]

FaultsArgument = Faults | Literal["all", "none"] | None
Source = str | PathLike[str] | LoadedScenario | Callable[[Any], object]
"""A scenario file, a scenario that was read, or a function of a simulation."""
_STRATEGIES = ("random", "pct", "exhaustive", "orders")


def explore(  # noqa: PLR0913 - keyword-only, each with a default
    scenario: Source,
    app: object = None,
    *,
    workflow: object = None,
    schedules: int = 1000,
    strategy: StrategyName = "random",
    faults: FaultsArgument = None,
    what_if: str | Iterable[str] | None = None,
    seed: int = 0,
    seconds: float | None = None,
    failures: int = 1,
    first: Sequence[str] = (),
    jobs: int = 1,
    dask: str | None = None,
    on_run: Callable[[Progress], None] = lambda _: None,
) -> Exploration:
    """Run a scenario, or a function, under many legal schedules.

    Args:
        scenario: A scenario file, or a function of a `Simulation` (an `AsyncSimulation`, if it is a
            coroutine function) that asserts what must hold in every run.
        app: The app, where a function is given; see `Simulation`. A path or "module:attribute" is
            loaded afresh for each run.
        workflow: Instead of an app, a workflow of Agent Framework; the function takes a
            `WorkflowSimulation`, whose orders, chunks and, with faults, deaths are explored.
        schedules: How many to try.
        strategy: "random"; "pct", which finds bugs that take few ordered steps with a known
            probability; "exhaustive", which tries all orders, and all ways in which messages may
            share episodes, and says when it has proven that there is no other; or "orders", which
            does so with an episode for each message.
        faults: What may go wrong besides the order: a `Faults` budget, or "all" for one of each.
        what_if: What people and activities may do otherwise than a scenario says: "events",
            "failures", "models", "interruptions", or "all". Then its `expect` is not asked.
        seed: Decides which schedules are tried.
        seconds: A limit of real time.
        failures: Distinct problems after which it stops.
        first: Repro strings to try before all others.
        jobs: Processes of this machine that share the schedules of a scenario file. What is found
            is the same with any number of them.
        dask: Address of a Dask scheduler whose workers do so.
        on_run: Called after each run, with what is known so far.

    Returns:
        What was found, each problem with the smallest schedule that shows it.

    Raises:
        UsageError: an argument makes no sense, or there is nothing to explore.
    """
    budget = _budget(schedules, seconds, failures)
    trial = trial_of(scenario, app, workflow, faults=faults_of(faults), what_if=what_if_of(what_if))
    how, before = strategy_of(strategy, seed), [parse_words(text) for text in first]
    with place_of(trial, how, jobs=jobs, dask=dask) as runs:
        found = search(trial, how, budget, first=before, runs=runs, on_run=on_run)
    if found.reach.points == 0 and not found.failures:
        raise UsageError(
            "There is nothing to explore: no run had a choice. One activity after the other leaves "
            "the world no order to choose; add faults='all', or explore what happens at once."
        )
    return found


def _budget(schedules: int, seconds: float | None, failures: int) -> Budget:
    if schedules < 1 or failures < 1 or (seconds is not None and not seconds > 0):
        raise UsageError(
            f"schedules={schedules!r}, failures={failures!r} and seconds={seconds!r} must be more "
            "than 0."
        )
    return Budget(schedules=schedules, seconds=seconds, failures=failures)


def faults_of(faults: FaultsArgument) -> Faults | None:
    """Return the budget that an argument stands for.

    Raises:
        UsageError: it stands for none.
    """
    if faults is None or faults == "none":
        return None
    if faults == "all":
        return ALL_FAULTS
    if isinstance(faults, Faults):  # pyright: ignore[reportUnnecessaryIsInstance]
        return faults
    raise UsageError(f"faults={faults!r} must be 'all', 'none', a Faults or None.")


def strategy_of(name: StrategyName, seed: int) -> Strategy | Exhaustive:
    """Return a strategy by its name.

    Raises:
        UsageError: there is none of that name.
    """
    match name:
        case "random":
            return RandomStrategy(seed=seed)
        case "pct":
            return PctStrategy(seed=seed)
        case "exhaustive" | "orders":
            return Exhaustive(at_once=name == "orders")
        case _ if name not in _STRATEGIES:
            raise UsageError(f"There is no strategy {name!r}.{nearest(str(name), _STRATEGIES)}")
        case _:
            assert_never(name)


def trial_of(
    scenario: Source,
    app: object,
    workflow: object = None,
    *,
    faults: Faults | None,
    what_if: frozenset[WhatIf] = frozenset(),
) -> Trial:
    """Return what is run again and again.

    Raises:
        UsageError: the scenario cannot be read, or a function has no app.
    """
    if isinstance(scenario, LoadedScenario):
        return ScenarioTrial(scenario, faults=faults, what_if=what_if)
    if isinstance(scenario, str | PathLike):
        return ScenarioTrial(load(Path(fspath(scenario))), faults=faults, what_if=what_if)
    if what_if - ({"models"} if workflow is not None else frozenset()):
        raise UsageError(
            "what_if= needs a scenario file, whose steps can be changed; of a workflow, "
            "what_if='models' is the one that there is."
        )
    if (app is None) == (workflow is None):
        raise UsageError("explore(function) needs app= or workflow=: what is simulated.")
    if workflow is not None:
        return WorkflowTrial(scenario, workflow, faults=with_what_if(faults, what_if) or Faults())
    return FunctionTrial(scenario, app, faults=faults)
