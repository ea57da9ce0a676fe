"""Traces of many instances: what happens at once has a documented order, and says things once."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.apps import Context, Steps, app_of
from tests.snapshot.recorded import histories_of, trace_of_scene, view_of_scene
from wfsim import Simulation
from wfsim.choices import seeded
from wfsim.snapshot import Group, view
from wfsim.trace import Trace, trace_of


def _greets(context: Context) -> Steps:
    return (yield context.call_activity("say", context.get_input()))


def _family(context: Context) -> Steps:
    children = [context.call_sub_orchestrator("_greets", name) for name in ("Ada", "Bo", "Cy")]
    return (yield context.task_all(children))


def _run(schedule: Any) -> Trace:
    with Simulation(app_of(_greets, _family), schedule=schedule) as sim:
        sim.start("_greets", "Zoe", instance_id="single")
        sim.start("_family", instance_id="family")
        sim.run_until_idle()
        return sim.trace


@pytest.mark.slow
@given(seed=st.integers(0, 10_000))
def test_independent_instances_have_no_order(seed: int) -> None:
    """However the schedule mixes instances that do not meet, their lanes are the same."""
    quiet, mixed = _lanes(_run(None)), _lanes(_run(seeded(seed)))
    assert quiet["single"] == mixed["single"]
    assert [name for name in quiet if "_greets/" in name] == [
        name for name in mixed if "_greets/" in name
    ]


def _lanes(trace: Trace) -> dict[str, Group]:
    return {group.headings[-1]: group for group in view(trace).groups}


def test_lanes_stand_in_a_documented_order() -> None:
    """By the instant of their first appearance, then by name; each lane's events stay in order."""
    shown = view_of_scene("approval/three_posts")
    lanes = [group.headings for group in shown.groups]
    assert lanes[:3] == [("T+0s", "monday"), ("T+4h", "monday"), ("T+24h", "tuesday")]
    at_once = [group.headings[1] for group in view_of_scene("shop/approved").groups][:3]
    assert at_once == ["@stock@mug", "order-2", "post_order <id:2>"]


def test_shuffled_lanes_are_put_in_order() -> None:
    """Any interleaving of instances that do not meet, each in its own order, has the same view."""
    with Simulation(app_of(_greets)) as sim:
        for name in ("Ada", "Bo", "Cy"):
            sim.start("_greets", name)
        sim.run_until_idle()
        lines = list(sim.trace.lines())
    trace = trace_of(lines)
    groups: dict[tuple[int, str], list[str]] = {}
    for record, line in zip(trace, lines[1:], strict=True):
        groups.setdefault((record.at_us, _lane(record)), []).append(line)
    rng = random.Random(1)
    for _ in range(20):
        mixed = trace_of([lines[0], *_mixed(groups, rng)])
        assert str(view(mixed)) == str(view(trace))
        assert view(mixed, exact_order=True) != view(trace, exact_order=True)


def _lane(record: Any) -> str:
    return str(getattr(record, "instance_id", ""))


def _mixed(groups: dict[tuple[int, str], list[str]], rng: random.Random) -> list[str]:
    found: list[str] = []
    for instant in sorted({at_us for at_us, _ in groups}):
        lanes = [list(lines) for (at_us, _), lines in groups.items() if at_us == instant]
        while lanes := [lane for lane in lanes if lane]:
            found.append(rng.choice(lanes).pop(0))
    return found


def test_exact_order_keeps_everything() -> None:
    """With exact_order=True records stand as recorded, and the schedule's choices are shown."""
    trace = _run(seeded(3))
    shown = str(view(trace, exact_order=True))
    assert shown.count("ChoiceMade") > 0
    assert "next work item" in shown
    assert "ChoiceMade" not in str(view(trace))
    assert len(shown.split("\n")) > len(str(view(trace)).split("\n"))


@pytest.mark.parametrize(
    ("scene", "payload"),
    [
        ("approval/approved", '{"approved": true}'),
        ("approval/approved", '{"topic": "AI"}'),
        ("shop/approved", '"sku": "mug"'),
        ("parent_children/welcome", "https://fjord.portal.example"),
    ],
)
def test_things_are_said_once(scene: str, payload: str) -> None:
    """A payload that several records carry stands where it was recorded first."""
    text = str(view_of_scene(scene))
    history_count = sum(str(view(item)).count(payload) for item in _histories(scene))
    assert 0 < text.count(payload) <= history_count


def _histories(scene: str) -> list[Any]:
    return list(histories_of(trace_of_scene(scene)).values())


def test_several_traces_and_histories_stand_below_each_other() -> None:
    """A list of traces, or of histories, is one view in which ids keep their names."""
    trace = trace_of_scene("approval/approved")
    both = view([trace, trace])
    assert {group.headings[0] for group in both.groups} == {"trace 1", "trace 2"}
    history = histories_of(trace)["post-1"]
    assert [group.headings for group in view([history, history]).groups] == [
        ("history 1", "T+0s"),
        ("history 1", "T+2h"),
        ("history 2", "T+0s"),
        ("history 2", "T+2h"),
    ]


def test_empty_things_have_views() -> None:
    """Nothing recorded is an empty text."""
    assert str(view(Trace(start_us=0))) == ""
    with Simulation(app_of(_greets)) as sim:
        run = sim.start("_greets")
        assert str(view(run.history)) == ""


@pytest.mark.parametrize(
    ("data", "label", "shown"),
    [
        (json.dumps(json.dumps("Ada")), "input", '"Ada"'),
        (json.dumps("Ada"), "input (raw)", '"Ada"'),
        (json.dumps({"a": 1}), "input (raw)", '{"a": 1}'),
        ("Ada", "input (no JSON)", '"Ada"'),
    ],
)
def test_payloads_that_are_wrapped_otherwise_differ(data: str, label: str, shown: str) -> None:
    """The Python client wraps inputs in JSON text; what came otherwise is shown, and is another."""
    lines = list(_run(None).lines())
    number = next(place for place, line in enumerate(lines) if '"ClientCalled"' in line)
    lines[number] = json.dumps({**json.loads(lines[number]), "data": data})
    changed = view(trace_of(lines))
    assert f"start → 202  {shown}" in str(changed)
    labels = [name for group in changed.groups for line in group.lines for name, _ in line.details]
    assert label in labels


def test_rules_of_a_view_reach_payloads() -> None:
    """Masks name payloads by their labels, wherever they are recorded."""
    shown = str(view(trace_of_scene("shop/approved"), masks={"input.sku": "<sku>"}))
    assert '"sku": "<sku>"' in shown
    assert '"sku": "mug"' not in shown
