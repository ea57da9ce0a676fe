"""What a run shows without being asked, and what each policy makes of it."""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.simulation.small_app import APPS
from wfsim import (
    FindingError,
    LivelockError,
    NonDeterminismError,
    OrchestrationRun,
    Simulation,
    WfsimWarning,
    WorkflowError,
)
from wfsim.options import Replay
from wfsim.trace.findings import CODES

BROKEN = APPS / "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A broken app, and how to make it show what is wrong."""

    app: str
    orchestrator: str
    input: object
    line: str = ""
    """What stands in the line to which the finding points."""
    steps: Callable[[Simulation, OrchestrationRun], object] = lambda simulation, run: None
    until: str = "30d"
    replay: Replay = "every"

    @property
    def code(self) -> str:
        return self.app[:5].upper()


def _raise(name: str, data: object = None, at: str = "6h") -> Any:
    return lambda simulation, run: simulation.at(at, run.raise_event, name, data)


def _sign_early(simulation: Simulation, run: OrchestrationRun) -> None:
    simulation.stub_activity("screen_for_sanctions", returns=None, takes="1h")
    simulation.at("10m", run.raise_event, "signed", {"by": "Kari"})


WARNED = [
    Case(
        app="wf101_stuck_event", orchestrator="reimburse", input={"id": "c", "eur": 480},
        line='yield context.wait_for_external_event("approval")',
    ),
    Case(
        app="wf102_unheard_event", orchestrator="hold_booking", input={"booking": "b"},
        steps=_raise("deposit_received"),
    ),
    Case(
        app="wf103_open_timer", orchestrator="locker", input={"parcel": "p"},
        steps=_raise("picked_up"), line="create_timer(",
    ),
    Case(
        app="wf104_unyielded_task", orchestrator="change_limit",
        input={"customer": "acme", "limit": 5}, line='context.call_activity("audit"',
    ),
    Case(
        app="wf108_growing_history", orchestrator="watch_certificate", input={"site": "www"},
        until="50d", replay="off",
    ),
    Case(app="wf111_int_keys", orchestrator="evaluate_poll", input={"poll": "how-do-you-do"}),
    Case(app="wf111_tuple", orchestrator="dispatch", input={"lift": "L"}),
    Case(
        app="wf120_environment", orchestrator="ship", input={"id": "o", "cents": 1},
        line="os.environ.get(",
    ),
]  # fmt: skip
RAISED = [
    Case(
        app="wf105_unknown_activity", orchestrator="donate",
        input={"donor": "ada@example.org", "eur": 500}, line='call_activity("send_reciept"',
    ),
    Case(
        app="wf106_unknown_orchestrator", orchestrator="new_tenant", input={"tenant": "acme"},
        line='call_sub_orchestrator("provison_search"',
    ),
    Case(app="wf112_datetime_output", orchestrator="close_case", input={"case": "c"}),
    Case(
        app="wf112_missing_yield_from", orchestrator="handle_return",
        input={"order": "o", "sku": "mug", "cents": 1},
    ),
    Case(
        app="wf113_shared_timer", orchestrator="confirm_phone", input={"phone": "12345"},
        steps=_raise("code_entered", "0000", at="1m"),
    ),
    Case(
        app="wf113_sticky_event", orchestrator="payment_order",
        input={"id": "p", "payee": "Fjord AS", "eur": 1}, steps=_sign_early,
    ),
    Case(
        app="wf114_same_instance_id", orchestrator="split_order",
        input={"id": "17", "warehouses": ["oslo", "bergen"]},
    ),
    Case(
        app="wf115_yielded_list", orchestrator="translate_page",
        input={"path": "about", "languages": ["nb"]},
    ),
]  # fmt: skip


def play(case: Case, policy: Any) -> Simulation:
    """Play a case to its end; raises or warns as the policy says."""
    with Simulation(BROKEN / case.app, findings=policy, replay=case.replay) as simulation:
        run = simulation.start(case.orchestrator, input=case.input, instance_id="one")
        case.steps(simulation, run)
        simulation.advance(case.until)
    return simulation


def _name(case: Case) -> str:
    return case.app


def each(*cases: Case) -> pytest.MarkDecorator:
    """Run a test with each case; fifty days of a growing history take a while."""
    slow = [pytest.mark.slow]
    params = [pytest.param(case, marks=slow if case.until == "50d" else []) for case in cases]
    return pytest.mark.parametrize("case", params, ids=map(_name, cases))


@each(*WARNED)
def test_what_may_be_meant_warns_at_the_end(case: Case) -> None:
    """By default such a finding is one warning when the simulation closes, with a place."""
    with pytest.warns(WfsimWarning, match=f"^{case.code} {CODES[case.code].title}: ") as caught:
        simulation = play(case, "default")
    assert [finding.code for finding in simulation.findings] == [case.code]
    (warning,) = caught
    assert warning.filename.endswith((f"{case.app}/function_app.py", "test_findings.py"))


@each(*RAISED)
def test_what_is_certainly_wrong_raises(case: Case) -> None:
    """By default such a finding raises as soon as the operation that showed it ends."""
    with pytest.raises(FindingError, match=f"^{case.code} {CODES[case.code].title}: ") as caught:
        play(case, "default")
    assert [finding.code for finding in caught.value.findings] == [case.code]  # type: ignore[attr-defined]


@each(*WARNED, *RAISED)
def test_policy_error_raises_everything(case: Case) -> None:
    """findings="error" makes errors of warnings."""
    with pytest.raises(FindingError, match=f"^{case.code} "):
        play(case, "error")


@each(*WARNED, *RAISED)
def test_policy_warn_raises_nothing(case: Case) -> None:
    """findings="warn" makes warnings of errors, at the end."""
    with pytest.warns(WfsimWarning, match=f"^{case.code} "):
        play(case, "warn")


@each(*WARNED, *RAISED)
def test_policy_ignore_only_records(case: Case) -> None:
    """findings="ignore" is silent; the findings are there to be read, in the timeline too."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        simulation = play(case, "ignore")
    assert case.code in {finding.code for finding in simulation.findings}
    assert case.code in simulation.timeline()


@each(*(case for case in [*WARNED, *RAISED] if case.line))
def test_findings_point_at_the_users_line(case: Case) -> None:
    """The place is the line of the app that one has to change."""
    (finding, *_) = play(case, "ignore").findings
    assert finding.place is not None
    path = BROKEN / case.app / "function_app.py"
    assert finding.place.file.endswith("function_app.py")
    assert case.line in path.read_text(encoding="utf-8").splitlines()[finding.place.line - 1]
    assert f"function_app.py:{finding.place.line}]" in str(finding)
    assert finding.instance_id == "one"


@pytest.mark.parametrize("policy", ["default", "warn", "ignore"])
def test_a_replay_that_differs_always_raises(policy: Any) -> None:
    """NonDeterminismError comes whatever the policy: nothing after it would mean anything."""
    case = Case(
        app="wf110_is_replaying", orchestrator="deploy",
        input={"version": "1", "stages": ["a", "b"]},
    )  # fmt: skip
    with pytest.raises(NonDeterminismError, match="is_replaying") as caught:
        play(case, policy)
    assert caught.value.file.endswith("function_app.py")


def test_replay_off_does_not_look() -> None:
    """replay="off" trusts the app."""
    app = BROKEN / "wf110_is_replaying"
    with Simulation(app, replay="off", findings="ignore") as simulation:
        run = simulation.start("deploy", input={"version": "1", "stages": ["a", "b"]})
        with contextlib.suppress(WorkflowError):
            run.result()
        assert "WF110" not in {finding.code for finding in simulation.findings}


@pytest.mark.parametrize(
    ("app", "orchestrator", "start", "what"),
    [
        ("wf109_zero_delay", "embargo", {"embargo_hours": 3, "title": "x"}, "set a timer of 0s"),
        ("wf109_endless_continue_as_new", "drain_mailbox", {"mailbox": "m"}, "next_batch"),
    ],
)
@pytest.mark.parametrize("policy", ["default", "ignore"])
def test_a_livelock_is_stopped(
    app: str, orchestrator: str, start: object, what: str, policy: Any
) -> None:
    """After max_steps at one instant LivelockError says what loops; the simulation can close."""
    with Simulation(BROKEN / app, findings=policy, max_steps=50) as simulation:
        run = simulation.start(orchestrator, input=start, instance_id="one")
        with pytest.raises(LivelockError, match=rf"^{orchestrator} 'one' never becomes idle: .*"):
            run.result()
        (finding,) = simulation.findings
        assert finding.code == "WF109"
        assert what in finding.message
        assert simulation.now.year == 2000


def test_a_certain_bug_is_raised_once() -> None:
    """What an operation has raised, the end does not raise again."""
    case = RAISED[0]
    with Simulation(BROKEN / case.app) as simulation:
        run = simulation.start(case.orchestrator, input=case.input)
        with pytest.raises(FindingError):
            run.result()


def test_a_healthy_run_shows_nothing() -> None:
    """The approval app, on all three ways through it, has no finding."""
    with Simulation(APPS / "approval", findings="error") as simulation:
        runs = [simulation.start("approval", input={"topic": str(n)}) for n in range(3)]
        simulation.at("1h", runs[0].raise_event, "approval", {"approved": True})
        simulation.at("1h", runs[1].raise_event, "approval", {"approved": False})
        simulation.advance("4d")
    assert [run.status for run in runs] == ["Completed"] * 3
    assert simulation.findings == []


def test_no_code_is_forgotten() -> None:
    """Every code has a case here, or a test among those of what it is about."""
    shown = {case.code for case in [*WARNED, *RAISED]} | {"WF109", "WF110"}
    tests = Path(__file__).parents[1]
    for folder in ("entities", "functions", "hub"):
        for file in (tests / folder).glob("test_*.py"):
            shown |= set(re.findall(r"WF1\d\d", file.read_text(encoding="utf-8")))
    assert shown == set(CODES)
