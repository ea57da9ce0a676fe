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
from wfsim.scenario import model, steps, stubs
from wfsim.yamltext import FileKind, Source, read

__all__ = ["LoadedScenario", "load"]

_SHOWN = 5
"""Complaints in one error."""
_LONGEST_VALUE = 60

_SCENARIO: Final = FileKind(name="scenario", holds="app: and start:", error=ScenarioError)

_RECORDS: Final[Mapping[tuple[str, ...], type[BaseModel]]] = {
    (): model.ScenarioModel,
    ("start",): model.StartModel,
    ("steps",): steps.StepModel,
    ("steps", "raise_event"): steps.RaiseEventModel,
    **{("steps", name): steps.ReasonModel for name in ("terminate", "suspend", "resume", "rewind")},
    ("steps", "restart"): steps.RestartModel,
    ("steps", "purge"): steps.PurgeModel,
    ("steps", "signal_entity"): steps.SignalModel,
    ("steps", "http"): steps.HttpModel,
    ("steps", "trigger"): steps.TriggerModel,
    ("stubs",): stubs.StubsModel,
    ("stubs", "activities"): stubs.AnswerModel,
    ("stubs", "http"): stubs.HttpStubModel,
    ("stubs", "http", "answers"): stubs.HttpAnswerModel,
    ("expect",): model.ExpectModel,
    ("expect", "activity_calls"): model.CallsModel,
}
"""Which record describes what stands below a path, without the numbers in it."""

_KEY_ITSELF: Final = "[key]"
"""Behind the path of a key, pydantic says so where the key is wrong and not the value."""


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
        return ScenarioError(f"{self.place(path)}{message}")

    def place(self, path: tuple[str | int, ...]) -> str:
        """Return file and line of what stands at `path`, to put in front of a message."""
        return f"{self.path}:{self.source.position.line_of(path)}: "


def load(path: str | Path) -> LoadedScenario:
    """Read a scenario.

    Raises:
        ScenarioError: there is no such file, it is not YAML, or it does not make sense.
    """
    source = read(Path(path), _SCENARIO)
    value: object = source.data
    if not isinstance(value, dict):
        what = "a list" if isinstance(value, list) else _short(value)
        raise ScenarioError(
            f"{source.path}:1: a scenario is a mapping with {_SCENARIO.holds}, not {what}."
        )
    try:
        data = model.ScenarioModel.model_validate(value)
    except ValidationError as error:
        raise _complaints(source, error) from None
    scenario = LoadedScenario(path=Path(path), data=data, source=source)
    _check_start(scenario)
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
        elif index == len(location) - 1 and isinstance(part, str) and part != _KEY_ITSELF:
            path.append(part)  # a key that is missing, or unknown
    return tuple(path)


def _words(path: tuple[str | int, ...], item: ErrorDetails) -> str:
    key, value = _dotted(path), _short(item["input"])
    match item["type"]:
        case "extra_forbidden":
            hint = nearest(str(path[-1]), _keys(path[:-1]))
            return f"unknown key {str(path[-1])!r}.{hint}"
        case "missing":
            return f"the key {str(path[-1])!r} is missing."
        case "value_error":
            text = str(item.get("ctx", {})["error"])
            return f"{key}: {text}" if text.endswith((".", "?", "…")) else f"{key}: {text}."
        case "model_type" | "model_attributes_type":
            known = ", ".join(_keys(path))
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


def _keys(path: tuple[str | int, ...]) -> list[str]:
    """Return the keys that may stand in the record around `path`."""
    names = tuple(part for part in path if isinstance(part, str))
    around = next(names[:size] for size in range(len(names), -1, -1) if names[:size] in _RECORDS)
    return [field.alias or name for name, field in _RECORDS[around].model_fields.items()]


def _dotted(path: tuple[str | int, ...]) -> str:
    """Return a path as one would write it: `steps[0].raise_event`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".") or "the scenario"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def _check_start(scenario: LoadedScenario) -> None:
    """Check that anything happens at all."""
    if not scenario.data.start and not scenario.data.steps:
        raise scenario.error(
            ("start",),
            "nothing happens here; give start: with an orchestrator, or steps: such as http.",
        )


def _check_instances(scenario: LoadedScenario) -> None:
    """Check that steps and expectations say whom they mean, unless one start leaves no doubt."""
    starts = scenario.data.start
    ids = [start.instance_id for start in starts if start.instance_id is not None]
    for index, instance_id in enumerate(ids):
        if instance_id in ids[:index]:
            raise scenario.error(("start",), f"the instance_id {instance_id!r} is given twice.")
    if len(starts) == 1:
        return
    vague = [
        ("steps", index)
        for index, step in enumerate(scenario.data.steps)
        if step.is_on_instance and step.instance is None
    ]
    vague += [
        ("expect", index)
        for index, expect in enumerate(scenario.data.expect)
        if expect.is_of_run and expect.instance is None
    ]
    for path in vague:
        what = "several orchestrations are started" if starts else "nothing is started by start:"
        example = ids[0] if ids else "<instance_id of a start>" if starts else "<instance id>"
        raise scenario.error(path, f"{what}, so say which one is meant: instance: {example}.")


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
