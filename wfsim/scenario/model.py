"""What a scenario file may say, as validated records."""

from __future__ import annotations

import builtins
import re
from typing import Annotated, Any, Literal, cast

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from wfsim.clock import parse_duration
from wfsim.errors import UsageError, nearest
from wfsim.history import RuntimeStatus
from wfsim.stubs import UNSET

__all__ = [
    "ACTIONS",
    "AnswerModel",
    "CallsModel",
    "ExpectModel",
    "RaiseEventModel",
    "ReasonModel",
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
        raise ValueError(f"a duration is text such as '2h' or '3d', not {value!r}")
    try:
        return parse_duration(value, what="duration")
    except UsageError as error:
        raise ValueError(str(error)) from None


def _listed(value: object) -> object:
    return cast("object", value) if isinstance(value, list) else [value]


def _some(value: object) -> object:
    """A key with everything below it commented out is as good as no key."""
    return [] if value is None else value


def _some_or_one(value: object) -> object:
    return _listed(_some(value))


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
    def _one_action(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        data = cast("dict[str, object]", value)
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
    def _exception(cls, value: object) -> BaseException:
        if isinstance(value, str):
            named = _NAMED.fullmatch(value)
            return Exception(value) if named is None else _exception(named[1], named[2] or "")
        given = cast("dict[str, object]", value) if isinstance(value, dict) else {}
        if set(given) <= {"type", "message"} and isinstance(kind := given.get("type"), str):
            if not kind.isidentifier():
                raise ValueError(f"{kind!r} is not the name of an exception")
            return _exception(kind, str(given.get("message", "")))
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


_NAMED = re.compile(r"([A-Z]\w*(?:Error|Exception)|StopIteration)(?:: (.*))?", re.DOTALL)
"""Text that names an exception: `TimeoutError`, `RateLimitError: slow down`."""


def _exception(name: str, message: str) -> Exception:
    named = getattr(builtins, name, None)
    if isinstance(named, type) and issubclass(named, Exception):
        try:
            return named(message)
        except TypeError:
            pass  # a few, such as UnicodeDecodeError, are made of more than a message
    # Any other name stands for a class of that name: the app sees text only, as in production.
    return cast("Exception", type(name, (Exception,), {})(message))


class StubsModel(_Model):
    """What answers in the outside world's place."""

    activities: Annotated[
        dict[str, Annotated[list[AnswerModel], BeforeValidator(_listed)]],
        BeforeValidator(_nothing),
    ] = Field(default_factory=dict[str, list[AnswerModel]])

    @model_validator(mode="before")
    @classmethod
    def _not_yet(cls, data: object) -> object:
        if isinstance(data, dict):
            for name in ("http", "agents"):
                if name in data:
                    raise ValueError(f"stubs of {name}: {_LATER}. Known: activities")
        return data  # pyright: ignore[reportUnknownVariableType]


class CallsModel(_Model):
    """How often an activity may have been executed."""

    executions_at_most: int = Field(ge=0)


def _calls(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | dict):
        raise ValueError(f"give a number of calls, or {{executions_at_most: n}}, not {value!r}")
    if isinstance(value, int) and value < 0:
        raise ValueError(f"a number of calls is 0 or more, not {value}")
    return cast("object", value)


def _kind_of_calls(value: object) -> str:
    return "number" if isinstance(value, int) else "limit"


Calls = Annotated[
    Annotated[int, Tag("number")] | Annotated[CallsModel, Tag("limit")],
    Discriminator(_kind_of_calls),
    BeforeValidator(_calls),
]


class ExpectModel(_Model):
    """What should come out."""

    instance: str | None = None
    status: str | None = None
    output: Any = UNSET
    failure: str | None = None
    custom_status: Any = UNSET
    finished_by: DurationUs | None = None
    activity_calls: Annotated[dict[str, Calls], BeforeValidator(_nothing)] = Field(
        default_factory=dict[str, int | CallsModel]
    )

    @field_validator("status")
    @classmethod
    def _known_status(cls, value: str | None) -> str | None:
        names = [str(status) for status in RuntimeStatus]
        if value is not None and value not in names:
            raise ValueError(f"{value!r} is not a status.{nearest(value, names)}")
        return value

    @model_validator(mode="before")
    @classmethod
    def _not_yet(cls, data: object) -> object:
        if isinstance(data, dict) and "entities" in data:
            raise ValueError(f"expect entities: {_LATER}")
        return data  # pyright: ignore[reportUnknownVariableType]


class ScenarioModel(_Model):
    """A whole file."""

    app: str
    start: Annotated[list[StartModel], BeforeValidator(_listed), Field(min_length=1)]
    steps: Annotated[list[StepModel], BeforeValidator(_some)] = Field(
        default_factory=list[StepModel]
    )
    stubs: Annotated[StubsModel, BeforeValidator(_nothing)] = StubsModel()
    until: DurationUs | None = None
    expect: Annotated[list[ExpectModel], BeforeValidator(_some_or_one)] = Field(
        default_factory=list[ExpectModel]
    )
