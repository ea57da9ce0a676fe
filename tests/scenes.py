"""The scenarios of the fixture apps, played step by step through the public door."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml

from tests.apps import FIXTURE_APPS, fixture_app
from wfsim import Answer, Simulation

__all__ = ["SCENES", "STARTED", "staged"]

SCENES = [
    f"{app}/{path.stem}" for app in FIXTURE_APPS for path in sorted(fixture_app(app).glob("*.yaml"))
]
"""Every scenario, as "app/scenario"."""


def _read(scene: str) -> dict[str, Any]:
    app, _, name = scene.rpartition("/")
    text = (fixture_app(app) / f"{name}.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    return data


STARTED = [scene for scene in SCENES if "start" in _read(scene)]
"""Those that start orchestrations by themselves, and not through the app."""


@contextmanager
def staged(scene: str, **options: Any) -> Iterator[tuple[Simulation, str]]:
    """Open a simulation with a scenario's starts, steps and stubs; also return its `until`."""
    data = _read(scene)
    given = data.get("start", [])
    starts = given if isinstance(given, list) else [given]
    app = fixture_app(scene.rpartition("/")[0])
    with Simulation(app, findings="ignore", **options) as sim:
        for activity, answers in data.get("stubs", {}).get("activities", {}).items():
            listed = answers if isinstance(answers, list) else [answers]
            sim.stub_activity(activity, answers=[_answer(item) for item in listed])
        for stub in data.get("stubs", {}).get("http", []):
            sim.stub_http(stub.pop("method"), stub.pop("url"), **stub)
        for agent, turns in data.get("stubs", {}).get("agents", {}).items():
            _script(sim, agent, turns)
        for index, start in enumerate(starts):
            start.setdefault("instance_id", f"run-{index}")
            _start(sim, start)
        for step in data.get("steps", []):
            if not _ask(sim, step):
                step.setdefault("instance", starts[0]["instance_id"])
                sim.at(str(step["at"]), _do, sim, step)
        yield sim, str(data.get("until", "1d"))
        sim.close(check=False)  # in another world, turns may be left over


def _script(sim: Simulation, agent: str, turns: list[Any]) -> None:
    from wfsim.chat import turns_of  # not where no app has agents: it imports Agent Framework

    sim.script(agent, turns_of(turns, agent))


def _start(sim: Simulation, start: dict[str, Any]) -> None:
    def begin() -> None:
        sim.start(start["orchestrator"], input=start.get("input"), instance_id=start["instance_id"])

    if "at" in start:
        sim.at(str(start["at"]), begin)
    else:
        begin()


def _ask(sim: Simulation, step: dict[str, Any]) -> bool:
    """Plan what a step asks of the app's other doors; return False if it asks an instance."""
    at = str(step.get("at", "0s"))
    if "signal_entity" in step:
        signal = step["signal_entity"]
        name, key = signal["entity"].removeprefix("@").split("@")
        sim.at(at, sim.entity(name, key).signal, signal["operation"], signal.get("input"))
    elif "http" in step:
        request = {key: item for key, item in step["http"].items() if key != "status"}
        method, path = request.pop("method", "GET"), request.pop("path")
        sim.at(at, sim.http.request, method, path, **request)
    elif "trigger" in step:
        call = step["trigger"]
        metadata = call.get("metadata")
        sim.at(at, sim.trigger, call["function"], call.get("payload"), metadata=metadata)
    else:
        return False
    return True


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
