"""What a scenario file may say, as validated records."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator

from wfsim.errors import nearest
from wfsim.history import RuntimeStatus
from wfsim.scenario.steps import StepModel
from wfsim.scenario.stubs import StubsModel
from wfsim.scenario.values import DurationUs, EntityId, Model, listed, nothing, some, some_or_one
from wfsim.stubs import UNSET

__all__ = ["CallsModel", "ExpectModel", "ScenarioModel", "StartModel"]


class StartModel(Model):
    """One orchestration to start."""

    orchestrator: str
    input: Any = None
    instance_id: str | None = None
    at: DurationUs = 0
    version: str = ""


class CallsModel(Model):
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


def _switch(value: object) -> object:
    return "off" if value is False else value  # YAML takes the word for a truth value


class ExpectModel(Model):
    """What should come out."""

    instance: str | None = None
    status: str | None = None
    output: Any = UNSET
    failure: str | None = None
    custom_status: Any = UNSET
    finished_by: DurationUs | None = None
    activity_calls: Annotated[dict[str, Calls], BeforeValidator(nothing)] = Field(
        default_factory=dict[str, int | CallsModel]
    )
    entities: Annotated[dict[EntityId, Any], BeforeValidator(nothing)] = Field(
        default_factory=dict[str, Any]
    )

    @field_validator("status")
    @classmethod
    def _known_status(cls, value: str | None) -> str | None:
        names = [str(status) for status in RuntimeStatus]
        if value is not None and value not in names:
            raise ValueError(f"{value!r} is not a status.{nearest(value, names)}")
        return value

    @property
    def is_of_run(self) -> bool:
        """Whether it expects anything of an orchestration."""
        return self.instance is not None or bool(self.model_fields_set - {"entities"})


class ScenarioModel(Model):
    """A whole file."""

    app: str
    start: Annotated[list[StartModel], BeforeValidator(listed), Field(min_length=1)] = Field(
        default_factory=list[StartModel]
    )
    steps: Annotated[list[StepModel], BeforeValidator(some)] = Field(
        default_factory=list[StepModel]
    )
    stubs: Annotated[StubsModel, BeforeValidator(nothing)] = StubsModel()
    until: DurationUs | None = None
    guard: Annotated[Literal["warn", "error", "off"], BeforeValidator(_switch)] | None = None
    expect: Annotated[list[ExpectModel], BeforeValidator(some_or_one)] = Field(
        default_factory=list[ExpectModel]
    )

    @property
    def has_requests(self) -> bool:
        """Whether the app itself may start orchestrations, as somebody asks it to."""
        return any(step.http is not None or step.trigger is not None for step in self.steps)
