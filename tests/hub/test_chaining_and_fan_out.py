"""Activities one after another and side by side (semantics 2.2-2.4)."""

from __future__ import annotations

import pytest

from tests.apps import Context, Steps, app_of
from wfsim import OrchestrationFailed, Simulation, WfsimWarning
from wfsim.history import TaskScheduled


def test_two_chained_activities() -> None:
    """Each result and the next decision share an episode; the end takes a number, too."""

    def two(context: Context) -> Steps:
        first = yield context.call_activity("say", "a")
        return (yield context.call_activity("say", first + "b"))

    with Simulation(app_of(two)) as sim:
        run = sim.start("two")
        sim.run_until_idle()
        assert run.history.short == "OS ES TS0 OC · OS TC0 TS1 OC · OS TC1 EC2 OC"
        assert run.output == "ab"


def test_an_orchestrator_without_steps_ends_in_its_first_episode() -> None:
    """A plain function that returns is an orchestration of one episode."""

    def nothing(context: Context) -> str:
        return "done"

    with Simulation(app_of(nothing)) as sim:
        run = sim.start("nothing")
        assert run.result() == "done"
        assert run.history.short == "OS ES EC0 OC"


def fan_out(context: Context) -> Steps:
    tasks = [
        context.call_activity("nap", 1),
        context.call_activity("boom", "x"),
        context.call_activity("nap", 5),
    ]
    yield context.task_all(tasks)


def test_fan_out_host_waits_for_all_three_after_one_failed() -> None:
    """The code fails with the first failure, the host ends the instance after the last child."""
    with Simulation(app_of(fan_out)) as sim:
        run = sim.start("fan_out")
        sim.run_until_idle()
        assert run.history.short == "OS ES TS0 TS1 TS2 OC · OS TF1 OC"
        assert run.status == "Running"
        sim.advance("2s")
        assert run.status == "Running"
        sim.advance("3s")
        assert run.history.short == ("OS ES TS0 TS1 TS2 OC · OS TF1 OC · OS TC0 OC · OS TC2 EC3 OC")
        assert run.status == "Failed"


def test_fan_out_at_one_instant_ends_in_one_episode() -> None:
    """Results that arrive together are batched in their order of arrival."""

    def together(context: Context) -> Steps:
        return (yield context.task_all([context.call_activity("say", n) for n in range(3)]))

    with Simulation(app_of(together)) as sim:
        run = sim.start("together")
        assert run.result() == [0, 1, 2]
        assert run.history.short == "OS ES TS0 TS1 TS2 OC · OS TC0 TC1 TC2 EC3 OC"


def test_results_of_task_all_keep_the_order_of_its_children() -> None:
    """Results are in the order in which tasks were given, not in which they finished."""

    def unordered(context: Context) -> Steps:
        return (yield context.task_all([context.call_activity("nap", n) for n in (3, 1, 2)]))

    with Simulation(app_of(unordered)) as sim:
        run = sim.start("unordered")
        assert run.result() == [3, 1, 2]
        assert run.history.short == ("OS ES TS0 TS1 TS2 OC · OS TC1 OC · OS TC2 OC · OS TC0 EC3 OC")


def clean_up(context: Context) -> Steps:
    try:
        yield context.task_all(
            [context.call_activity("boom", "x"), context.call_sub_orchestrator("child")]
        )
    except Exception:
        return (yield context.call_activity("say", "cleaned"))


def child(context: Context) -> Steps:
    yield context.create_timer(context.current_utc_datetime.replace(hour=1))
    return "late"


def test_fail_fast_task_all_schedules_its_cleanup_only_after_the_last_child() -> None:
    """What follows a caught failure of a task_all waits for the other children."""
    with Simulation(app_of(clean_up, child)) as sim:
        run = sim.start("clean_up")
        sim.run_until_idle()
        assert run.history.short == "OS ES TS0 SOC1 OC · OS TF0 OC"
        assert run.result() == "cleaned"
        assert run.history.short == (
            "OS ES TS0 SOC1 OC · OS TF0 OC · OS SOD1 TS2 OC · OS TC2 EC3 OC"
        )


def test_unyielded_tasks_are_never_scheduled() -> None:
    """A task takes a number when it is yielded, not when it is made."""

    def forgetful(context: Context) -> Steps:
        context.call_activity("say", "never")
        return (yield context.call_activity("say", "once"))

    with Simulation(app_of(forgetful), findings="ignore") as sim:
        run = sim.start("forgetful")
        assert run.result() == "once"
        assert run.history.short == "OS ES TS0 OC · OS TC0 EC1 OC"
        assert [finding.code for finding in sim.findings] == ["WF104"]


def test_unyielded_tasks_warn_at_the_end() -> None:
    """A task that is never yielded is a warning by default."""

    def forgetful(context: Context) -> Steps:
        context.call_activity("say", "never")
        return (yield context.call_activity("say", "once"))

    sim = Simulation(app_of(forgetful))
    sim.start("forgetful").result()
    with pytest.warns(WfsimWarning, match="WF104"):
        sim.close()


@pytest.mark.parametrize("method", ["task_all", "task_any"])
def test_an_empty_compound_resumes_at_once_with_none(method: str) -> None:
    """`task_all([])` and `task_any([])` ask for nothing and give None."""

    def empty(context: Context) -> Steps:
        nothing = yield getattr(context, method)([])
        return {"empty": nothing, "then": (yield context.call_activity("say", "x"))}

    with Simulation(app_of(empty)) as sim:
        run = sim.start("empty")
        assert run.result() == {"empty": None, "then": "x"}
        assert run.history.short == "OS ES TS0 OC · OS TC0 EC1 OC"


def test_compound_built_before_its_child_is_yielded_schedules_the_child_twice() -> None:
    """The SDK sends the child again, ids part, and the code gets the wrong result."""

    def doubled(context: Context) -> Steps:
        a, b = context.call_activity("say", "A"), context.call_activity("say", "B")
        both = context.task_all([a, b])
        yield a
        return (yield both)

    with Simulation(app_of(doubled)) as sim:
        run = sim.start("doubled")
        sim.run_until_idle()
        names = [event.input for event in run.history if isinstance(event, TaskScheduled)]
        assert names == ['["\\"A\\""]', '["\\"A\\""]', '["\\"B\\""]']
        assert run.history.short.startswith("OS ES TS0 OC · OS TC0 TS1 TS2 OC")
        assert run.output == ["A", "A"]


def test_compound_built_after_its_child_was_yielded_does_not() -> None:
    """A compound made of a finished and a new task schedules the new one only."""

    def single(context: Context) -> Steps:
        a = context.call_activity("say", "A")
        yield a
        return (yield context.task_all([a, context.call_activity("say", "B")]))

    with Simulation(app_of(single)) as sim:
        run = sim.start("single")
        assert run.result() == ["A", "B"]
        assert run.history.short == "OS ES TS0 OC · OS TC0 TS1 OC · OS TC1 EC2 OC"


def test_the_winner_of_task_any_is_the_first_in_history_order() -> None:
    """With several results in one episode the earlier message wins, and the value is the task."""

    def race(context: Context) -> Steps:
        tasks = [context.call_activity("say", n) for n in range(3)]
        winner = yield context.task_any(tasks)
        return [tasks.index(winner), winner.result]

    with Simulation(app_of(race)) as sim:
        run = sim.start("race")
        assert run.result() == [0, 0]
    with Simulation(app_of(race), schedule=[2]) as sim:
        run = sim.start("race")
        sim.run_until_idle()
        assert run.history.short.startswith("OS ES TS0 TS1 TS2 OC · OS TC2 TC0 TC1 EC3 OC")
        assert run.output == [2, 2]


def test_task_any_never_raises() -> None:
    """A failed winner is handed over as a task."""

    def race(context: Context) -> Steps:
        winner = yield context.task_any([context.call_activity("boom", 1)])
        return str(winner.result)[:39]

    with Simulation(app_of(race)) as sim:
        assert sim.start("race").result() == "Activity function 'boom' failed:  Value"


def test_a_failed_task_all_inside_task_any_breaks_the_sdk_on_its_late_sibling() -> None:
    """The SDK complains about a task that completed twice, and the host words it as its own."""

    def nested(context: Context) -> Steps:
        inner = context.task_all(
            [context.call_activity("boom", 1), context.call_activity("nap", 5)]
        )
        winner = yield context.task_any([inner, context.create_timer(_soon(context))])
        assert winner is inner
        yield context.call_activity("nap", 60)

    with Simulation(app_of(nested), findings="ignore") as sim:
        run = sim.start("nested")
        with pytest.raises(OrchestrationFailed, match="Non-Deterministic workflow detected"):
            run.result()


def _soon(context: Context) -> object:
    return context.current_utc_datetime.replace(hour=2)
