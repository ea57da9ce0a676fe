"""Charts of the fixture apps: who takes part, what they do, what goes between them."""

from __future__ import annotations

from datetime import timedelta

import azure.durable_functions as df
import pytest

from tests.apps import HAS_AGENTS, Context, Steps, app_of
from tests.entities.counters import COUNTER, app_with, sleeper
from tests.report.played import arrows, bars, charted
from wfsim import Simulation
from wfsim.report.chart import Chart
from wfsim.report.charts import chart
from wfsim.trace import Trace

needs_agents = pytest.mark.skipif(not HAS_AGENTS, reason="needs the extra `agents`")


def lanes(drawn: Chart) -> list[str]:
    """Return lanes in words, a child indented below its parent."""
    depths = {"": -1}
    found = []
    for lane in drawn.lanes:
        depths[lane.key] = depths[lane.parent] + 1 if lane.key else -1
        indent = "  " * max(0, depths[lane.key])
        found.append(f"{indent}{lane.kind} {lane.label}: {lane.name}")
    return found


def test_a_wait_is_named_by_its_timer_and_by_the_event_that_ends_it() -> None:
    """An approval's bar says for what it waits, and clients start it and send the event."""
    drawn = charted("approval/approved")
    assert lanes(drawn) == ["client clients: ", "orchestration post-1: approval"]
    assert bars(drawn, "post-1") == ["0s-2h waits: event approval, timer of 3d"]
    assert arrows(drawn) == ["clients starts post-1: approval", "clients event post-1: approval"]


def test_a_timer_that_was_set_anew_counts_alone() -> None:
    """Of two timers due at one instant, the wait names the one that was set for it."""
    assert bars(charted("signup/expires"), "ada") == [
        "0s-5m waits: event code_entered, timer of 1d",
        "5m-1d waits: timer of 23h 55m",
    ]


def test_marks_carry_whole_payloads() -> None:
    """Inputs are unwrapped and indented JSON, under the names that people use."""
    start, draft, *_ = charted("approval/approved").marks
    assert (start.kind, start.text) == ("start", "approval")
    assert start.payload == (("input", '{\n  "topic": "AI"\n}'),)
    assert [name for name, _ in draft.payload] == ["input", "result"]
    assert '"body": "AI, explained in 500 words."' in dict(draft.payload)["result"]


def test_children_stand_below_their_parent() -> None:
    """Each child is started by its parent and answers it, whatever comes between."""
    drawn = charted("parent_children/welcome")
    assert lanes(drawn) == [
        "client clients: ",
        "orchestration onboard-fjord: onboard",
        "  orchestration account-fjord: open_account",
        "  orchestration c0fc64:1: set_up_portal",
        "  orchestration c0fc64:2: check_credit",
    ]
    assert arrows(drawn) == [
        "clients starts onboard-fjord: onboard",
        "onboard-fjord starts account-fjord: open_account",
        "onboard-fjord starts c0fc64:1: set_up_portal",
        "c0fc64:1 answers onboard-fjord: Completed",
        "account-fjord answers onboard-fjord: Completed",
        "onboard-fjord starts c0fc64:2: check_credit",
        "c0fc64:2 answers onboard-fjord: Completed",
    ]


def test_functions_start_what_they_start() -> None:
    """What a function asks of its client, and `call_http` of the app, comes from their lanes."""
    assert arrows(charted("shop/approved")) == [
        "clients signals stock@mug: add",
        "clients calls post_order: POST /api/orders",
        "post_order starts order-2: place_order",
        "post_order answers clients: 202",
        "order-2 calls stock@mug: reserve",
        "stock@mug answers order-2: reserve",
        "clients calls approve_order: POST /api/orders/order-2/approval",
        "approve_order event order-2: approval",
        "approve_order answers clients: 202",
        "order-2 calls get_rate: GET /api/rates/EUR",
        "get_rate answers order-2: 200",
        "order-2 calls post_receipt: POST /api/receipts",
        "post_receipt answers order-2: 201",
    ]
    assert "  orchestration order-2: place_order" in lanes(charted("shop/approved"))


def test_activities_that_run_at_once_are_counted() -> None:
    """A bar says what runs, and how many of it; its marks say how long each took."""
    drawn = charted("fan_out/all_accounts")
    assert bars(drawn, "oslo") == ["0s-1m runs: 5 render_statement"]
    took = [mark.took_us for mark in drawn.marks if mark.text.startswith("render_statement")]
    assert took == [60_000_000] * 5


def test_bars_are_cut_where_something_ends() -> None:
    """Activities of different lengths end in bars of their own, and long lists are cut."""

    def naps(context: Context) -> Steps:
        yield context.task_all([context.call_activity("nap", 3600 * hours) for hours in (1, 2, 2)])
        yield context.create_timer(context.current_utc_datetime + timedelta(hours=1))
        yield context.wait_for_external_event("never")

    with Simulation(app_of(naps), findings="ignore") as sim:
        sim.start("naps", instance_id="n")
        sim.advance("1d")
        assert bars(chart(sim.trace), "n") == [
            "0s-1h runs: 3 nap",
            "1h-2h runs: 2 nap",
            "2h-3h waits: timer of 1h",
            "3h-… waits: an event",
        ]


def test_suspended_is_no_waiting() -> None:
    """A suspended run has a bar of its own, until it is resumed or ended."""
    assert bars(charted("operations/called_off"), "acme") == [
        "0s-30m waits: timer of 1h",
        "30m-45m suspended: suspended",
        "45m-1h waits: timer of 1h",
        "1h-2h waits: timer of 1h",
        "2h-2h30m waits: timer of 1h",
    ]
    assert arrows(charted("operations/called_off"))[1:] == [
        "clients signals acme: suspend",
        "clients signals acme: resume",
        "clients signals acme: terminate",
    ]


def test_runs_have_several_lives() -> None:
    """A rewound run and a child that is started again have bars for each life; a purge ends one."""
    charged: list[int] = []

    def charge(value: int) -> None:
        charged.append(value)
        if len(charged) == 1:
            raise ValueError("declined")

    def pays(context: Context) -> Steps:
        yield context.call_activity("charge", 1)
        yield context.call_activity("nap", 3600)

    def waits(context: Context) -> Steps:
        yield context.wait_for_external_event("go")

    def parent(context: Context) -> Steps:
        yield context.call_sub_orchestrator("waits", None, "kid")
        if context.get_input() == 0:
            context.continue_as_new(1)

    with Simulation(app_of(charge, pays, waits, parent), findings="ignore") as sim:
        pay = sim.start("pays", instance_id="pay")
        family = sim.start("parent", input=0, instance_id="family")
        sim.advance("1h")
        pay.rewind("paid by now")
        sim.run("kid").raise_event("go")
        sim.advance("3h")
        family.purge()
        sim.advance("1h")
        drawn = chart(sim.trace)
    assert bars(drawn, "pay") == ["1h-2h runs: nap"]
    assert bars(drawn, "kid") == ["0s-1h waits: event go", "1h-… waits: an event"]
    assert bars(drawn, "family") == ["0s-1h runs: child waits", "1h-4h runs: child waits"]
    assert "clients signals pay: rewind" in arrows(drawn)


def test_what_reaches_nobody_is_an_arrow_all_the_same() -> None:
    """An event that is discarded arrives, and one that nobody takes any more arrives at once."""

    def waits(context: Context) -> Steps:
        yield context.wait_for_external_event("go")

    with Simulation(app_of(waits), findings="ignore") as sim:
        run = sim.start("waits", instance_id="w")
        sim.run_until_idle()
        run.raise_event("go")
        run.raise_event("go")
        sim.run_until_idle()
        drawn = chart(sim.trace)
        assert arrows(drawn)[1:] == ["clients event w: go", "clients event w: go"]
        sim.start("waits", instance_id="never began")
        assert arrows(chart(sim.trace))[-1] == "clients starts never began: start"


def test_what_comes_too_late_is_told_with_its_payload() -> None:
    """A run that was terminated gets its activity's result and its entity's answer all the same."""

    def patient(context: Context) -> Steps:
        nap = context.call_activity("nap", 3600)
        yield context.task_all([nap, context.call_entity(df.EntityId("sleeper", "k"), "sleep", 60)])

    with Simulation(app_with(patient, entities=(sleeper,)), findings="ignore") as sim:
        run = sim.start("patient", instance_id="p")
        sim.run_until_idle()
        run.terminate("enough")
        sim.advance("2h")
        drawn = chart(sim.trace)
    late = [mark for mark in drawn.marks if "discarded" in mark.text]
    assert [(mark.text.partition(" discarded")[0], dict(mark.payload)) for mark in late] == [
        ("answer to sleeper@k sleep(60)", {"data": '{\n  "result": "60"\n}'}),
        ("TaskCompleted", {"result": "3600"}),
    ]
    assert arrows(drawn)[-1] == "sleeper@k answers p: sleep"


def test_calls_of_a_test_come_from_the_clients() -> None:
    """Signals and calls without an orchestration have the clients at their other end."""
    with Simulation(app_with()) as sim:
        counter = sim.entity("counter", "k")
        counter.signal("add", 1)
        counter.call("get")
        assert arrows(chart(sim.trace)) == [
            "clients signals counter@k: add",
            "clients calls counter@k: get",
            "counter@k answers clients: get",
        ]


def test_entities_answer_late() -> None:
    """An answer is sent when the operation is over, and signals get none."""

    def order(context: Context) -> Steps:
        context.signal_entity(COUNTER, "add", 5)
        return (yield context.call_entity(COUNTER, "get"))

    with Simulation(app_with(order)) as sim:
        sim.start("order", instance_id="o").result()
        assert arrows(chart(sim.trace))[1:] == [
            "o signals counter@k: add",
            "o calls counter@k: get",
            "counter@k answers o: get",
        ]


@needs_agents
def test_agents_have_one_lane_a_session() -> None:
    """What a session's agent asks its model stands in the session's lane."""
    drawn = charted("agents_parallel/house")
    assert [(lane.kind, lane.label) for lane in drawn.lanes] == [
        ("client", "clients"),
        ("orchestration", "mill-lane"),
        ("agent", "surveyor@8bda79"),
        ("agent", "valuer@4727e1"),
        ("agent", "editor@595c95"),
    ]
    assert bars(drawn, "mill-lane") == [
        "0s-20s runs: surveyor@8bda79, valuer@4727e1",
        "20s-30s runs: valuer@4727e1",
        "30s-35s runs: editor@595c95",
    ]
    assert bars(drawn, drawn.lanes[2].key) == ["0s-20s runs: model"]


@needs_agents
def test_agents_of_workflows_are_found_by_the_end_of_their_names() -> None:
    """Hosted workflows put their name before their agents'; still each has one lane."""
    drawn = charted("agents_workflow_nested/cleared")
    agents = [lane.label for lane in drawn.lanes if lane.kind == "agent"]
    assert agents == ["news-journalist@news-1"]
    assert "dafx-news-respond event news-1::check::0: clearance" in arrows(drawn)


def test_nothing_happened() -> None:
    """The chart of an empty trace is empty."""
    empty = chart(Trace(start_us=7), title="none")
    assert empty == Chart(title="none", start_us=7, end_us=7, lanes=())
