"""Records that are made quickly are those that their constructors make."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import pytest

from wfsim.history import ExecutionStarted, TaskCompleted
from wfsim.quick import quick
from wfsim.trace import HistoryAppended

EVENT = TaskCompleted(at_us=1, task_id=2, result="x")


def test_a_record_is_equal_hashed_and_frozen_alike() -> None:
    """Equality, hash, text and the ban on changes are those of the class."""
    values = {"at_us": 3, "instance_id": "a", "execution_id": "b", "event": EVENT}
    made, real = quick(HistoryAppended)(**values), HistoryAppended(**values)  # type: ignore[arg-type]
    assert made == real
    assert hash(made) == hash(real)
    assert repr(made) == repr(real)
    assert type(made) is HistoryAppended
    with pytest.raises(AttributeError):
        made.at_us = 4  # type: ignore[misc]


def test_defaults_are_those_of_the_class() -> None:
    """What is left out has its default; what has none must be given."""
    make = quick(ExecutionStarted)
    values = {"at_us": 1, "instance_id": "a", "execution_id": "b", "name": "c"}
    made = make(**values)  # type: ignore[arg-type]
    assert made == ExecutionStarted(**values)  # type: ignore[arg-type]
    assert [item.name for item in fields(made)][-1] == "parent"
    with pytest.raises(TypeError, match="at_us"):
        make(instance_id="a", execution_id="b", name="c")  # type: ignore[call-arg]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """It makes a list for itself."""

    items: list[int] = field(default_factory=list[int])


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """It looks at what it got."""

    number: int

    def __post_init__(self) -> None:
        assert self.number > 0


@pytest.mark.parametrize("record", [Listed, Checked])
def test_a_class_that_is_more_than_its_fields_is_refused(record: type) -> None:
    """Whatever a constructor would do besides must not get lost."""
    with pytest.raises(TypeError, match="is more than its fields"):
        quick(record)
