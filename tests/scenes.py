"""The scenarios of the fixture apps, played step by step through the public door."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml

from tests.apps import FIXTURE_APPS, fixture_app
from wfsim import Answer, Simulation

__all__ = ["SCENES", "staged"]

SCENES = [
    f"{app}/{path.stem}" for app in FIXTURE_APPS for path in sorted(fixture_app(app).glob("*.yaml"))
]
"""Every scenario, as "app/scenario"."""


@contextmanager
def staged(scene: str, **options: Any) -> Iterator[tuple[Simulation, str]]:
    """Open a simulation with a scenario's starts, steps and stubs; also return its `until`."""
    app, _, name = scene.rpartition("/")
    data = yaml.safe_load((fixture_app(app) / f"{name}.yaml").read_text(encoding="utf-8"))
    starts = data["start"] if isinstance(data["start"], list) else [data["start"]]
    with Simulation(fixture_app(app), findings="ignore", **options) as sim:
        for activity, answers in data.get("stubs", {}).get("activities", {}).items():
            listed = answers if isinstance(answers, list) else [answers]
            sim.stub_activity(activity, answers=[_answer(item) for item in listed])
        for index, start in enumerate(starts):
            start.setdefault("instance_id", f"run-{index}")
            _start(sim, start)
        for step in data.get("steps", []):
            step.setdefault("instance", starts[0]["instance_id"])
            sim.at(str(step["at"]), _do, sim, step)
        yield sim, str(data.get("until", "1d"))


def _start(sim: Simulation, start: dict[str, Any]) -> None:
    def begin() -> None:
        sim.start(start["orchestrator"], input=start.get("input"), instance_id=start["instance_id"])

    if "at" in start:
        sim.at(str(start["at"]), begin)
    else:
        begin()


def _do(sim: Simulation, step: dict[str, Any]) -> None:
    run = sim.run(step["instance"])
    if run.status.is_final:
        return  # another world may have ended it before its time
    if "raise_event" in step:
        event = step["raise_event"]
        run.raise_event(event["name"], event.get("data"), via=event.get("via", "http"))
    for action in ("terminate", "suspend", "resume"):
        if action in step and not (action == "resume" and run.status != "Suspended"):
            getattr(run, action)((step[action] or {}).get("reason", ""))


def _answer(data: dict[str, Any]) -> Answer:
    raises = data.pop("raises", None)
    if raises is not None:
        if isinstance(raises, str):
            kind, _, message = raises.partition(": ")
        else:
            kind, message = raises["type"], raises.get("message", "")
        known = getattr(builtins, kind, None)
        error = known or type(kind, (Exception,), {})
        return Answer(raises=error(message), **data)
    return Answer(**data)
