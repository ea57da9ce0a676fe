"""What no run of a search has tried: waits that nothing resumed, events that never came late."""

from __future__ import annotations

from datetime import timedelta

from tests.apps import Context, Steps, app_of
from tests.explore.worlds import bug
from wfsim import Simulation
from wfsim.choices import first_in_first_out
from wfsim.explore import explore
from wfsim.explore.function_trial import FunctionTrial
from wfsim.explore.search import Budget, search
from wfsim.explore.seen import Seen, seen_in
from wfsim.explore.strategies import RandomStrategy
from wfsim.explore.trial import ScenarioTrial
from wfsim.scenario import load


def approval(context: Context) -> Steps:
    timer = context.create_timer(context.current_utc_datetime + timedelta(hours=24))
    event = context.wait_for_external_event("approval")
    if (yield context.task_any([timer, event])) == event:
        timer.cancel()
    yield context.call_activity("say", "done")


def _played(sim: Simulation, hours: int) -> None:
    run = sim.start("approval")
    sim.at(f"{hours}h", run.raise_event, "approval", True)
    run.result()
    sim.advance("3d")


def _seen(hours: int) -> Seen:
    with Simulation(app_of(approval), findings="ignore") as sim:
        run = sim.start("approval")
        sim.run_until_idle()
        sim.advance(hours=hours)
        if run.status == "Running":
            run.raise_event("approval", True)
            sim.advance("3d")
        seen = seen_in(sim.trace)
        sim.close(check=False)
        return seen


def test_a_wait_that_nothing_resumed_is_named() -> None:
    """A timer that never fires is a wait that no run has resumed; what was answered is not."""
    early, late = _seen(1), _seen(25)
    assert early.never_resumed == ("approval: timer of 1d",)
    assert late.never_resumed == ()
    assert (early | late).never_resumed == ()


def test_an_event_that_comes_in_time_was_never_late() -> None:
    """Late is what comes after a timer of the instance has fired, or after its end."""
    assert _seen(1).never_late == ("approval",)
    assert _seen(25).events == frozenset()


def test_the_answer_tells_what_was_not_tried() -> None:
    """Reach adds up over all schedules of a search."""
    found = explore(lambda sim: _played(sim, 2), app_of(approval), schedules=5, faults="all")
    assert found.reach.never_late == ("approval",)
    assert found.reach.never_resumed == ("approval: timer of 1d",)


def test_searches_replay_every_turn_border_that_may_differ() -> None:
    """The reach says how many borders there were, and that each was replayed or needs no replay."""
    reach = explore(bug("quorum_counts_twice_fixed"), schedules=5).reach
    assert reach.borders == reach.proven_borders > 5
    assert reach.replayed == 0


def test_searches_replay_every_turn_border_of_other_code() -> None:
    """Where it is not certain that nothing differs, each border is replayed."""
    count: list[int] = []

    def counts(context: Context) -> Steps:
        count.append(1)
        yield context.task_all([context.call_activity("say", number) for number in range(3)])

    def played(sim: Simulation) -> None:
        sim.start("counts").result()

    reach = explore(played, app_of(counts), schedules=5).reach
    assert reach.borders == reach.replayed > 5
    assert reach.proven_borders == 0


def test_where_replays_are_switched_off_the_reach_says_so() -> None:
    """Borders are counted all the same."""
    trial = FunctionTrial(lambda sim: _played(sim, 2), app_of(approval), replay="off")
    seen = trial.run(first_in_first_out).seen
    assert seen.borders > 2
    assert seen.replayed == 0


def test_a_run_that_is_found_again_counts_its_borders_again() -> None:
    """How many borders there were depends on the schedules, and not on which were played where."""
    scenario = load(bug("quorum_counts_twice_fixed"))
    sums = []
    for remembers in (True, False):
        trial = ScenarioTrial(scenario, remembers=remembers)
        found = search(trial, RandomStrategy(seed=0), Budget(schedules=40, failures=40))
        assert found.reach.distinct < 40  # some came twice
        reach = found.reach
        sums.append((reach.borders, reach.replayed, reach.proven_borders))
    assert sums[0] == sums[1]
