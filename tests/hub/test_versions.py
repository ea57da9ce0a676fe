"""Which orchestration versions a host runs (semantics 8.1)."""

from __future__ import annotations

import inspect
import itertools
from typing import Any

import azure.durable_functions as df
import pytest

from tests.apps import Context, Steps, app_of
from wfsim import HostSettings, Simulation, StuckError, WfsimWarning
from wfsim.history import SubOrchestrationInstanceCreated
from wfsim.hub.versions import compare_versions, refusal

ORDER = ["", "1.0", "1.0.0", "1.2", "1.9", "1.10", "1.10.0.7", "2.0"]
"""From the oldest to the newest; the rules of .NET's System.Version."""


def named(context: Context) -> Steps:
    return (yield context.call_activity("say", context.histories[1].Version))


def family(context: Context) -> Steps:
    return (yield context.call_sub_orchestrator("named"))


def pinned(context: Context) -> Steps:
    return (yield context.call_sub_orchestrator("named", version="1.0"))


def renewed(context: Context) -> Steps:
    if context.get_input() is None:
        context.continue_as_new("again")
        return None
    return (yield context.call_activity("say", context.histories[1].Version))


def simulate(**settings: Any) -> Simulation:
    return Simulation(
        app_of(named, family, pinned, renewed),
        settings=HostSettings(**settings),
        findings="ignore",
    )


@pytest.mark.parametrize(("older", "newer"), list(itertools.pairwise(ORDER)))
def test_dotted_numbers_compare_as_numbers(older: str, newer: str) -> None:
    """Two to four numbers with dots are compared part by part; a missing part comes first."""
    assert compare_versions(older, newer) < 0 < compare_versions(newer, older)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("", "", 0),
        ("", "  ", 0),
        ("1.0", "01.00", 0),
        ("v2", "V2", 0),
        ("10", "9", -1),  # one number alone is no System.Version
        ("2025-01-31", "2025-02-01", -1),
        ("1.0", "beta", -1),
        ("1.2.3.4.5", "1.2.3.4.4", 1),
        ("1.9999999999", "1.2", 1),
        ("Zeta", "_", -1),  # upper case is compared, as .NET does
    ],
)
def test_other_versions_compare_as_text(one: str, other: str, expected: int) -> None:
    """Whatever System.Version does not take is compared as text, ignoring case."""
    assert compare_versions(one, other) == expected
    assert compare_versions(other, one) == -expected


@pytest.mark.parametrize(
    ("match", "own", "version", "runs"),
    [
        ("CurrentOrOlder", "2.0", "", True),
        ("CurrentOrOlder", "2.0", "1.5", True),
        ("CurrentOrOlder", "2.0", "2.0", True),
        ("CurrentOrOlder", "2.0", "2.1", False),
        ("CurrentOrOlder", "", "2.1", True),
        ("Strict", "2.0", "2.0", True),
        ("Strict", "2.0", "1.0", False),
        ("Strict", "2.0", "", False),
        ("Strict", "", "1.0", True),
        ("None", "2.0", "9.9", True),
    ],
)
def test_what_a_host_runs(match: Any, own: str, version: str, runs: bool) -> None:
    """The strategy decides, and only where the host has a version of its own."""
    settings = HostSettings(default_version=own, version_match=match)
    assert (refusal(settings, version) is None) is runs


def test_the_default_version_is_everybodys() -> None:
    """Runs and children started without a version get the host's; continue-as-new keeps it."""
    with simulate(default_version="1.3") as sim:
        assert sim.start("named").result() == "1.3"
        assert sim.start("renewed", version="1.2").result() == "1.2"
        run = sim.start("family", version="1.1")
        assert run.result() == "1.3"
        created = next(e for e in run.history if isinstance(e, SubOrchestrationInstanceCreated))
        assert created.version == "1.3"


def test_without_a_default_versions_stay_empty() -> None:
    """A host that has no version gives none, and runs any."""
    with simulate() as sim:
        assert sim.start("family").result() == ""
        assert sim.start("named", version="9").result() == "9"


def test_a_failing_mismatch_ends_the_run() -> None:
    """Under "Fail" the orchestrator is never called, and the run fails with the host's words."""
    with simulate(default_version="1.0", version_failure="Fail") as sim:
        run = sim.start("named", version="2.0")
        sim.run_until_idle()
        assert run.status == "Failed"
        assert "Orchestration version did not comply with Worker Versioning" in str(run.output)
        assert run.history.short == "OS ES EC0 OC"
        assert sim.findings == []


@pytest.mark.skipif(
    "version"
    not in inspect.signature(df.DurableOrchestrationContext.call_sub_orchestrator).parameters,
    reason="this release of the SDK gives children no version",
)
def test_a_failing_mismatch_of_a_child_fails_its_parent() -> None:
    """The parent gets the child's failure like any other."""
    with simulate(default_version="2.0", version_match="Strict", version_failure="Fail") as sim:
        run = sim.start("pinned")
        sim.run_until_idle()
        assert run.status == "Failed"
        assert "did not comply" in str(run.output)


def test_a_rejected_run_waits_for_another_worker() -> None:
    """Under "Reject" nothing happens to the run: its messages wait, and one finding says why."""
    with simulate(default_version="1.0") as sim:
        run = sim.start("named", version="1.1")
        run.raise_event("anything")
        sim.advance("30d")
        assert (run.status, len(run.history)) == ("Pending", 0)
        (finding,) = sim.findings
        assert (finding.code, finding.instance_id) == ("WF116", run.instance_id)
        assert "it runs version '1.0' and older ones" in finding.message
        run.terminate("not ours")
        assert run.status == "Terminated"


def test_the_result_of_a_rejected_run_says_why() -> None:
    """Asking for it names the version, and not an event that nobody sends."""
    with simulate(default_version="1.0", version_match="Strict") as sim:
        run = sim.start("named", version="0.9")
        with pytest.raises(
            StuckError, match=r"take its version '0\.9', it runs version '1\.0' only"
        ):
            run.result()


def test_choices_cannot_split_the_messages_of_a_rejected_run() -> None:
    """Whatever the schedule says, messages that wait are not tried over and over."""
    with Simulation(
        app_of(named),
        settings=HostSettings(default_version="1.0"),
        schedule=lambda about, options: len(options) - 1,
        findings="ignore",
    ) as sim:
        run = sim.start("named", version="2.0")
        for name in "abc":
            run.raise_event(name)
        sim.run_until_idle()
        assert run.status == "Pending"


def test_a_rejected_run_warns() -> None:
    """It is no certain bug: in production another worker may be on its way."""
    settings = HostSettings(default_version="1.0", version_match="Strict")
    sim = Simulation(app_of(named), settings=settings)
    sim.start("named", version="0.9", instance_id="n")
    sim.run_until_idle()
    with pytest.warns(WfsimWarning, match=r"WF116 .*named 'n' has version '0\.9'"):
        sim.close()
