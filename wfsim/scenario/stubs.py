"""What answers in the outside world's place, as validated records."""

from __future__ import annotations

import builtins
import re
from typing import Annotated, Any, cast

from pydantic import BeforeValidator, Field, field_validator, model_validator

from wfsim.http_stubs import HttpAnswer
from wfsim.scenario.values import (
    DurationUs,
    Method,
    Model,
    Text,
    listed,
    nothing,
    some_or_one,
)
from wfsim.stubs import UNSET, Answer

__all__ = ["AnswerModel", "HttpAnswerModel", "HttpStubModel", "StubsModel"]


class AnswerModel(Model):
    """One answer of an activity's stub."""

    returns: Any = UNSET
    raises: Any = None
    takes: Annotated[list[DurationUs], BeforeValidator(listed), Field(max_length=2)] | None = None
    """One length of time, or the shortest and the longest."""

    @field_validator("takes")
    @classmethod
    def _in_order(cls, value: list[int] | None) -> list[int] | None:
        if value is not None and (not value or value[0] > value[-1]):
            raise ValueError("a range is the shortest and the longest time, such as [1s, 5s]")
        return value

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

    @property
    def answer(self) -> Answer:
        """What `Simulation.stub_activity` takes."""
        return Answer(returns=self.returns, raises=self.raises, takes=_lengths(self.takes))


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


def _lengths(takes: list[int] | None) -> str | tuple[str, str] | None:
    if takes is None:
        return None
    first, *rest = (f"{us}us" for us in takes)
    return (first, rest[0]) if rest else first


def _header(value: object) -> object:
    return cast("object", value) if isinstance(value, list) else [value]


class HttpAnswerModel(Model):
    """One answer of an HTTP stub."""

    status: int = Field(default=200, ge=100, le=599)
    json_: Any = Field(default=UNSET, alias="json")  # `json` is a method of pydantic's
    body: str | None = None
    headers: Annotated[
        dict[str, Annotated[list[Text], BeforeValidator(_header)]], BeforeValidator(nothing)
    ] = Field(default_factory=dict[str, list[str]])
    takes: DurationUs | None = None
    fails: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _one_outcome(self) -> HttpAnswerModel:
        given = self.model_fields_set
        if {"json_", "body"} <= given:
            raise ValueError("an answer has json or body, not both")
        response = given & {"status", "json_", "body", "headers"}
        if self.fails is not None and response:
            names = " and ".join(sorted(name.rstrip("_") for name in response))
            raise ValueError(f"an answer that fails has no response, but this one has {names}")
        return self

    @property
    def answer(self) -> HttpAnswer:
        """What `Simulation.stub_http` takes."""
        return HttpAnswer(
            status=self.status,
            json=self.json_,
            body=self.body,
            headers=self.headers or None,
            takes=None if self.takes is None else f"{self.takes}us",
            fails=self.fails,
        )


class HttpStubModel(HttpAnswerModel):
    """A URL, and what it answers."""

    method: Method = "*"
    url: str = Field(min_length=1)
    answers: list[HttpAnswerModel] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _one_or_many(self) -> HttpStubModel:
        given = self.model_fields_set - {"method", "url"}
        if self.answers is not None and given != {"answers"}:
            names = " and ".join(sorted(name.rstrip("_") for name in given - {"answers"}))
            raise ValueError(f"give {names} or answers, not both; that one goes into the list")
        return self

    @property
    def every_answer(self) -> list[HttpAnswer]:
        """Its answers, request by request."""
        return [item.answer for item in self.answers or [self]]


def _turns(value: object) -> object:
    if isinstance(value, str | list):
        return cast("object", value)
    if isinstance(value, dict):
        return [cast("object", value)]
    raise ValueError(f"give a list of turns, or the path of a script, not {value!r}")


class StubsModel(Model):
    """What answers in the outside world's place."""

    activities: Annotated[
        dict[str, Annotated[list[AnswerModel], BeforeValidator(listed)]],
        BeforeValidator(nothing),
    ] = Field(default_factory=dict[str, list[AnswerModel]])
    http: Annotated[list[HttpStubModel], BeforeValidator(some_or_one)] = Field(
        default_factory=list[HttpStubModel]
    )

    agents: Annotated[
        dict[str, Annotated[str | list[Any], BeforeValidator(_turns)]], BeforeValidator(nothing)
    ] = Field(default_factory=dict[str, "str | list[Any]"])
    """By agent: the turns of its script, or the path of a file that has them. What a turn may say
    is checked where they are made, for that needs Agent Framework."""
