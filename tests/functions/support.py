"""What the tests of functions read of a simulation."""

from __future__ import annotations

from wfsim import Simulation
from wfsim.trace import FunctionFinished, FunctionStarted
from wfsim.web import Request, Response


def failures(sim: Simulation) -> list[str]:
    """Return why calls of functions failed, in order."""
    ended = [record for record in sim.trace if isinstance(record, FunctionFinished)]
    return [record.failure for record in ended if record.failure is not None]


def started(sim: Simulation) -> list[FunctionStarted]:
    """Return the calls that were made, in order."""
    return [record for record in sim.trace if isinstance(record, FunctionStarted)]


def answer(sim: Simulation, request: Request, route: str) -> Response | None:
    """Hand a request to the functions as it is: the public door would tidy up its URL."""
    world = sim._world
    coroutine = world.host.functions.answer(request, route, authorize=False)
    task = world.spawn(coroutine, name="answer")
    world.settle(task, "230s")
    response: Response | None = task.result()
    return response
