"""The lanes beside the timeline, exactly as they are read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from rich.cells import cell_len

from tests.apps import HAS_AGENTS, Context, Steps, app_of
from tests.report.played import played
from tests.scenes import SCENES
from wfsim import Simulation
from wfsim.report.timeline import render_timeline, timeline_lines
from wfsim.trace import Trace

LANES = {
    "parent_children/welcome": """
T+0s  onboard-fjord ▶     onboard  {"name": "fjord", "email": "cfo@fjord.ex…
      onboard-fjord ·     child open_account as account-fjord
      onboard-fjord ·     child set_up_portal as c0fc64:1
      account-fjord │ ▶   open_account  {"name": "fjord", "email": "cfo@fjo…
      c0fc64:1      │ │ ▶ set_up_portal  {"name": "fjord", "email": "cfo@fj…
      account-fjord │ · │ create_account  "fjord" → "NO-0005"
      c0fc64:1      │ │ · create_tenant  "fjord" → "https://fjord.portal.ex…
      c0fc64:1      │ │ ■ Completed  {"url": "https://fjord.portal.example"}
      account-fjord │ ·   send_contract  {"to": "cfo@fjord.example", "accou…
      account-fjord │ ■   Completed  {"number": "NO-0005"}
      onboard-fjord ·     child check_credit as c0fc64:2
      c0fc64:2      │ ▶   check_credit  {"name": "fjord", "email": "cfo@fjo…
      c0fc64:2      │ ·   ask_bureau  "fjord" → 720
      c0fc64:2      │ ■   Completed  {"limit": 32000}
      onboard-fjord ■     Completed  {"account": "NO-0005", "portal": "http…
""",
    "shop/approved": """
T+0s  stock@mug     ✉   add(20)
      stock@mug     ·   add
      stock@mug     …   state  20
      post_order    ▶   POST /api/orders
      post_order    ■   202
      order-2       ▶   place_order  {"id": "order-2", "sku": "mug", "amoun…
      stock@mug     │ ✉ reserve(12) from order-2
      stock@mug     │ · reserve  → true
      stock@mug     │ … state  8
      order-2       ·   stock@mug reserve(12)  → true
      order-2       ◷   timer of 3d, until T+3d
      order-2       …   custom status  "waits for approval"
   ⋮                ┊   2h later
T+2h  approve_order ┊ ▶ POST /api/orders/order-2/approval
      approve_order ┊ ■ 202
      order-2       ✉   event approval  "{\\"by\\": \\"Ada\\"}"
      order-2       …   custom status  "approved"
      get_rate      │ ▶ GET /api/rates/EUR
      get_rate      │ ■ 200
      order-2       ·   BuiltIn::HttpActivity  {"method": "GET", "uri": "ht…
      order-2       ·   ship  {"id": "order-2", "sku": "mug", "amount": 12}…
      post_receipt  │ ▶ POST /api/receipts
      post_receipt  │ ■ 201
      order-2       ·   BuiltIn::HttpActivity  {"method": "POST", "uri": "h…
      order-2       ■   Completed  {"status": "shipped", "tracking": "T-mug…
""",
    "agents_parallel/house": """
T+0s   mill-lane       ▶     judge_house  "Mill Lane 4, 1890, 450000"
       surveyor@8bda79 │ ✉   "Mill Lane 4, 1890, 450000" from mill-lane
       valuer@4727e1   │ │ ✉ "Mill Lane 4, 1890, 450000" from mill-lane
T+20s  surveyor@8bda79 │ · │ model after 20s  "Mill Lane 4, 1890, 450000" →…
       surveyor@8bda79 │ · │ answers  "The roof leaks."
       mill-lane       ·   │ surveyor@8bda79 "Mill Lane 4, 1890, 450000"
T+30s  valuer@4727e1   │   · model after 30s  "Mill Lane 4, 1890, 450000" →…
       valuer@4727e1   │   · answers  "Ten percent too dear."
       mill-lane       ·     valuer@4727e1 "Mill Lane 4, 1890, 450000"
       editor@595c95   │ ✉   "Walls: The roof leaks.\\nPrice: Ten percent to…
T+35s  editor@595c95   │ ·   model after 5s  "Walls: The roof leaks.\\nPrice…
       editor@595c95   │ ·   answers  "Leaky and dear."
       mill-lane       ·     editor@595c95 "Walls: The roof leaks.\\nPrice:…
       mill-lane       ■     Completed  {"walls": "The roof leaks.", "price…
""",
}


@pytest.mark.parametrize(
    "scene", [scene for scene in LANES if HAS_AGENTS or not scene.startswith("agents_")]
)
def test_lanes_read_well(scene: str) -> None:
    """Everybody alive has a column: a sign in their own lines, a bar in those of others."""
    assert f"\n{render_timeline(played(scene), width=76)}\n" == LANES[scene]


def steps(context: Context) -> Steps:
    """Run, wait for a timer, run, wait for an event."""
    hours = context.get_input()
    yield context.call_activity("nap", 60)
    yield context.create_timer(context.current_utc_datetime + timedelta(hours=hours))
    yield context.call_activity("say", hours)
    yield context.wait_for_external_event("go")


@pytest.fixture(scope="module")
def crowd() -> Trace:
    """Forty runs that overlap, of which every other one ends."""
    with Simulation(app_of(steps), findings="ignore") as sim:
        for number in range(40):
            name = f"run-{number}"
            sim.at(f"{7 * number}m", sim.start, "steps", input=number % 3 + 1, instance_id=name)
        sim.advance("10h")
        for number in range(0, 40, 2):
            sim.run(f"run-{number}").raise_event("go")
        sim.advance("10h")
        return sim.trace


@pytest.mark.parametrize(("width", "most"), [(100, 12), (70, 10), (60, 5), (40, 1), (10, 1)])
def test_more_lanes_than_columns_share_the_last(crowd: Trace, width: int, most: int) -> None:
    """Forty runs leave room for what happened; each line has one sign, in one of the columns."""
    lines = render_timeline(crowd, width=width).splitlines()
    own = [line for line in lines if "run-" in line]
    assert len(own) == 20 * 7 + 20 * 6
    graphs = [line[line.index("run-") + 7 :][: 2 * most] for line in own]
    assert all(sum(graph.count(sign) for sign in "▶·◷✉■✗…!") == 1 for graph in graphs)
    assert {len(graph.split()[0]) for graph in graphs} == {1}
    assert max(sum(graph.count(bar) for bar in "│┊") for graph in graphs) == most - 1
    assert all(line == line.rstrip() for line in lines)


def test_gaps_show_who_waits_and_who_runs() -> None:
    """While time passes, bars are whole where an activity runs, and dotted where a run waits."""

    def naps(context: Context) -> Steps:
        yield context.call_activity("nap", 7200)

    with Simulation(app_of(naps, steps), findings="ignore") as sim:
        sim.start("steps", input=9, instance_id="waits")
        sim.advance("1h")
        sim.start("naps", instance_id="naps")
        sim.advance("1d")
        assert [line.strip() for line in sim.timeline().splitlines() if "later" in line] == [
            "⋮        ┊ │ 2h later",
            "⋮        ┊   6h 1m later",
        ]


def test_failures_continue_beside_the_bars() -> None:
    """The lines that continue a failure show who is alive; who failed for good is not."""

    def failing(context: Context) -> str:
        raise ValueError("this is a long story of how it came that nothing came of it")

    with Simulation(app_of(failing, steps), findings="ignore") as sim:
        sim.start("steps", input=1, instance_id="w")
        sim.start("failing", instance_id="x")
        sim.run_until_idle()
        assert sim.timeline(width=60).splitlines()[1:] == [
            "      x │ ▶ failing",
            "      x │ ✗ Failed: ValueError: this is a long story of how",
            "        │   it came that nothing came of it",
        ]


def test_wide_failures_wrap_by_columns() -> None:
    """A failure in East Asian script takes no more columns than there are."""

    def failing(context: Context) -> str:
        raise ValueError("発注" * 40)

    with Simulation(app_of(failing), findings="ignore") as sim:
        sim.start("failing", instance_id="x")
        sim.run_until_idle()
        lines = sim.timeline(width=60).splitlines()
        assert max(map(cell_len, lines)) <= 60
        assert "".join(line.split()[-1] for line in lines[1:]).count("発注") == 40


@pytest.mark.parametrize("scene", SCENES)
def test_lines_say_the_same_with_and_without_colours(scene: str) -> None:
    """Colours add nothing that the characters do not say."""
    styled = [line.plain.rstrip() for line in timeline_lines(played(scene), width=90)]
    assert "\n".join(styled) == render_timeline(played(scene), width=90)
