"""Checks that everything a scenario names is in the app, before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from wfsim.errors import UsageError
from wfsim.scenario.load import LoadedScenario
from wfsim.scenario.values import name_and_key
from wfsim.simulation import Simulation

__all__ = ["check_names"]

_Path = tuple[str | int, ...]


def check_names(scenario: LoadedScenario, simulation: Simulation) -> None:
    """Look up the names of orchestrators, functions, entities and counted activities.

    Raises:
        ScenarioError: the app has none of that name; the message names the line and the nearest.
    """
    for path, name, look_up in _names(scenario, simulation):
        try:
            look_up(name)
        except UsageError as error:
            raise scenario.error(path, str(error)) from None


def _names(
    scenario: LoadedScenario, simulation: Simulation
) -> Iterator[tuple[_Path, str, Callable[[str], object]]]:
    def look_up_entity(entity_id: str) -> None:
        simulation.entity(*name_and_key(entity_id))

    path: _Path
    for index, start in enumerate(scenario.data.start):
        path = ("start", index, "orchestrator")
        yield path, start.orchestrator, simulation.check_orchestrator
    for index, step in enumerate(scenario.data.steps):
        if step.trigger is not None:
            path = ("steps", index, "trigger", "function")
            yield path, step.trigger.function, simulation.check_function
        if step.signal_entity is not None:
            path = ("steps", index, "signal_entity", "entity")
            yield path, step.signal_entity.entity, look_up_entity
    for index, expect in enumerate(scenario.data.expect):
        for name in expect.activity_calls:
            yield ("expect", index, "activity_calls", name), name, simulation.check_activity
        for name in expect.entities:
            yield ("expect", index, "entities", name), name, look_up_entity
