"""Small worlds to explore: apps under trials, and a world that is only choices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import azure.durable_functions as df

from tests.apps import Context, Steps, app_of
from wfsim import Simulation
from wfsim.choices import Chooser
from wfsim.explore import Faults, Observed, Problem
from wfsim.explore.function_trial import FunctionTrial
from wfsim.explore.trial import ScenarioTrial
from wfsim.explore.words import Recorder
from wfsim.hub.faults import ALL_FAULTS
from wfsim.scenario import load
from wfsim.trace import Trace

__all__ = ["bug", "fan_outs", "observed_by", "trial_of_bug"]

BUGS = Path(__file__).parents[2] / "fixtures" / "bugs"


def bug(name: str) -> Path:
    """Return the scenario of an app of the corpus."""
    return BUGS / name / "scenario.yaml"


@cache
def trial_of_bug(name: str, faults: Faults | None = ALL_FAULTS) -> ScenarioTrial:
    """Return the trial of an app of the corpus."""
    return ScenarioTrial(load(bug(name)), faults=faults)


def fan_outs(*sizes: int, is_shared: bool = False) -> FunctionTrial:
    """Return the trial of instances, each with so many activities at once.

    Args:
        sizes: How many activities each instance has.
        is_shared: Whether activities may share state, as far as a search can tell.
    """

    def fan(context: Context) -> Steps:
        tasks = [context.call_activity("keep", index) for index in range(context.get_input())]
        return (yield context.task_all(tasks))

    def keep(index: int) -> int:
        return index

    if is_shared:
        app = app_of(fan, keep)  # the module of its other activities holds a list
    else:
        app = df.DFApp()
        app.orchestration_trigger(context_name="context")(fan)
        app.activity_trigger(input_name="index")(keep)

    def start(sim: Simulation) -> None:
        for index, size in enumerate(sizes):
            sim.start("fan", input=size, instance_id=f"fan-{index}")
        sim.run_until_idle()

    return FunctionTrial(start, app)


def observed_by(
    chooser: Chooser,
    choices: Sequence[tuple[str, Sequence[str]]],
    shows: Callable[[frozenset[str]], bool],
) -> Observed:
    """Return the run of a world in which nothing happens but choices.

    Args:
        chooser: Answers them.
        choices: What they are about, and their options.
        shows: Whether some deviations, in words, are a problem.
    """
    recorder = Recorder(chooser)
    for about, options in choices:
        recorder(about, options)
    words = frozenset(item.words for item in recorder.deviations)
    problem = Problem(kind="expect", key="bad", text="bad")
    return Observed(
        outcome="bad" if shows(words) else "good",
        problems=(problem,) if shows(words) else (),
        deviations=tuple(recorder.deviations),
        points=recorder.points,
        labels=frozenset(recorder.offered),
        trace=Trace(start_us=0),
        executions={},
    )
