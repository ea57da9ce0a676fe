"""Whatever stands in a file, it is a scenario or a ScenarioError with a line."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wfsim.errors import ScenarioError
from wfsim.scenario import load

SHARED_FOLDER = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

GOOD: dict[str, Any] = {
    "app": "function_app.py",
    "start": [
        {"orchestrator": "a", "input": {"x": [1, None]}, "instance_id": "one", "at": "1h"},
        {"orchestrator": "b", "instance_id": "two", "version": "2"},
    ],
    "steps": [
        {"at": "2h", "instance": "one", "raise_event": {"name": "go", "data": 1, "via": "client"}},
        {"at": "3h", "instance": "two", "terminate": {"reason": "late"}},
        {"at": "3h", "instance": "two", "restart": {"new_instance_id": False}},
        {"signal_entity": {"entity": "@a@b", "operation": "add", "input": 1, "via": "client"}},
        {"http": {"method": "PUT", "path": "/api", "json": 1, "headers": {"a": "b"}}},
        {"http": {"path": "/api", "body": "x", "params": {"a": 1}, "status": 200}},
        {"trigger": {"function": "f", "payload": 1, "metadata": {"a": 1}, "inputs": {"b": 2}}},
    ],
    "stubs": {
        "activities": {"say": [{"returns": 1, "takes": "3s"}, {"raises": "OSError: x"}]},
        "http": [
            {
                "method": "GET",
                "url": "https://*",
                "status": 500,
                "json": [1],
                "headers": {"a": ["b"]},
            },
            {"url": "http://*", "answers": [{"body": "x", "takes": "1s"}, {"fails": "x"}]},
        ],
    },
    "until": "7d",
    "expect": [
        {
            "instance": "one",
            "status": "Completed",
            "output": {"a": 1},
            "custom_status": None,
            "failure": "x",
            "finished_by": "2h",
            "activity_calls": {"say": 1, "nap": {"executions_at_most": 2}},
            "entities": {"@a@b": {"c": 1}, "@a@d": None},
        }
    ],
}

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.dates()
    | st.sampled_from(["1h", "-1h", "Completed", "ValueError: x", "", "1e9d", 10**400])
)
KEYS = st.sampled_from(
    [*GOOD, "at", "name", "raises", "returns", "status", "instance", "http", "json", "url", "path"]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | SCALARS, inner, max_size=3),
    max_leaves=8,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for key, inner in items:
        yield (*path, key)
        yield from _places(inner, (*path, key))


PLACES = list(_places(GOOD))


def _check_loads_or_complains(path: Path) -> None:
    try:
        load(path)
    except ScenarioError as error:
        for line in str(error).splitlines():
            assert re.match(rf"{re.escape(str(path))}:\d+: \S", line) or line.startswith("… and ")
            assert len(line) < 600


def test_the_good_one_is_good(tmp_path: Path) -> None:
    """The scenario that the tests of this file spoil loads as it is."""
    path = tmp_path / "s.yaml"
    path.write_text(yaml.safe_dump(GOOD), encoding="utf-8")
    assert len(load(path).data.steps) == 7


@SHARED_FOLDER
@given(VALUES)
def test_any_value_is_judged(tmp_path: Path, value: Any) -> None:
    """Any YAML value loads or is told with file and line."""
    path = tmp_path / "s.yaml"
    path.write_text(yaml.safe_dump(value), encoding="utf-8")
    _check_loads_or_complains(path)


@settings(SHARED_FOLDER, max_examples=150)
@given(st.sampled_from(PLACES), VALUES, st.sampled_from(["replace", "add", "remove"]))
def test_any_spoilt_scenario_is_judged(
    tmp_path: Path, place: tuple[Any, ...], value: Any, how: str
) -> None:
    """A good scenario with one value replaced, added or removed loads or is told with its line."""
    data = copy.deepcopy(GOOD)
    here: Any = data
    for part in place[:-1]:
        here = here[part]
    if how == "remove":
        del here[place[-1]]
    elif how == "add" and isinstance(here, dict):
        here[str(value)[:20]] = value
    else:
        here[place[-1]] = value
    path = tmp_path / "s.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    _check_loads_or_complains(path)


@SHARED_FOLDER
@given(st.binary(max_size=60))
def test_any_bytes_are_judged(tmp_path: Path, raw: bytes) -> None:
    """Random bytes are told with file and line."""
    path = tmp_path / "s.yaml"
    path.write_bytes(raw)
    _check_loads_or_complains(path)


@SHARED_FOLDER
@given(st.integers(0, 400), st.text("{}[]:,-#&*!|>'\"%@` \n\ta<?~0", min_size=1, max_size=4))
def test_any_typing_mistake_is_judged(tmp_path: Path, where: int, typed: str) -> None:
    """A good file with a few characters typed into it loads or is told with a line."""
    text = yaml.safe_dump(GOOD)
    path = tmp_path / "s.yaml"
    path.write_text(text[:where] + typed + text[where:], encoding="utf-8")
    _check_loads_or_complains(path)


@pytest.mark.slow
@pytest.mark.parametrize("depth", [50, 200, 320, 1000, 20_000])
def test_any_depth_is_judged(depth: int, tmp_path: Path) -> None:
    """Deep nesting in a payload loads or is told, and ends in no other error."""
    path = tmp_path / "s.yaml"
    nested = "[" * depth + "]" * depth
    path.write_text(f"app: a.py\nstart: {{orchestrator: a, input: {nested}}}\n", encoding="utf-8")
    _check_loads_or_complains(path)
