"""`wfsim.strategies`: schedules that hypothesis draws, and state machines of clients and time."""

# ruff: noqa: RUF012 - machines are declared as a user does it, without ClassVar

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from tests.simulation.small_app import app as small_app
from wfsim import FindingError, NonDeterminismError, Simulation, UsageError
from wfsim.explore import Faults
from wfsim.strategies import DrawnSchedule, DurableMachine, faults, schedules

FIXTURES = Path(__file__).parents[2] / "fixtures"
BUGS = FIXTURES / "bugs"
QUICK = settings(
    max_examples=100,
    stateful_step_count=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
ENDS = ("published", "rejected", "escalated")
ORDERS = st.builds(lambda seats: {"concert": "jazz", "seats": seats}, st.integers(1, 4))


def _notes(error: BaseException) -> list[str]:
    return "\n".join(getattr(error, "__notes__", [])).split("\n")


def _save(app: str, schedule: DrawnSchedule, budget: Faults | None = None) -> None:
    with Simulation(BUGS / app, schedule=schedule, faults=budget) as sim:
        run = sim.start("save_document", input={"name": "a"}, instance_id="a")
        assert run.result() == {"name": "a", "is_safe": False}


@pytest.mark.slow
def test_a_planted_bug_is_found_and_shrunk() -> None:
    """A failing example tells in words the one choice that matters."""

    @settings(QUICK, max_examples=400)
    @given(schedule=schedules(), budget=faults())
    def is_safe(schedule: DrawnSchedule, budget: Faults) -> None:
        _save("quorum_counts_twice", schedule, budget)

    with pytest.raises(AssertionError, match="'is_safe': True") as caught:
        is_safe()
    told = [line for line in _notes(caught.value) if line.startswith("schedule: ")]
    assert told == ["schedule: activity write_copy of a#2 < activity write_copy of a#0"]


@pytest.mark.slow
def test_a_correct_app_passes() -> None:
    """Nothing is found where nothing is wrong, and the quiet run is among what is drawn."""
    drawn: set[str] = set()

    @settings(QUICK, max_examples=30)
    @given(schedule=schedules(), budget=faults(most=2))
    def is_safe(schedule: DrawnSchedule, budget: Faults) -> None:
        _save("quorum_counts_twice_fixed", schedule, budget)
        drawn.add(schedule.words)

    is_safe()
    assert "quiet" in drawn
    assert len(drawn) > 2


@given(budget=faults(most=2))
def test_budgets_are_legal_and_small(budget: Faults) -> None:
    """A drawn budget holds only faults that production has, and not too many of them."""
    assert 0 <= budget.activity_crashes <= 2
    assert 0 <= budget.duplicates <= 2


def test_schedules_say_what_they_are() -> None:
    """A schedule looks the same before and after it was used, so examples are told alike."""
    assert repr(schedules()).startswith("drawn_schedules(")
    with pytest.raises(UsageError, match=r"^schedules\(most=…\) must be an int of at least 1, not"):
        schedules(most=0)
    with pytest.raises(UsageError, match=r"^faults\(most=…\) must be an int of at least 0, not '"):
        faults(most="1")  # type: ignore[arg-type]


def _status_in(output: object) -> object:
    return output["status"] if isinstance(output, dict) else output


class HallMachine(DurableMachine):
    """Sells a hall of four seats to whoever comes."""

    app = BUGS / "concert_seats"
    starts = {"buy_seats": ORDERS}
    most_runs = 2

    def prepare(self) -> None:
        """Open the hall."""
        self.sim.entity("hall", "jazz").signal("open", 4)
        self.sim.run_until_idle()

    @invariant()
    def is_not_oversold(self) -> None:
        """Hold the seats that are left against none."""
        state = self.sim.entity("hall", "jazz").state
        left: Any = state["left"] if isinstance(state, dict) else state or 0
        assert left >= 0


class FixedHallMachine(HallMachine):
    """The same with the twin that takes seats in one operation."""

    app = BUGS / "concert_seats_fixed"

    def prepare(self) -> None:
        """Nothing: this hall is open."""


TestFixedHall = FixedHallMachine.TestCase
TestFixedHall.settings = settings(QUICK, max_examples=15)


class ApprovalMachine(DurableMachine):
    """Plays with an app that waits for people, and knows how its runs may end."""

    app = "../../fixtures/apps/approval"
    starts = {"approval": st.just({"topic": "AI"})}
    events = {"approval": st.booleans().map(lambda answer: {"approved": answer})}
    operations = ("start", "raise_event", "suspend", "resume", "advance")

    @rule(answer=st.booleans())
    def answer_all(self, answer: bool) -> None:
        """Raise one answer for every open run."""
        for run in self.open_runs:
            run.raise_event("approval", {"approved": answer})

    @invariant()
    def ends_as_answered(self) -> None:
        """Hold each output against all that there are."""
        for run in self.sim.runs:
            assert run.output is None or _status_in(run.output) in ENDS


TestApproval = ApprovalMachine.TestCase
TestApproval.settings = settings(QUICK, max_examples=15)


class AsyncMachine(DurableMachine):
    """Plays with an app whose activity is a coroutine that sleeps, given as an object."""

    app = small_app
    starts = {"wait_and_nap": st.none(), "nap": st.integers(0, 5)}
    events = {"go": st.integers()}
    operations = ("start", "raise_event", "advance")

    @invariant()
    def sleeps_in_virtual_time(self) -> None:
        """Hold each end against the time that there was."""
        for run in self.sim.runs:
            if run.name == "nap" and run.finished_at is not None:
                assert run.finished_at - run.created_at >= timedelta(hours=cast("int", run.input))


TestAsync = AsyncMachine.TestCase
TestAsync.settings = settings(QUICK, max_examples=10)


def _failing_steps(machine: type[DurableMachine], error: type[Exception]) -> list[str]:
    few = settings(QUICK, max_examples=600, stateful_step_count=6)
    with pytest.raises(error) as caught:
        run_state_machine_as_test(machine, settings=few)
    return [line for line in _notes(caught.value) if re.match(r"state\.|schedule: ", line)]


@pytest.mark.slow
def test_a_machine_finds_a_planted_bug_in_few_steps() -> None:
    """Two orders at once sell a seat twice: two starts, and time."""
    steps = [line.partition("(")[0] for line in _failing_steps(HallMachine, AssertionError)]
    assert steps.count("state.start") == 2
    assert len([step for step in steps if step != "state.is_not_oversold"]) <= 6
    assert "schedule: " not in "".join(steps)


@pytest.mark.slow
def test_a_machine_checks_replay() -> None:
    """An app that decides otherwise when it is replayed fails without any invariant."""

    class Machine(DurableMachine):
        app = BUGS / "shipment_uuid"
        starts = {"place_order": st.just({"id": "o", "sku": "lamp"})}

    assert _failing_steps(Machine, NonDeterminismError)


@pytest.mark.slow
def test_a_machine_checks_findings_unless_told_not_to() -> None:
    """A leftover timer is found by itself, and is fine where it is expected."""

    class Machine(DurableMachine):
        app = BUGS / "onboard_leftover_timer"
        starts = {"onboard": st.just({"person": "ida"})}
        most_runs = 1
        faults = None
        operations = ("start", "advance")

    class Tolerant(Machine):
        expected_findings = (*DurableMachine.expected_findings, "WF103")

    class Blind(Machine):
        check_findings = False

    steps = _failing_steps(Machine, FindingError)
    assert (
        "schedule: activity order_laptop of run-1#1 < activity create_mailbox of run-1#0" in steps
    )
    for machine in (Tolerant, Blind):
        run_state_machine_as_test(machine, settings=settings(QUICK, max_examples=10))


@pytest.mark.slow
def test_a_machine_signals_terminates_and_starts_what_it_is_told() -> None:
    """Every operation is drawn, and none that was not asked for."""
    done: set[str] = set()

    class Machine(DurableMachine):
        app = BUGS / "concert_seats"
        starts = {"buy_seats": ORDERS}
        events = {"nobody waits": st.none()}
        signals = {"@hall@jazz": {"open": st.just(4)}}
        check_replay = False

        def teardown(self) -> None:
            done.update(str(run.status) for run in self.sim.runs)
            done.update("opened" for _ in [0] if self.sim.entity("hall", "jazz").exists)
            assert len(self.sim.runs) <= self.most_runs
            super().teardown()

    run_state_machine_as_test(Machine, settings=settings(QUICK, max_examples=40))
    assert {"Terminated", "Suspended", "Completed", "opened"} <= done


def test_a_machine_names_its_app() -> None:
    """A machine without an app is refused with its name."""

    class Machine(DurableMachine):
        pass

    with pytest.raises(UsageError, match=r"^Machine names no app\. Write in the class: app = "):
        run_state_machine_as_test(Machine, settings=QUICK)
