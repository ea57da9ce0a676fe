"""Functions that a test triggers by hand."""

from __future__ import annotations

from asyncio import Task
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from wfsim.errors import FunctionFailed, UsageError
from wfsim.workers.azure_functions.functions import FunctionResult

if TYPE_CHECKING:
    from wfsim.world import World

__all__ = ["FunctionCall", "trigger"]


class FunctionCall:
    """One call of a triggered function; still running where it was made inside the simulation."""

    def __init__(self, name: str, task: Task[FunctionResult]) -> None:
        self.name = name
        self._task = task

    def __repr__(self) -> str:
        return f"<FunctionCall of {self.name}: {'done' if self.is_done else 'running'}>"

    @property
    def is_done(self) -> bool:
        """Whether the function has ended."""
        return self._task.done()

    @property
    def _result(self) -> FunctionResult:
        if not self._task.done():
            raise UsageError(
                f"The function {self.name!r} has not ended yet. Look at its result once time has "
                "moved on, as after sim.run_until_idle()."
            )
        return self._task.result()

    @property
    def returned(self) -> object:
        """What the function returned."""
        return self._result.returned

    @property
    def outputs(self) -> Mapping[str, object]:
        """What it set on its output bindings, by parameter; "$return" where its return is one."""
        return self._result.outputs

    @property
    def error(self) -> BaseException | None:
        """What it raised."""
        return self._result.error


def trigger(
    world: World,
    name: str,
    payload: object,
    *,
    metadata: Mapping[str, object] | Sequence[Mapping[str, object]] | None,
    inputs: Mapping[str, object] | None,
    timeout: timedelta | str,
) -> FunctionCall:
    """Call a function by its trigger; see `Simulation.trigger`."""
    functions = world.host.functions
    function = functions.find(name)
    task = world.spawn(
        functions.trigger(function, payload, metadata=metadata, inputs=inputs),
        name=f"trigger {function.function_name}",
    )
    world.settle(task, timeout)
    made = FunctionCall(function.function_name, task)
    if made.is_done and made.error is not None:
        kind = type(made.error).__name__
        raise FunctionFailed(
            f"The function {made.name!r} raised {kind}: {made.error}"
        ) from made.error
    return made
