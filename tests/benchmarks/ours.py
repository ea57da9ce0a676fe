"""The workloads on wfsim: an ordinary app, every check on."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import azure.durable_functions as df

from tests.benchmarks.stopwatch import Lap, stopwatch
from tests.benchmarks.workloads import Workload

__all__ = ["app", "measure"]

APPROVAL = Path(__file__).parents[2] / "fixtures" / "apps" / "approval" / "function_app.py"
LONGER_THAN_ANY = "30d"
MOST_STEPS = 1_000_000  # the activities of a chain take no virtual time

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def chain(context: df.DurableOrchestrationContext) -> Generator[Any, Any, int]:
    """Call one activity after another, each with the result of the last."""
    number = 0
    for _ in range(context.get_input()):
        number = yield context.call_activity("increment", number)
    return number


@app.orchestration_trigger(context_name="context")
def fan_out(context: df.DurableOrchestrationContext) -> Generator[Any, Any, int]:
    """Call all activities at once and add their results up."""
    width = context.get_input()
    results = yield context.task_all([context.call_activity("increment", n) for n in range(width)])
    return sum(results)


@app.activity_trigger(input_name="number")
def increment(number: int) -> int:
    """Add one."""
    return number + 1


def measure(workload: Workload, *, now: Callable[[], int] = time.perf_counter_ns) -> Lap:
    """Run a workload in a fresh simulation; start-up and work are timed apart.

    Args:
        workload: What to do.
        now: The clock to read, in nanoseconds.
    """
    from wfsim import Simulation  # late, so that the peer can be measured without it

    target = APPROVAL if workload.orchestrator == "approval" else app
    watch = stopwatch(now)
    simulation: AbstractContextManager[Any] = Simulation(target, max_steps=MOST_STEPS)
    with simulation as sim:
        start_up = watch()
        runs = [
            sim.start(workload.orchestrator, input=workload.input)
            for _ in range(workload.instances)
        ]
        outputs = [run.result(timeout=LONGER_THAN_ANY) for run in runs]
        work = watch()
    assert outputs == [workload.output] * workload.instances
    return Lap(start_up=start_up, work=work)
