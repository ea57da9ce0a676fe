"""What a scenario file may say, as validated records."""

from __future__ import annotations

import builtins
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from wfsim.clock import parse_duration
from wfsim.errors import UsageError, nearest
from wfsim.history import RuntimeStatus
from wfsim.stubs import UNSET

__all__ = [
    "ACTIONS",
    "AnswerModel",
    "CallsModel",
    "ExpectModel",
    "ReasonModel",
    "RaiseEventModel",
    "RestartModel",
    "ScenarioModel",
    "StartModel",
    "StepModel",
    "StubsModel",
]

ACTIONS = ("raise_event", "terminate", "suspend", "resume", "rewind", "restart", "purge")

_LATER = "this version of wfsim does not know it yet"


def _duration(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"a duration is text such as '2h' or '3d', not {value!r}")  # noqa: TRY004
    try:
        return parse_duration(value, what="duration")
    except UsageError as error:
        raise ValueError(str(error)) from None


def _listed(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _nothing(value: object) -> object:
    return {} if value is None else value


DurationUs = Annotated[int, BeforeValidator(_duration)]
"""Text in the file, microseconds in the record."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StartModel(_Model):
    """One orchestration to start."""

    orchestrator: str
    input: Any = None
    instance_id: str | None = None
    at: DurationUs = 0
    version: str = ""


class RaiseEventModel(_Model):
    """An external event."""

    name: str = Field(min_length=1)
    data: Any = None
    via: Literal["http", "client"] = "http"


class ReasonModel(_Model):
    """Why somebody terminates, suspends, resumes or rewinds."""

    reason: str = ""


class RestartModel(_Model):
    """How somebody restarts."""

    new_instance_id: bool = True


class _Nothing(_Model):
    """Purge takes no arguments."""


class StepModel(_Model):
    """One thing that somebody does."""

    at: DurationUs = 0
    instance: str | None = None
    raise_event: RaiseEventModel | None = None
    terminate: Annotated[ReasonModel | None, BeforeValidator(_nothing)] = None
    suspend: Annotated[ReasonModel | None, BeforeValidator(_nothing)] = None
    resume: Annotated[ReasonModel | None, BeforeValidator(_nothing)] = None
    rewind: Annotated[ReasonModel | None, BeforeValidator(_nothing)] = None
    restart: Annotated[RestartModel | None, BeforeValidator(_nothing)] = None
    purge: Annotated[_Nothing | None, BeforeValidator(_nothing)] = None

    @model_validator(mode="before")
    @classmethod
    def _one_action(cls, data: Any) -> Any:  # noqa: ANN401 - whatever the file holds
        if not isinstance(data, dict):
            return data
        for name in ("signal_entity", "http", "trigger"):
            if name in data:
                raise ValueError(f"the step {name!r}: {_LATER}. Known: {', '.join(ACTIONS)}")
        given = [name for name in ACTIONS if name in data]
        unknown = [key for key in data if key not in cls.model_fields]
        if len(given) > 1:
            raise ValueError(f"one step does one thing, but this one has {' and '.join(given)}")
        if not given and not unknown:
            raise ValueError(f"the step does nothing; give one of {', '.join(ACTIONS)}")
        return data

    @property
    def action(self) -> str:
        """The name of what is done."""
        return next(name for name in ACTIONS if name in self.model_fields_set)


class AnswerModel(_Model):
    """One answer of a stub."""

    returns: Any = UNSET
    raises: Any = None
    takes: DurationUs | None = None

    @field_validator("raises")
    @classmethod
    def _exception(cls, value: Any) -> BaseException:  # noqa: ANN401 - whatever the file holds
        if isinstance(value, str):
            kind, colon, message = value.partition(": ")
            named = getattr(builtins, kind, None)
            if colon and isinstance(named, type) and issubclass(named, Exception):
                return named(message)
            return Exception(value)
        if isinstance(value, dict) and set(value) <= {"type", "message"} and "type" in value:
            return _exception_type(value["type"])(str(value.get("message", "")))
        raise ValueError(
            "'raises' is text such as 'ValueError: no such card', or a mapping of type and message"
        )

    @model_validator(mode="after")
    def _one_outcome(self) -> AnswerModel:
        given = self.model_fields_set
        if not given:
            raise ValueError("an answer needs returns, raises or takes")
        if {"returns", "raises"} <= given:
            raise ValueError("an answer either returns or raises, not both")
        return self


def _exception_type(name: object) -> type[Exception]:
    named = getattr(builtins, str(name), None)
    if isinstance(named, type) and issubclass(named, Exception):
        return named
    # Any other name stands for a class of that name: the app sees text only, as in production.
    if isinstance(name, str) and name.isidentifier():
        return type(name, (Exception,), {})
    raise ValueError(f"{name!r} is not the name of an exception")


class StubsModel(_Model):
    """What answers in the outside world's place."""

    activities: dict[str, Annotated[list[AnswerModel], BeforeValidator(_listed)]] = Field(
        default_factory=dict[str, list[AnswerModel]]
    )

    @model_validator(mode="before")
    @classmethod
    def _not_yet(cls, data: Any) -> Any:  # noqa: ANN401 - whatever the file holds
        if isinstance(data, dict):
            for name in ("http", "agents"):
                if name in data:
                    raise ValueError(f"stubs of {name}: {_LATER}. Known: activities")
        return data


class CallsModel(_Model):
    """How often an activity may have been executed."""

    executions_at_most: int = Field(ge=0)


def _calls(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | dict):
        raise ValueError(f"give a number of calls, or {{executions_at_most: n}}, not {value!r}")  # noqa: TRY004
    return value


class ExpectModel(_Model):
    """What should come out."""

    instance: str | None = None
    status: str | None = None
    output: Any = UNSET
    failure: str | None = None
    custom_status: Any = UNSET
    finished_by: DurationUs | None = None
    activity_calls: dict[str, Annotated[int | CallsModel, BeforeValidator(_calls)]] = Field(
        default_factory=dict[str, int | CallsModel]
    )

    @field_validator("status")
    @classmethod
    def _known_status(cls, value: str) -> str:
        names = [str(status) for status in RuntimeStatus]
        if value not in names:
            raise ValueError(f"{value!r} is not a status.{nearest(value, names)}")
        return value

    @model_validator(mode="before")
    @classmethod
    def _not_yet(cls, data: Any) -> Any:  # noqa: ANN401 - whatever the file holds
        if isinstance(data, dict) and "entities" in data:
            raise ValueError(f"expect entities: {_LATER}")
        return data


class ScenarioModel(_Model):
    """A whole file."""

    app: str
    start: Annotated[list[StartModel], BeforeValidator(_listed), Field(min_length=1)]
    steps: list[StepModel] = Field(default_factory=list[StepModel])
    stubs: StubsModel = StubsModel()
    until: DurationUs | None = None
    expect: Annotated[list[ExpectModel], BeforeValidator(_listed)] = Field(
        default_factory=list[ExpectModel]
    )
