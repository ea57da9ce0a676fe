"""Instances that have nothing to do with each other are taken one by one; all others are not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import pytest

from tests.apps import Context, Steps
from tests.explore.toys import every_run, searched
from tests.explore.worlds import fan_outs
from wfsim import Simulation
from wfsim.explore import Observed
from wfsim.explore.exhaustive import Exhaustive
from wfsim.explore.function_trial import FunctionTrial
from wfsim.explore.search import Budget, search
from wfsim.explore.spaces import space_lines

Test = Callable[[Simulation], None]


GLOBAL = """
import azure.durable_functions as df

app = df.DFApp()
served = 0

@app.orchestration_trigger(context_name="context")
def ask(context):
    return (yield context.call_activity("draw", "c"))

@app.activity_trigger(input_name="name")
def draw(name):
    global served
    served += 1
    return f"{name}{served}"
"""


def _app() -> df.DFApp:
    """Return an app whose orchestrators may or may not have to do with each other."""
    app = df.DFApp()

    @app.orchestration_trigger(context_name="context")
    def race(context: Context) -> Steps:
        tasks = [context.call_activity("keep", name) for name in "ab"]
        return (yield context.task_any(tasks)).result

    @app.orchestration_trigger(context_name="context")
    def ask(context: Context) -> Steps:
        return (yield context.call_activity("keep", "c"))

    @app.orchestration_trigger(context_name="context")
    def add(context: Context) -> Steps:
        entity = df.EntityId("counter", "shared")
        return (yield context.call_entity(entity, "add", context.get_input()))

    @app.orchestration_trigger(context_name="context")
    def parent(context: Context) -> Steps:
        return (yield context.call_sub_orchestrator("add", context.get_input(), "child"))

    @app.orchestration_trigger(context_name="context")
    def tell(context: Context) -> Steps:
        yield context.call_activity("send", context.get_input())

    @app.orchestration_trigger(context_name="context")
    def hear(context: Context) -> Steps:
        event = context.wait_for_external_event("go")
        first = yield context.task_any([event, context.call_activity("keep", "kept")])
        return first.result

    @app.orchestration_trigger(context_name="context")
    def wait(context: Context) -> Steps:
        deadline = context.current_utc_datetime + timedelta(hours=24)
        timer, event = context.create_timer(deadline), context.wait_for_external_event("go")
        first = yield context.task_any([timer, event])
        if first == timer:
            return "late"
        timer.cancel()
        return "in time"

    @app.activity_trigger(input_name="name")
    def keep(name: str) -> str:
        return name

    @app.activity_trigger(input_name="name")
    @app.durable_client_input(client_name="client")
    async def send(name: str, client: df.DurableOrchestrationClient) -> None:
        await client.raise_event(name, "go", "told")

    @app.entity_trigger(context_name="context")
    def counter(context: Any) -> None:
        total = context.get_state(lambda: 0) + context.get_input()
        context.set_state(total)
        context.set_result(total)

    return app


def _starts(*names: str, inputs: tuple[object, ...] = ()) -> Test:
    def test(sim: Simulation) -> None:
        for index, name in enumerate(names):
            given = inputs[index] if inputs else None
            sim.start(name, input=given, instance_id=f"i{index}")
        sim.run_until_idle()

    return test


def _told(
    test: Test, *, is_told: bool = True, app: object = None
) -> tuple[list[Observed], Exhaustive]:
    found = Exhaustive()
    trial = FunctionTrial(test, app or _app())
    return list(searched(trial.run, found, is_told=is_told)), found


def _ends(runs: list[Observed]) -> set[str]:
    return {run.outcome for run in runs}


@pytest.mark.slow
@pytest.mark.parametrize(("sizes", "schedules"), [((2, 2), 6 + 6 - 1), ((2, 2, 2), 6 + 5 + 5)])
def test_orders_of_instances_that_share_nothing_are_added(
    sizes: tuple[int, ...], schedules: int
) -> None:
    """Each is taken through its own six orders beside the quiet others: a sum and no product."""
    found = search(fan_outs(*sizes), Exhaustive(), Budget(schedules=5_000))
    assert found.proven
    assert found.reach.schedules == found.reach.distinct == schedules
    assert found.space is not None
    assert found.space.parts == len(sizes)
    assert found.space.combinations == 6 ** len(sizes) - schedules


@pytest.mark.slow
def test_an_instance_is_tried_as_if_it_were_alone() -> None:
    """Another instance with but one order adds no run: its steps are mixed in one way only."""
    alone = search(fan_outs(2), Exhaustive(), Budget(schedules=1_000))
    beside = search(fan_outs(2, 1), Exhaustive(), Budget(schedules=1_000))
    assert alone.proven
    assert beside.proven
    assert beside.reach.schedules == alone.reach.schedules


def _compared(test: Test, app: object) -> tuple[list[Observed], Exhaustive]:
    """Search, and compare with what a blind search finds."""
    blind = every_run(FunctionTrial(test, app).run, most=600)
    runs, found = _told(test, app=app)
    assert blind is not None
    assert found.is_done
    assert _ends(runs) == _ends(blind)
    assert len(runs) <= len(blind)
    return runs, found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("names", "inputs"),
    [
        pytest.param(("add", "add"), (1, 2), id="an entity"),
        pytest.param(("parent", "add"), (1, 2), id="a child's entity"),
        pytest.param(("tell", "hear"), ("i1", None), id="a client in an activity"),
    ],
)
def test_what_instances_have_in_common_makes_them_one_part(
    names: tuple[str, ...], inputs: tuple[object, ...]
) -> None:
    """All ways to end are seen that a blind search sees, and nothing is tried twice."""
    runs, found = _compared(_starts(*names, inputs=inputs), _app())
    assert len(_ends(runs)) > 1
    assert found.space.parts == 1


@pytest.mark.slow
def test_a_global_makes_instances_one_part(tmp_path: Path) -> None:
    """A number that activities bind anew is shared as a list would be."""
    (tmp_path / "function_app.py").write_text(GLOBAL)
    runs, found = _compared(_starts("ask", "ask"), tmp_path)
    assert _ends(runs) == {
        'ask Completed "c1"; ask Completed "c2"',
        'ask Completed "c2"; ask Completed "c1"',
    }
    assert found.space.parts == 1


@pytest.mark.slow
def test_ends_of_instances_meet() -> None:
    """Two races that share nothing have four ends, and all are seen."""
    runs, found = _told(_starts("race", "race"))
    assert found.space.parts == 2
    assert _ends(runs) == {
        f'race Completed "{one}"; race Completed "{two}"' for one in "ab" for two in "ab"
    }


def _both(sim: Simulation) -> None:
    runs = [sim.start("race", instance_id=f"i{index}") for index in range(2)]
    assert [run.result() for run in runs] != ["b", "b"]


def _looks(sim: Simulation) -> None:
    runs = [sim.start("race", instance_id=f"i{index}") for index in range(2)]
    sim.always(lambda: [run.output for run in runs] != ["b", None])
    sim.run_until_idle()


def _peeps(sim: Simulation) -> None:
    one, two = (sim.start("race", instance_id=f"i{index}") for index in range(2))
    one.result()
    assert two.status != "Completed"
    two.result()


def _tells(sim: Simulation) -> None:
    one, two = sim.start("race", instance_id="i0"), sim.start("hear", instance_id="i1")
    if one.result() == "b":
        two.raise_event("go", "told")
    assert two.result() != "told"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("test", "parts"),
    [
        pytest.param(_both, 2, id="at the end"),
        pytest.param(_looks, 1, id="after each step"),
        pytest.param(_peeps, 1, id="in the middle"),
        pytest.param(_tells, 1, id="and acts on it"),
    ],
)
def test_a_test_that_looks_at_both_fails(test: Test, parts: int) -> None:
    """What a test says of two instances is tried for both, however it comes to know of them."""
    strategy = Exhaustive()
    found = search(FunctionTrial(test, _app()), strategy, Budget(schedules=5_000))
    assert found.has_failed
    assert strategy.space.parts == parts


@pytest.mark.slow
@pytest.mark.parametrize(
    ("when", "ends", "parts"),
    [
        (("24h", "3h"), {"late, in time", "in time, in time"}, 1),
        (("2h", "2h"), {"in time, in time"}, 1),
    ],
)
def test_ties_of_one_instance_are_no_choice_of_another(
    when: tuple[str, str], ends: set[str], parts: int
) -> None:
    """An event at the tick of a deadline comes before or after it, for each who waits for one."""

    def test(sim: Simulation) -> None:
        runs = [sim.start("wait", instance_id=f"i{index}") for index in range(2)]
        for run, due in zip(runs, when, strict=True):
            sim.at(due, run.raise_event, "go")
        sim.advance("3d")
        seen.add(", ".join(str(run.output) for run in runs))

    seen = set[str]()
    runs, found = _told(test)
    assert seen == ends
    assert found.space.parts == parts
    assert len(runs) <= len(_told(test, is_told=False)[0])


@pytest.mark.slow
def test_times_of_ends_meet_each_other() -> None:
    """Lengths of activities are chosen for each instance alone; when both end is tried for both."""

    def test(sim: Simulation) -> None:
        sim.stub_activity("keep", returns="c", takes=("1s", "5s"))
        runs = [sim.start("ask", instance_id=f"i{index}") for index in range(2)]
        sim.run_until_idle()
        sim.advance("1m")
        ends = [run.finished_at for run in runs]
        spans = [(end - datetime(2026, 1, 1, tzinfo=UTC)).seconds for end in ends if end]
        spread.add(spans[0] - spans[1])

    spread = set[int]()
    runs, found = _told(test)
    assert len(runs) == 3 * 3
    assert found.space.parts == 2
    assert spread == {-4, -2, 0, 2, 4}


@pytest.mark.slow
def test_nothing_is_left_of_runs_that_are_cut_short() -> None:
    """A run that ends early closes its simulation, and real time is back."""
    simulations = list[Simulation]()

    def test(sim: Simulation) -> None:
        simulations.append(sim)
        _starts("ask", "ask", "ask")(sim)

    began = datetime.now(UTC)
    runs, found = _told(test, is_told=False)
    assert found.is_done
    assert len(simulations) > len(runs)
    assert not any(sim._world.is_open for sim in simulations)
    assert began <= datetime.now(UTC)


@pytest.mark.slow
def test_a_budget_that_is_just_enough_proves() -> None:
    """Who has tried everything says so; who has not says how much there is at least."""
    trial = fan_outs(1, 2, is_shared=True)
    whole = search(trial, Exhaustive(), Budget(schedules=5_000))
    just = whole.reach.schedules
    for budget, is_proven in ((just, True), (just - 1, False)):
        found = search(trial, Exhaustive(), Budget(schedules=budget))
        assert (found.proven, found.reach.schedules) == (is_proven, budget)
        assert (found.left == 0) is is_proven
        *_, last = space_lines(found)
        assert last.startswith("proven: " if is_proven else "not proven: ")
