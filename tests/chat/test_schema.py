"""The part of JSON Schema that tools and structured replies use."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from wfsim.chat.schema import complaints

NESTED = {
    "type": "object",
    "properties": {"stops": {"type": "array", "items": {"$ref": "#/$defs/Stop"}}},
    "$defs": {
        "Stop": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        }
    },
}


@pytest.mark.parametrize(
    ("schema", "value", "lines"),
    [
        ({"type": "integer"}, "3", ["the value: it must be an integer, not '3'"]),
        ({"type": "integer"}, True, ["the value: it must be an integer, not True"]),
        ({"type": ["string", "null"]}, 3, ["the value: it must be a string or null, not 3"]),
        ({"enum": ["a", "b"]}, "c", ["the value: it must be one of 'a', 'b', not 'c'"]),
        ({"const": 1}, 2, ["the value: it must be 1, not 2"]),
        ({"minimum": 1}, 0, ["the value: it must be at least 1, not 0"]),
        ({"maximum": 1}, 2, ["the value: it must be at most 1, not 2"]),
        ({"exclusiveMinimum": 1}, 1, ["the value: it must be more than 1, not 1"]),
        ({"exclusiveMaximum": 1}, 1, ["the value: it must be less than 1, not 1"]),
        ({"minLength": 2}, "a", ["the value: it must have at least 2 characters, not 1"]),
        ({"maxItems": 1}, [1, 2], ["the value: it must have at most 1 items, not 2"]),
        ({"pattern": "^[a-z]+$"}, "A", ["the value: it must match '^[a-z]+$', but it is 'A'"]),
        ({"properties": {"a": False}}, {"a": 1}, ["a: nothing may stand here"]),
        ({"required": ["a", "b"]}, {"a": 1}, ["b: it is missing"]),
        (
            {"properties": {"city": {}}, "additionalProperties": False},
            {"citi": 1},
            ["citi: there is no such field. Did you mean 'city'?"],
        ),
        (
            {"additionalProperties": {"type": "string"}},
            {"a": 1},
            ["a: it must be a string, not 1"],
        ),
        (NESTED, {"stops": [{"city": "Oslo"}, {}]}, ["stops[1].city: it is missing"]),
        (
            {"anyOf": [{"type": "object", "required": ["a"]}, {"type": "null"}]},
            {},
            ["a: it is missing"],
        ),
        (
            {"allOf": [{"minimum": 1}, {"maximum": 0}]},
            3,
            ["the value: it must be at most 0, not 3"],
        ),
        (
            {"items": {"type": "null"}},
            [0] * 9,
            [f"[{n}]: it must be null, not 0" for n in range(5)],
        ),
    ],
)
def test_what_does_not_fit(schema: Any, value: Any, lines: list[str]) -> None:
    """Each complaint names the field, what is wanted, and what is there; five at most."""
    assert complaints(value, schema) == lines


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({}, object()),
        ({"type": "number"}, 3),
        ({"type": "integer"}, 3.0),
        ({"type": "geography"}, 3),
        ({"pattern": r"^\p{L}+$"}, "3"),
        ({"minimum": True}, 0),
        ({"format": "date", "if": {"minimum": 3}}, 1),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, 1),
        ({"patternProperties": {"^x-": {}}, "additionalProperties": False}, {"x-a": 1}),
        ({"$ref": "#/$defs/~0missing"}, 1),
        ({"$defs": {"A": {"items": {"$ref": "#/$defs/A"}}}, "$ref": "#/$defs/A"}, [[[]]]),
        ({"$ref": "#"}, 1),
        ({"allOf": {"minimum": 3}}, 1),
    ],
)
def test_what_fits_or_is_not_known(schema: Any, value: Any) -> None:
    """What fits, and what this checker does not know, passes."""
    assert complaints(value, schema) == []


class Leg(BaseModel):
    kind: Literal["train", "boat"]
    minutes: int = Field(gt=0, le=600)


class Trip(BaseModel):
    name: str = Field(min_length=1)
    legs: list[Leg] = Field(max_length=3)
    price: float | None = None
    notes: dict[str, str] = Field(default_factory=dict)


LEGS = st.builds(Leg, kind=st.sampled_from(["train", "boat"]), minutes=st.integers(1, 600))
TRIPS = st.builds(
    Trip,
    name=st.text(min_size=1),
    legs=st.lists(LEGS, max_size=3),
    price=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    notes=st.dictionaries(st.text(), st.text(), max_size=2),
)


@pytest.mark.slow
@given(TRIPS)
def test_what_pydantic_makes_fits_its_schema(trip: Trip) -> None:
    """There are no false alarms for the schemas and values of pydantic."""
    assert complaints(trip.model_dump(mode="json"), Trip.model_json_schema()) == []


@given(st.sampled_from(["name", "legs"]), st.sampled_from([None, 3, True]))
def test_what_pydantic_refuses_does_not_fit(field: str, wrong: Any) -> None:
    """A field that is missing or of another type is found in every model's schema."""
    value: dict[str, Any] = {"name": "x", "legs": []}
    assert complaints({**value, field: wrong}, Trip.model_json_schema())
    del value[field]
    assert complaints(value, Trip.model_json_schema()) == [f"{field}: it is missing"]
