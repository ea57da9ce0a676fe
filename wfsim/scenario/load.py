"""Reads and checks a scenario file; every complaint names file, line and key."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from wfsim.clock import format_duration
from wfsim.errors import ScenarioError, nearest
from wfsim.scenario import model
from wfsim.scenario.source import Source, read

__all__ = ["LoadedScenario", "load"]

_SHOWN = 5
"""Complaints in one error."""
_LONGEST_VALUE = 60

_SECTIONS: Final[Mapping[str, type[BaseModel]]] = {
    "start": model.StartModel,
    "steps": model.StepModel,
    "raise_event": model.RaiseEventModel,
    "terminate": model.ReasonModel,
    "suspend": model.ReasonModel,
    "resume": model.ReasonModel,
    "rewind": model.ReasonModel,
    "restart": model.RestartModel,
    "stubs": model.StubsModel,
    "activities": model.AnswerModel,
    "expect": model.ExpectModel,
    "activity_calls": model.CallsModel,
}
"""Which record describes what stands under a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedScenario:
    """A scenario that makes sense."""

    path: Path
    data: model.ScenarioModel
    source: Source

    @property
    def app(self) -> str:
        """The app, as `Simulation` takes it."""
        name = self.data.app
        # Not resolved: messages show the path as the user wrote it, without detours.
        inside = os.path.normpath(self.path.parent / name)
        if ":" in name and not Path(inside).exists():
            file, _, attribute = name.rpartition(":")
            beside = os.path.normpath(self.path.parent / file)
            return f"{beside}:{attribute}" if file.endswith(".py") else name
        return inside

    def error(self, path: tuple[str | int, ...], message: str) -> ScenarioError:
        """Return an error about what stands at `path` in the file."""
        return self.source.error(self.source.position.line_of(path), message)


def load(path: str | Path) -> LoadedScenario:
    """Read a scenario.

    Raises:
        ScenarioError: there is no such file, it is not YAML, or it does not make sense.
    """
    source = read(Path(path))
    value: object = source.data
    if not isinstance(value, dict):
        what = "a list" if isinstance(value, list) else _short(value)
        raise source.error(1, f"a scenario is a mapping with app: and start:, not {what}.")
    try:
        data = model.ScenarioModel.model_validate(value)
    except ValidationError as error:
        raise _complaints(source, error) from None
    scenario = LoadedScenario(path=Path(path), data=data, source=source)
    _check_instances(scenario)
    _check_times(scenario)
    return scenario


def _complaints(source: Source, error: ValidationError) -> ScenarioError:
    found: list[tuple[int, str]] = []
    for item in error.errors():
        path = _path_in(source, item["loc"])
        line = source.position.line_of(path)
        found.append((line, f"{source.path}:{line}: {_words(path, item)}"))
    lines = list(dict.fromkeys(text for _, text in sorted(found)))
    if len(lines) > _SHOWN:
        lines[_SHOWN:] = [f"… and {len(lines) - _SHOWN} more."]
    return ScenarioError("\n".join(lines))


def _path_in(source: Source, location: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Return pydantic's location without the parts that are not in the file."""
    here, path = source.position, list[str | int]()
    for index, part in enumerate(location):
        if part in here.inside:
            here = here.inside[part]
            path.append(part)
        elif index == len(location) - 1 and isinstance(part, str):
            path.append(part)  # a key that is missing, or unknown
    return tuple(path)


def _words(path: tuple[str | int, ...], item: ErrorDetails) -> str:
    key, value = _dotted(path), _short(item["input"])
    match item["type"]:
        case "extra_forbidden":
            hint = nearest(str(path[-1]), _record(path[:-1]).model_fields)
            return f"unknown key {str(path[-1])!r}.{hint}"
        case "missing":
            return f"the key {str(path[-1])!r} is missing."
        case "value_error":
            text = str(item.get("ctx", {})["error"])
            return f"{key}: {text}" if text.endswith((".", "?", "…")) else f"{key}: {text}."
        case "model_type" | "model_attributes_type":
            known = ", ".join(_record(path).model_fields)
            return f"{key}: give a mapping with some of {known}, not {value}."
        case "dict_type":
            return f"{key}: give a mapping of names, not {value}."
        case "list_type":
            return f"{key}: give a list, each entry behind a dash, not {value}."
        case "too_short" | "string_too_short":
            return f"{key}: this is empty; give at least one."
        case "string_type":
            return f"{key}: give text, not {value}; quotes make text of anything."
        case _:
            message = item["msg"][0].lower() + item["msg"][1:]
            return f"{key}: {message}, not {value}."


def _record(path: tuple[str | int, ...]) -> type[BaseModel]:
    section = next((part for part in reversed(path) if part in _SECTIONS), None)
    return model.ScenarioModel if section is None else _SECTIONS[str(section)]


def _dotted(path: tuple[str | int, ...]) -> str:
    """Return a path as one would write it: `steps[0].raise_event`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".") or "the scenario"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def _check_instances(scenario: LoadedScenario) -> None:
    """Check that steps and expectations say whom they mean, where there are several."""
    starts = scenario.data.start
    ids = [start.instance_id for start in starts if start.instance_id is not None]
    for index, instance_id in enumerate(ids):
        if instance_id in ids[:index]:
            raise scenario.error(("start",), f"the instance_id {instance_id!r} is given twice.")
    named = [("steps", index, step.instance) for index, step in enumerate(scenario.data.steps)]
    named += [
        ("expect", index, expect.instance) for index, expect in enumerate(scenario.data.expect)
    ]
    for section, index, instance in named:
        if instance is None and len(starts) > 1:
            raise scenario.error(
                (section, index),
                "several orchestrations are started, so say which one is meant: instance: "
                f"{ids[0] if ids else '<instance_id of a start>'}.",
            )


def _check_times(scenario: LoadedScenario) -> None:
    """Check that the end does not lie before what should happen."""
    until_us = scenario.data.until
    if until_us is None:
        return
    times = [("steps", index, step.at) for index, step in enumerate(scenario.data.steps)]
    times += [("start", index, start.at) for index, start in enumerate(scenario.data.start)]
    for section, index, at_us in times:
        if at_us > until_us:
            raise scenario.error(
                ("until",),
                f"until: {format_duration(until_us)} lies before {section}[{index}] at "
                f"{format_duration(at_us)}: it would never happen.",
            )
