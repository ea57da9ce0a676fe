"""External events: two matchers that disagree (semantics 2.7)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.apps import Context, Steps, app_of
from wfsim import FindingError, InstanceError, Simulation, UsageError, WfsimWarning


def one_wait(context: Context) -> Steps:
    return (yield context.wait_for_external_event("go"))


def late_waits(context: Context) -> Steps:
    """Wait for as many events as the input says, after a nap."""
    yield context.call_activity("nap", 10)
    values = []
    for _ in range(context.get_input()):
        values.append((yield context.wait_for_external_event("go")))
        yield context.call_activity("say", values[-1])
    return values


def test_event_after_the_wait() -> None:
    """The event resolves the wait, and the wait has taken no number."""
    with Simulation(app_of(one_wait)) as sim:
        run = sim.start("one_wait")
        sim.run_until_idle()
        run.raise_event("go", {"a": 1})
        sim.run_until_idle()
        assert run.history.short == "OS ES OC · OS EVR EC0 OC"
        assert run.output == {"a": 1}


def test_event_before_the_wait() -> None:
    """One early event is kept for one later wait."""
    with Simulation(app_of(late_waits)) as sim:
        run = sim.start("late_waits", input=1)
        sim.at("1s", run.raise_event, "go", 1)
        assert run.result() == [1]
        assert run.history.short == "OS ES TS0 OC · OS EVR OC · OS TC0 TS1 OC · OS TC1 EC2 OC"


def test_event_to_a_pending_instance_is_moved_behind_its_start() -> None:
    """A start and an event in one batch: the start comes first, and the event counts."""
    with Simulation(app_of(one_wait)) as sim:
        run = sim.start("one_wait")
        run.raise_event("go", 5)
        sim.run_until_idle()
        assert run.history.short == "OS ES EVR EC0 OC"
        assert run.output == 5


def test_two_early_events_give_both_waits_the_last_value() -> None:
    """The SDK has one slot per name, so the second event overwrites the first."""
    with Simulation(app_of(late_waits)) as sim:
        run = sim.start("late_waits", input=2)
        sim.at("1s", run.raise_event, "go", 1)
        sim.at("2s", run.raise_event, "go", 2)
        assert run.result() == [2, 2]
        assert run.history.short == (
            "OS ES TS0 OC · OS EVR OC · OS EVR OC · OS TC0 TS1 OC · OS TC1 TS2 OC · OS TC2 EC3 OC"
        )


def test_sticky_early_event_runs_the_code_ahead_of_its_host() -> None:
    """Both waits get one early event in the code, and the host stops at the second wait."""
    with Simulation(app_of(late_waits), findings="ignore") as sim:
        run = sim.start("late_waits", input=2)
        sim.at("1s", run.raise_event, "go", "early")
        sim.advance("1h")
        assert run.history.short == "OS ES TS0 OC · OS EVR OC · OS TC0 TS1 OC · OS TC1 OC"
        run.raise_event("go", "late")
        sim.run_until_idle()
        assert run.output == ["early", "early"]
        assert run.history.short.endswith("OS TC1 OC · OS EVR TS2 OC · OS TC2 EC3 OC")


def test_sticky_early_event_is_reported() -> None:
    """A run that ran ahead of its host for good is a certain bug."""
    sim = Simulation(app_of(late_waits))
    run = sim.start("late_waits", input=2)
    sim.at("1s", run.raise_event, "go", "early")
    sim.advance("1h")
    with pytest.raises(FindingError, match="WF113"):
        sim.close()


def test_event_in_other_case_moves_the_host_past_the_wait_but_not_the_code() -> None:
    """The host ignores case and the SDK does not, so nothing is scheduled any more."""
    with Simulation(app_of(late_waits), findings="ignore") as sim:
        run = sim.start("late_waits", input=1)
        sim.advance("1m")
        run.raise_event("GO", 1)
        sim.advance("1h")
        assert run.history.short == "OS ES TS0 OC · OS TC0 OC · OS EVR OC"
        assert run.status == "Running"
        assert run.waiting_for == {"events": ["go"]}
        assert {finding.code for finding in sim.findings} == set()
    assert {finding.code for finding in sim.findings} == {"WF101", "WF102"}


def test_event_in_other_case_is_reported_with_the_near_miss() -> None:
    """The warning names the event that the code does wait for."""
    sim = Simulation(app_of(one_wait))
    run = sim.start("one_wait")
    run.raise_event("Go", 1)
    sim.run_until_idle()
    with pytest.warns(WfsimWarning) as caught:
        sim.close()
    unheard, stuck = (str(item.message) for item in caught)
    assert "WF102" in unheard
    assert "Did you mean 'go'?" in unheard
    assert "WF101" in stuck
    assert "It did get 'Go'." in stuck


def test_event_that_nobody_waits_for_is_ignored() -> None:
    """It becomes history, and nothing else."""
    with Simulation(app_of(late_waits), findings="ignore") as sim:
        run = sim.start("late_waits", input=0)
        sim.at("1s", run.raise_event, "other")
        assert run.result() == []
        assert run.history.short == "OS ES TS0 OC · OS EVR OC · OS TC0 EC1 OC"


def test_two_waits_on_one_name_are_served_last_in_first_out() -> None:
    """The first event goes to the wait that was made last."""

    def both(context: Context) -> Steps:
        waits = [context.wait_for_external_event("go") for _ in range(2)]
        return (yield context.task_all(waits))

    with Simulation(app_of(both)) as sim:
        run = sim.start("both")
        sim.at("1s", run.raise_event, "go", "first")
        sim.at("2s", run.raise_event, "go", "second")
        assert run.result() == ["second", "first"]
        assert run.history.short == "OS ES OC · OS EVR OC · OS EVR EC0 OC"


def test_a_wait_that_was_made_before_its_event_and_yielded_after_it_gets_it() -> None:
    """What counts for the SDK is when the wait is yielded."""

    def later(context: Context) -> Steps:
        wait = context.wait_for_external_event("go")
        yield context.call_activity("nap", 10)
        return (yield wait)

    with Simulation(app_of(later)) as sim:
        run = sim.start("later")
        sim.at("1s", run.raise_event, "go", 1)
        assert run.result() == 1


def test_an_open_wait_does_not_keep_an_instance_from_completing() -> None:
    """Waits are no open tasks of the host."""

    def leaves(context: Context) -> Steps:
        wait = context.wait_for_external_event("go")
        yield context.task_any([wait, context.call_activity("say", 1)])
        return "left"

    with Simulation(app_of(leaves)) as sim:
        run = sim.start("leaves")
        assert run.result() == "left"
        assert run.history.short == "OS ES TS0 OC · OS TC0 EC1 OC"


@pytest.mark.parametrize(
    ("via", "data", "got"),
    [
        ("client", {"a": 1}, '{"a": 1}'),
        ("client", "x", '"x"'),
        ("client", None, "null"),
        ("http", {"a": 1}, {"a": 1}),
        ("http", "x", "x"),
        ("http", None, None),
    ],
)
def test_event_by_the_python_client_is_json_text_and_by_http_is_the_value(
    via: str, data: Any, got: Any
) -> None:
    """The client encodes twice and the SDK decodes once."""

    def typed(context: Context) -> Steps:
        value = yield context.wait_for_external_event("go")
        return [type(value).__name__, value]

    with Simulation(app_of(typed)) as sim:
        run = sim.start("typed")
        run.raise_event("go", data, via=via)
        assert run.result() == [type(got).__name__, got]


def test_event_to_a_finished_or_unknown_instance_is_refused() -> None:
    """The HTTP API answers 410 or 404."""
    with Simulation(app_of(one_wait)) as sim:
        run = sim.start("one_wait", instance_id="a")
        run.raise_event("go", 1)
        run.result()
        with pytest.raises(InstanceError, match="is gone") as gone:
            run.raise_event("go", 2)
        assert gone.value.status_code == 410
        run.purge()
        with pytest.raises(InstanceError, match="No instance with ID 'a' found") as missing:
            run.raise_event("go", 3)
        assert missing.value.status_code == 404


def test_event_without_name_or_with_a_payload_that_is_not_json_is_a_wrong_call() -> None:
    """Both are refused before anything is sent."""
    with Simulation(app_of(one_wait), findings="ignore") as sim:
        run = sim.start("one_wait")
        with pytest.raises(UsageError, match="needs a name"):
            run.raise_event("")
        with pytest.raises(UsageError, match="not JSON"):
            run.raise_event("go", object())
        with pytest.raises(UsageError, match="via='mail'"):
            run.raise_event("go", via="mail")
        sim.run_until_idle()
        assert run.history.short == "OS ES OC"


@pytest.mark.parametrize("via", ["http", "client"])
def test_a_name_with_a_space_arrives_as_its_url_has_it(via: str) -> None:
    """The host does not decode names, so the orchestrator waits for ever, as in production."""

    def spaced(context: Context) -> Steps:
        return (yield context.wait_for_external_event("all done"))

    with Simulation(app_of(spaced), findings="ignore") as sim:
        run = sim.start("spaced")
        run.raise_event("all done", 1, via=via)
        sim.run_until_idle()
        assert run.status == "Running"
        assert "all%20done" in str(run.history)


def test_a_name_with_a_slash_has_no_route() -> None:
    """The host answers 404 to it, so it is refused here."""
    with Simulation(app_of(one_wait), findings="ignore") as sim:
        run = sim.start("one_wait")
        with pytest.raises(UsageError, match="finds no route"):
            run.raise_event("go/on")
