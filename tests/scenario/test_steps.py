"""What people do in a scenario, and when."""

from __future__ import annotations

import pytest

from tests.scenario.conftest import Load, Play
from wfsim.errors import ScenarioError
from wfsim.scenario import Outcome, play
from wfsim.trace import ClientCalled

LISTEN = "start: {orchestrator: listen, instance_id: x, input: 3}\n"


def _asked(outcome: Outcome) -> list[str]:
    return [item.operation for item in outcome.trace if isinstance(item, ClientCalled)]


def test_steps_of_one_instant_keep_their_order(played: Play) -> None:
    """Steps are done by time, those of one instant in the order of the file."""
    outcome = played(
        LISTEN
        + """
steps:
  - {at: 2h, raise_event: {name: go, data: late}}
  - {at: 1h, raise_event: {name: go, data: first}}
  - {at: 1h, raise_event: {name: go, data: second}}
"""
    )
    assert outcome.runs[0].output == ["first", "second", "late"]
    assert outcome.runs[0].finished_us == outcome.elapsed_us == 7_200_000_000


def test_no_schedule_changes_the_order_of_steps(loaded: Load) -> None:
    """Whatever happens first at an instant, its steps keep the order of the file."""
    scenario = loaded(
        LISTEN
        + """
steps:
  - {at: 1h, raise_event: {name: go, data: 1}}
  - {at: 1h, raise_event: {name: go, data: 2}}
  - {at: 1h, raise_event: {name: go, data: 3}}
"""
    )
    outcome = play(scenario, schedule=lambda about, options: len(options) - 1)
    asked = [item.data for item in outcome.trace if isinstance(item, ClientCalled)]
    assert asked[1:] == ["1", "2", "3"]


def test_steps_without_a_time_come_before_anything_runs(played: Play) -> None:
    """A step at 0 reaches an instance that has not made its first episode yet."""
    text = LISTEN.replace("3", "1") + "steps: [{raise_event: {name: go, data: early}}]\n"
    outcome = played(text)
    assert outcome.runs[0].output == ["early"]
    assert outcome.elapsed_us == 0
    outcome = played(LISTEN + "steps: [{terminate: {reason: no}}]\n")
    assert outcome.runs[0].status == "Terminated"


def test_starts_have_times(played: Play) -> None:
    """Several starts happen at their own times, before the steps of the same instant."""
    outcome = played(
        """
start:
  - {orchestrator: listen, instance_id: late, at: 1d}
  - {orchestrator: listen, instance_id: early}
steps:
  - {at: 1d, instance: late, raise_event: {name: go, data: 1}}
  - {at: 2d, instance: early, raise_event: {name: go, data: 2}}
"""
    )
    assert [(run.instance_id, run.output) for run in outcome.runs] == [
        ("late", [1]),
        ("early", [2]),
    ]
    assert [run.finished_us for run in outcome.runs] == [86_400_000_000, 172_800_000_000]


def test_via_decides_what_the_orchestrator_gets(played: Play) -> None:
    """The HTTP API delivers the value, the Python client JSON text."""
    outcome = played(
        LISTEN.replace("3", "2")
        + """
steps:
  - {at: 1h, raise_event: {name: go, data: {a: 1}}}
  - {at: 2h, raise_event: {name: go, data: {a: 1}, via: client}}
"""
    )
    assert outcome.runs[0].output == [{"a": 1}, '{"a": 1}']


@pytest.mark.parametrize(
    ("steps", "line", "said"),
    [
        (["terminate: ", "raise_event: {name: go}"], 5, "instance 'x' is gone, it is Terminated"),
        (["resume: "], 4, "resume"),
        (["suspend: ", "suspend: "], 5, "suspend"),
        (["rewind: "], 4, "only supported on failed"),
        (["restart: {new_instance_id: false}"], 4, "x"),
        (["purge: ", "purge: "], 5, "No instance with ID 'x' found"),
    ],
)
def test_what_the_host_refuses_names_its_line(
    steps: list[str], line: int, said: str, played: Play
) -> None:
    """A step that the host refuses is an error of the scenario, with the step's line."""
    listed = "".join(f"  - {{at: {hour}h, {step}}}\n" for hour, step in enumerate(steps, 1))
    with pytest.raises(ScenarioError) as error:
        played(LISTEN + "steps:\n" + listed)
    assert f"s.yaml:{line}: " in str(error.value)
    assert said in str(error.value)


def test_terminating_after_the_end_is_silent(played: Play) -> None:
    """A termination of a run that has ended is accepted and changes nothing."""
    outcome = played(
        "start: {orchestrator: echo, instance_id: x, input: 1}\n"
        "steps: [{at: 1h, terminate: {reason: late}}]\nexpect: {status: Completed, output: 1}\n"
    )
    assert outcome.is_good
    assert _asked(outcome) == ["start", "terminate"]


def test_suspended_runs_wait_for_resume(played: Play) -> None:
    """Events that reach a suspended run are taken when it is resumed."""
    outcome = played(
        LISTEN.replace("3", "1")
        + """
steps:
  - {at: 1h, suspend: {reason: audit}}
  - {at: 2h, raise_event: {name: go, data: 1}}
  - {at: 3h, resume: {reason: done}}
expect: {status: Completed, output: [1], finished_by: 3h}
"""
    )
    assert outcome.is_good
    assert outcome.runs[0].finished_us == 10_800_000_000


def test_rewound_runs_go_on(played: Play) -> None:
    """A failed run that is rewound runs its failed activity again."""
    outcome = played(
        """
start: {orchestrator: echo, instance_id: x, input: 1}
stubs: {activities: {say: [{raises: "OSError: down"}, {returns: up}]}}
steps: [{at: 1h, rewind: {reason: fixed}}]
expect: {status: Completed, output: up, activity_calls: {say: 1}}
"""
    )
    assert outcome.is_good, outcome.mismatches


def test_restarted_runs_are_played_to_their_end(played: Play) -> None:
    """A restart under a new id is another run of the outcome, and is waited for."""
    outcome = played(
        "start: {orchestrator: echo, instance_id: x, input: 1}\nsteps: [{at: 1h, restart: {}}]\n"
    )
    assert [(run.status, run.output) for run in outcome.runs] == [("Completed", 1)] * 2
    first, second = (run.instance_id for run in outcome.runs)
    assert first == "x" != second


def test_restarts_may_keep_the_id(played: Play) -> None:
    """A restart under the same id is the same run once more."""
    outcome = played(
        "start: {orchestrator: echo, instance_id: x, input: 1}\n"
        "steps: [{at: 1h, restart: {new_instance_id: false}}]\nexpect: {finished_by: 1h}\n"
    )
    assert outcome.is_good
    assert [(run.status, run.finished_us) for run in outcome.runs] == [("Completed", 3_600_000_000)]


def test_purged_runs_are_gone(played: Play) -> None:
    """A purged run is reported as such, and meets no expectation."""
    outcome = played(
        "start: {orchestrator: echo, instance_id: x}\nsteps: [{at: 1h, purge: }]\n"
        "expect: {status: Completed}\n"
    )
    assert (outcome.runs[0].orchestrator, outcome.runs[0].status) == ("echo", "Purged")
    assert [(item.wanted, item.got) for item in outcome.mismatches] == [("Completed", "purged")]


def test_a_step_before_the_start_is_a_mistake(played: Play) -> None:
    """A step for a run that is started later names its line and what to change."""
    with pytest.raises(ScenarioError, match=r"s\.yaml:3: .* before the orchestration is started; "):
        played(
            "start: {orchestrator: echo, instance_id: x, at: 2h}\n"
            "steps: [{at: 1h, terminate: {reason: x}}]\n"
        )


def test_until_stops_what_still_runs(played: Play) -> None:
    """At `until` the scenario ends, whatever is still to come."""
    text = "start: {orchestrator: generations, instance_id: x, input: 100}\nuntil: 150m\n"
    outcome = played(text + "expect: {status: Running}\n")
    assert outcome.is_good
    assert outcome.elapsed_us == 9_000_000_000


def test_a_scenario_ends_with_its_last_step(played: Play) -> None:
    """A step after the run's end still happens: an event for it is refused by the host."""
    with pytest.raises(ScenarioError, match="is gone, it is Completed"):
        played(
            "start: {orchestrator: echo, instance_id: x}\n"
            "steps: [{at: 5d, raise_event: {name: go}}]\n"
        )
