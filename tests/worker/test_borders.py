"""Which turn borders are replayed: enough to find what differs, few enough for long histories."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest

from tests.apps import Context, Steps, app_of
from wfsim import NonDeterminismError, Simulation
from wfsim.explore import explore

ACTIVITIES = 200  # about 1,000 events


def passes_of(length: int, replay: str) -> list[int]:
    """Run a chain, and return how many steps each pass of its orchestrator has taken."""
    passes: list[list[int]] = []

    def chain(context: Context) -> Steps:
        steps: list[int] = []
        passes.append(steps)
        for number in range(length):
            steps.append(number)
            yield context.call_activity("say", number)

    with Simulation(app_of(chain), replay=replay) as sim:  # type: ignore[arg-type]
        sim.start("chain").result()
    return [len(steps) for steps in passes]


def test_a_short_history_is_replayed_at_each_border() -> None:
    """One pass that stays alive, and one more for each of its borders."""
    first, *others = passes_of(20, "every")
    assert first == 20
    assert list(dict.fromkeys(others)) == [*range(1, 21)]


def test_a_long_history_is_replayed_a_few_times() -> None:
    """Beyond 100 events borders lie further and further apart, and the last is one of them."""
    passes = passes_of(ACTIVITIES, "every")
    long = list(dict.fromkeys(steps for steps in passes[1:] if steps > 30))
    assert len(long) <= 3
    assert long[-1] == passes[-1] == ACTIVITIES


def test_all_borders_are_replayed_where_that_is_asked_for() -> None:
    """With replay="all" each episode begins anew, and is replayed besides."""
    passes = passes_of(60, "all")
    assert set(passes) == {*range(1, 61)}
    assert all(passes.count(steps) >= 2 for steps in passes)


@pytest.mark.parametrize("at", [5, 60, 150, ACTIVITIES - 1])
def test_a_difference_at_any_step_is_found(at: int) -> None:
    """Wherever a step is drawn by lot, a replay finds it, at the latest at the end."""

    def draws(context: Context) -> Steps:
        for number in range(ACTIVITIES):
            drawn = random.random() if number == at else number
            yield context.call_activity("say", drawn)

    with Simulation(app_of(draws), findings="ignore", guard="off") as sim:
        run = sim.start("draws")
        with pytest.raises(NonDeterminismError, match=rf"at step {at}, "):
            run.result()


def test_a_run_that_has_not_ended_is_replayed_when_the_simulation_ends() -> None:
    """A difference behind the last replay is found when the simulation is closed."""

    def draws(context: Context) -> Steps:
        for number in range(50):
            drawn = random.random() if number == 40 else number
            yield context.call_activity("say", drawn)
        yield context.wait_for_external_event("never")

    sim = Simulation(app_of(draws), findings="ignore", guard="off")
    sim.__enter__()
    sim.start("draws")
    sim.run_until_idle()
    with pytest.raises(NonDeterminismError, match="at step 40, "):
        sim.close()


def test_after_a_difference_an_instance_does_as_in_production() -> None:
    """Once a replay has differed, each episode begins anew, and the host has its say."""

    def draws(context: Context) -> Steps:
        yield context.call_activity(random.choice(["say", "boom"]), random.random())
        yield context.call_activity("say", 2)

    ends = set()
    for seed in range(6):
        with Simulation(app_of(draws), findings="ignore", guard="off", seed=seed) as sim:
            run = sim.start("draws")
            with pytest.raises(NonDeterminismError):
                sim.run_until_idle()
            for _ in range(3):
                with suppress(NonDeterminismError):
                    sim.run_until_idle()
            ends.add(str(run.failure)[:40])
            sim.close(check=False)
    assert any(end.startswith("Non-Deterministic workflow") for end in ends), ends


def test_what_shows_at_one_border_only_is_found_by_exploring() -> None:
    """A search replays every border, also those of a long history that a plain run skips."""

    def fragile(context: Context) -> Steps:
        # As if something outside were in another state at just that moment.
        is_moment = len(PASSES) == MOMENT
        PASSES.append(1)
        for number in range(60):
            yield context.call_activity("say", -number if is_moment else number)

    def played(sim: Simulation) -> None:
        PASSES.clear()
        assert sim.start("fragile").result() is None
        sim.start("pair", instance_id="one")
        sim.start("pair", instance_id="two")
        sim.run_until_idle()

    def pair(context: Context) -> Steps:
        yield context.task_all([context.call_activity("say", n) for n in range(2)])

    found = explore(played, app_of(fragile, pair), schedules=2)
    assert [failure.problem.kind for failure in found.failures] == ["replay"]


MOMENT = 101
PASSES: list[int] = []
