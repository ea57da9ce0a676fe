"""What people do in a scenario, as validated records."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, cast

from pydantic import BeforeValidator, Field, field_validator, model_validator

from wfsim.scenario.values import DurationUs, EntityId, Method, Model, Text, listed, nothing
from wfsim.stubs import UNSET

__all__ = [
    "ACTIONS",
    "REQUESTS",
    "HttpModel",
    "PurgeModel",
    "RaiseEventModel",
    "ReasonModel",
    "RestartModel",
    "SignalModel",
    "StepModel",
    "TriggerModel",
]

_ON_INSTANCES: Final = (
    "raise_event",
    "terminate",
    "suspend",
    "resume",
    "rewind",
    "restart",
    "purge",
)
REQUESTS: Final = ("http", "trigger")
"""Actions that have an answer, which comes later."""
ACTIONS: Final = (*_ON_INSTANCES, "signal_entity", *REQUESTS)


class RaiseEventModel(Model):
    """An external event."""

    name: str = Field(min_length=1)
    data: Any = None
    via: Literal["http", "client"] = "http"


class ReasonModel(Model):
    """Why somebody terminates, suspends, resumes or rewinds."""

    reason: str = ""


class RestartModel(Model):
    """How somebody restarts."""

    new_instance_id: bool = True


class PurgeModel(Model):
    """Purge takes no arguments."""


class SignalModel(Model):
    """An operation for an entity."""

    entity: EntityId
    operation: str = Field(min_length=1)
    input: Any = None
    via: Literal["orchestrator", "client"] = "orchestrator"


class HttpModel(Model):
    """A request to the app, and the status that its answer should have."""

    method: Method = "GET"
    path: str
    json_: Any = Field(default=UNSET, alias="json")  # `json` is a method of pydantic's
    body: str | None = None
    headers: Annotated[dict[str, Text], BeforeValidator(nothing)] = Field(
        default_factory=dict[str, str]
    )
    params: Annotated[dict[str, Text], BeforeValidator(nothing)] = Field(
        default_factory=dict[str, str]
    )
    status: int | None = Field(default=None, ge=100, le=599)

    @field_validator("method")
    @classmethod
    def _one_method(cls, value: str) -> str:
        if value == "*":
            raise ValueError("a request has one method, such as GET")
        return value

    @field_validator("path")
    @classmethod
    def _absolute(cls, value: str) -> str:
        if not value.startswith("/") and "://" not in value:
            raise ValueError(f"a path begins with '/', as in '/api/orders', but this is {value!r}")
        return value

    @model_validator(mode="after")
    def _one_body(self) -> HttpModel:
        if self.json_ is not UNSET and self.body is not None:
            raise ValueError("a request has json or body, not both")
        return self


class TriggerModel(Model):
    """A call of a function by its trigger."""

    function: str
    payload: Any = None
    metadata: Any = None
    inputs: Annotated[dict[str, Any], BeforeValidator(nothing)] = Field(
        default_factory=dict[str, Any]
    )

    @field_validator("metadata")
    @classmethod
    def _mappings(cls, value: object) -> object:
        # One mapping for the whole payload, or one for each message of a batch.
        each = cast("list[object]", listed(value))
        if value is not None and not all(isinstance(item, dict) for item in each):
            raise ValueError(f"metadata is a mapping of names to values, not {value!r}")
        return value


class StepModel(Model):
    """One thing that somebody does."""

    at: DurationUs = 0
    instance: str | None = None
    raise_event: RaiseEventModel | None = None
    terminate: Annotated[ReasonModel | None, BeforeValidator(nothing)] = None
    suspend: Annotated[ReasonModel | None, BeforeValidator(nothing)] = None
    resume: Annotated[ReasonModel | None, BeforeValidator(nothing)] = None
    rewind: Annotated[ReasonModel | None, BeforeValidator(nothing)] = None
    restart: Annotated[RestartModel | None, BeforeValidator(nothing)] = None
    purge: Annotated[PurgeModel | None, BeforeValidator(nothing)] = None
    signal_entity: SignalModel | None = None
    http: HttpModel | None = None
    trigger: TriggerModel | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_action(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        data = cast("dict[str, object]", value)
        given = [name for name in ACTIONS if name in data]
        unknown = [key for key in data if key not in cls.model_fields]
        if len(given) > 1:
            raise ValueError(f"one step does one thing, but this one has {' and '.join(given)}")
        if not given and not unknown:
            raise ValueError(f"the step does nothing; give one of {', '.join(ACTIONS)}")
        if given and given[0] not in _ON_INSTANCES and "instance" in data:
            raise ValueError(
                f"{given[0]} does not ask anything of an instance; leave instance: out"
            )
        return data

    @property
    def action(self) -> str:
        """The name of what is done."""
        return next(name for name in ACTIONS if name in self.model_fields_set)

    @property
    def is_on_instance(self) -> bool:
        """Whether it asks something of an instance."""
        return self.action in _ON_INSTANCES
