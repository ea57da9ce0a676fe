"""Runs as plain data, the same in every process; and as text for people."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from agent_framework import Message
from pydantic import BaseModel

from tests.workflows import flows
from wfsim.snapshot.naming import Naming
from wfsim.snapshot.plain import plain
from wfsim.workflows import WorkflowSimulation

ROOT = Path(__file__).parents[2]
UUID = "3f58a660-db64-4b01-8840-e860837c198e"


class Colour(Enum):
    """An enumeration."""

    RED = "red"


class Model(BaseModel):
    """A pydantic model."""

    b: int
    a: str


@dataclass
class Pair:
    """A dataclass."""

    left: Any
    right: Any


class Bare:
    """An ordinary object."""

    def __init__(self) -> None:
        self.shown = 1
        self._hidden = 2


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ((1, 2.5, None, True), [1, 2.5, None, True]),
        ({"b": 1, "a": {2: 3}}, {"a": {"2": 3}, "b": 1}),
        ({3, 1, 2}, [1, 2, 3]),
        (Colour.RED, "red"),
        (Model(b=1, a="x"), {"type": "Model", "a": "x", "b": 1}),
        (Pair(1, {"x"}), {"type": "Pair", "left": 1, "right": ["x"]}),
        (Bare(), {"type": "Bare", "shown": 1}),
        (b"\x01\x02", "0102"),
        (datetime(2000, 1, 2, tzinfo=UTC), "2000-01-02T00:00:00+00:00"),
        (date(2000, 1, 2), "2000-01-02"),
        (timedelta(hours=2), "2:00:00"),
        (LookupError("no"), {"type": "LookupError", "message": "no"}),
        (bool, "builtins.bool"),
        (f"see {UUID}, {UUID}", "see <id:1>, <id:1>"),
        ("ab" * 32, "<hash:1>"),
    ],
)
def test_any_value_is_plain(value: object, expected: object) -> None:
    """JSON types only, keys sorted, ids named."""
    found = plain(value, Naming())
    assert found == expected
    json.dumps(found)


def test_objects_without_attributes_have_no_addresses() -> None:
    """Where nothing else is known, it is the text, without what differs in each process."""
    assert "<address>" in plain(iter([]), Naming())


def test_what_refers_to_itself_ends() -> None:
    """Depth is limited."""
    circle: list[Any] = []
    circle.append(circle)
    assert "… list" in json.dumps(plain(circle, Naming()), ensure_ascii=False)


def test_messages_of_the_framework() -> None:
    """They are told by what they say."""
    found = plain(Message("user", ["hello"]), Naming())
    assert found["role"] == "user"
    assert "hello" in json.dumps(found)


def test_a_run_as_data() -> None:
    """Everything is there, ids have names, and it is JSON."""
    with WorkflowSimulation(flows.panel) as sim:
        run = sim.run("x")
        sim.respond(value=True)
    data = run.to_data()
    assert data["outputs"] == ["x a, x b (1)"]
    assert data["answers"] == {"<id:1>": True}
    (asked,) = [event for event in data["events"] if event["type"] == "request_info"]
    assert asked == {
        "type": "request_info",
        "executor": "reviewer",
        "request": "<id:1>",
        "response_type": "builtins.bool",
        "data": {"type": "Draft", "round": 1, "text": "x a, x b"},
    }
    assert UUID[8] not in json.dumps(data["answers"])
    assert json.loads(json.dumps(data)) == data


def test_cached_steps_have_the_same_names_in_every_release() -> None:
    """The framework's keys hold hashes of code in later releases."""
    run = WorkflowSimulation(flows.chain).run("x")
    assert run.to_data()["checkpoints"][-1]["state"]["_step_cache"] == {
        "fetch 1": "X",
        "shout 1": "X!",
    }


SCRIPT = """
import json, sys, warnings
warnings.simplefilter("ignore")
from tests.workflows import flows
from wfsim.workflows import WorkflowSimulation

found = []
for flow, message in (
    (flows.trio, "abc"), (flows.race, "abc"), (flows.people, "ab"), (flows.fan, "x"),
    (flows.panel, "x"), (flows.nested, "x"), (flows.writers, "x"), (flows.failing, "x"),
):
    for schedule in (None, "random"):
        with WorkflowSimulation(flow, schedule=schedule, seed=3) as sim:
            if flow is flows.writers:
                from wfsim.chat import Reply
                sim.script("Writer", [Reply("A", usage={"input": 1, "output": 2, "total": 3})])
                sim.script("Editor", [Reply("B", usage={"input": 1, "output": 2, "total": 3})])
            run = sim.run(message)
            while run.pending:
                sim.respond(run.pending[0], True)
            found.append([run.to_data(), run.timeline()])
print(json.dumps(found))
"""


@pytest.mark.slow
def test_nothing_depends_on_the_hash_seed() -> None:
    """Events, checkpoints and timelines are identical in two processes."""
    told = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            check=True,
            cwd=ROOT,
        ).stdout
        for seed in ("1", "2")
    ]
    assert told[0] == told[1]
    assert len(json.loads(told[0])) == 16


def test_a_functional_timeline() -> None:
    """When what happened, in columns."""
    with WorkflowSimulation(flows.review) as sim:
        run = sim.run("x")
        sim.on_timeout("review", after="24h", answer=False)
        run.result()
    assert run.timeline() == (
        "review: IDLE after 1d 2s\n"
        "  T+0s             run       with 'x'\n"
        "           fetch   begins    ('x', 2)\n"
        "  T+2s     fetch   ends      'X'\n"
        "                   saved     checkpoint 1\n"
        "           review  asks      'review': Draft(text='X', round=1) -> bool\n"
        "                   saved     checkpoint 2\n"
        "  T+1d 2s          answer    False to 'review' by on_timeout\n"
        "                   run       goes on\n"
        "           fetch   is known  'X'\n"
        "           review  output    'dropped'\n"
        "                   saved     checkpoint 3"
    )


def test_the_timeline_of_a_graph() -> None:
    """Supersteps are headings; ids are short."""
    with WorkflowSimulation(flows.panel) as sim:
        run = sim.run("x")
        sim.respond(value=True)
    text = run.timeline()
    assert text.startswith("panel: IDLE after 0s\n  T+0s")
    assert "superstep  2" in text
    assert "asks       '<id:1>': Draft(text='x a, x b', round=1) -> bool" in text
    assert "answer     True to '<id:1>'" in text


def test_the_timeline_of_a_failure() -> None:
    """It names the exception's type."""
    text = WorkflowSimulation(flows.failing).run("x").timeline()
    assert text.startswith("failing: FAILED after 1s\n")
    assert "fails   fails" in " ".join(text.split()) or "fails" in text
    assert "LookupError" in text


def test_agents_in_a_timeline_are_told_by_what_they_say() -> None:
    """And not by addresses of objects."""
    with WorkflowSimulation(flows.writers) as sim:
        sim.script("Writer", ["A draft"])
        sim.script("Editor", ["Better"])
        text = sim.run("go").timeline()
    assert "'A draft'" in text
    assert "0x" not in text
