"""Rewind: what failed is erased and decided again (semantics 6.2)."""

from __future__ import annotations

from tests.apps import Context, Steps, app_of
from wfsim import Answer, Simulation
from wfsim.history import GenericEvent


def two(context: Context) -> Steps:
    first = yield context.call_activity("nap", 1)
    return [first, (yield context.call_activity("say", "second"))]


def child(context: Context) -> Steps:
    return (yield context.call_activity("say", "child"))


def parent(context: Context) -> Steps:
    return (yield context.call_sub_orchestrator("child", None, "kid"))


FLAKY = [Answer(raises=ValueError("once")), Answer(returns="fine")]


def test_rewind_erases_the_failed_task_and_runs_it_again() -> None:
    """The failed activity gets its old number again, and what succeeded does not run twice."""
    with Simulation(app_of(two)) as sim:
        sim.stub_activity("say", answers=FLAKY)
        naps = sim.stub_activity("nap", returns=1)
        run = sim.start("two")
        sim.run_until_idle()
        assert run.history.short == "OS ES TS0 OC · OS TC0 TS1 OC · OS TF1 EC2 OC"
        run.rewind("fixed")
        assert run.status == "Pending"
        assert run.history.short == "OS ES TS0 OC · OS TC0 GE OC · OS GE GE OC"
        sim.run_until_idle()
        assert run.history.short == (
            "OS ES TS0 OC · OS TC0 GE OC · OS GE GE OC · OS GE TS1 OC · OS TC1 EC2 OC"
        )
        assert run.output == [1, "fine"]
        assert naps.calls == [1]


def test_rewind_says_why_in_the_events_that_it_leaves() -> None:
    """Erased events keep their time and carry the reason."""
    with Simulation(app_of(two)) as sim:
        sim.stub_activity("say", answers=FLAKY)
        run = sim.start("two")
        sim.advance("1s")
        sim.advance("1h")
        run.rewind("fixed")
        sim.run_until_idle()
        erased = [event for event in run.history if isinstance(event, GenericEvent)]
        assert [event.data for event in erased] == ["Rewound: fixed"] * 3 + ["Rewind: fixed"]
        assert erased[0].at_us == run.history[0].at_us + 1_000_000


def test_rewind_of_a_parent_rewinds_its_failed_child_and_wakes_it() -> None:
    """The child decides again, and its answer reaches the parent under the old number."""
    with Simulation(app_of(parent, child)) as sim:
        sim.stub_activity("say", answers=FLAKY)
        run = sim.start("parent")
        sim.run_until_idle()
        assert run.history.short == "OS ES SOC0 OC · OS SOF0 EC1 OC"
        run.rewind("fixed")
        sim.run_until_idle()
        assert run.history.short == "OS ES SOC0 OC · OS GE GE OC · OS SOD0 EC1 OC"
        assert sim.run("kid").history.short == (
            "OS ES GE OC · OS GE GE OC · OS GE TS0 OC · OS TC0 EC1 OC"
        )
        assert run.output == "fine"


def test_rewind_of_a_failure_in_the_orchestrator_itself_runs_it_again() -> None:
    """Nothing but the end is erased, and the code raises as before."""

    def raising(context: Context) -> Steps:
        yield context.call_activity("say", 1)
        raise ValueError("always")

    with Simulation(app_of(raising)) as sim:
        run = sim.start("raising")
        sim.run_until_idle()
        run.rewind("hope")
        sim.run_until_idle()
        assert run.history.short == "OS ES TS0 OC · OS TC0 GE OC · OS GE EC1 OC"
        assert run.status == "Failed"
