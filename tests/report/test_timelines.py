"""The timeline, exactly as it is read."""

from __future__ import annotations

import pytest

from tests.apps import Context, Steps, app_of, fixture_app
from wfsim import Simulation
from wfsim.report import render_timeline
from wfsim.scenario import load, play

TIMELINES = {
    "approval/escalates": """
T+0s  post-1 ▶ approval  {"topic": "AI"}
      post-1 · write_draft  "AI" → {"title": "What we learned about AI", "b…
      post-1 · ask_for_approval  {"run": "post-1", "draft": {"title": "What…
      post-1 ◷ timer of 3d, until T+3d
   ⋮         ┊ 3d later
T+3d  post-1 ◷ timer fired
      post-1 · escalate  {"run": "post-1", "topic": "AI"}
      post-1 ■ Completed  {"status": "escalated"}
""",
    "saga/hotel_desk_is_busy": """
T+0s  trip-7 ▶ book_trip  {"traveller": "Kari", "to": "Lisbon"}
      trip-7 · book_flight  {"traveller": "Kari", "to": "Lisbon"} → "flight…
      trip-7 · book_hotel  {"traveller": "Kari", "to": "Lisbon"} → "hotel-l…
      trip-7 ✗ book_car failed: LookupError: no cars left  {"traveller": "K…
      trip-7 ✗ cancel_hotel failed: TimeoutError: desk is busy  "hotel-lisb…
      trip-7 ◷ timer of 1m, until T+1m
T+1m  trip-7 ◷ timer fired
      trip-7 ✗ cancel_hotel failed: TimeoutError: desk is busy  "hotel-lisb…
      trip-7 ◷ timer of 1m, until T+2m
T+2m  trip-7 ◷ timer fired
      trip-7 · cancel_hotel  "hotel-lisbon"
      trip-7 · cancel_flight  "flight-lisbon"
      trip-7 ■ Completed  {"status": "cancelled", "because_of": "book_car",…
""",
    "operations/incident": """
T+0s      acme ▶ migrate  {"customer": "acme", "shards": ["a-1", "a-2", "a-…
          acme · copy_shard  "a-1" → 1003
          acme ◷ timer of 1h, until T+1h
          acme … custom status  "1 of 3 shards"
       ⋮       ┊ 1h later
T+1h      acme ◷ timer fired
          acme · copy_shard  "a-2" → 1003
          acme ◷ timer of 1h, until T+2h
          acme … custom status  "2 of 3 shards"
T+1h 30m  acme … suspended
T+2h      acme ◷ timer fired
       ⋮       ┊ 4h later
T+6h      acme ✉ resume  "incident closed"
          acme · copy_shard  "a-3" → 1003
          acme ◷ timer of 1h, until T+7h
          acme … custom status  "3 of 3 shards"
       ⋮       ┊ 1h later
T+7h      acme ◷ timer fired
          acme · switch_over  "acme"
          acme ■ Completed  {"customer": "acme", "rows": 3009}
""",
    "monitor/never_done": """
T+0s          nightly ▶ watch_export  {"job": "nightly-export"}
              nightly · get_job_status  "nightly-export" → {"job": "nightly…
              nightly ◷ timer of 15m, until T+15m
              nightly … custom status  "poll 1: running"
T+15m         nightly ◷ timer fired
              nightly ▶ continued as new  {"job": "nightly-export", "deadli…
           ⟳          ┊ the last 5 lines, 191 times more, every 15m until
                      ┊ T+2d
T+2d          nightly · get_job_status  "nightly-export" → {"job": "nightly…
              nightly · page_on_call  {"job": "nightly-export", "state": "r…
              nightly ■ Completed  {"state": "running", "polls": 193}
""",
    "broken/wf109_zero_delay/six_hours": """
T+0s  q4 ▶ embargo  {"title": "Results", "embargo_hours": 6}
      q4 ◷ timer of 0s, until T+0s
      q4 ◷ timer fired
   ⟳     ┊ the last 2 lines, 48 times more
      q4 ◷ timer of 0s, until T+0s
      q4 ! WF109 never becomes idle
""",
}


@pytest.mark.parametrize("name", TIMELINES)
def test_timelines_read_well(name: str) -> None:
    """A scenario's timeline at 76 columns is this text, to the letter."""
    outcome = play(load(fixture_app(f"{name}.yaml")))
    assert "\n" + render_timeline(outcome.trace, width=76) + "\n" == TIMELINES[name]


def test_nothing_happened() -> None:
    """The timeline of a simulation in which nothing was started is empty."""
    with Simulation(app_of()) as sim:
        assert sim.timeline() == ""


def test_made_up_ids_are_short() -> None:
    """Ids that the host makes up are cut to six characters, a child's keeps its number."""

    def child(context: Context) -> str:
        return "done"

    def parent(context: Context) -> Steps:
        return (yield context.call_sub_orchestrator("child"))

    with Simulation(app_of(parent, child)) as sim:
        run = sim.start("parent")
        run.result()
        short = run.instance_id[:6]
        lines = sim.timeline().splitlines()
        assert lines[0].split() == ["T+0s", short, "▶", "parent"]
        (child_run,) = run.children
        head, _, number = child_run.instance_id.partition(":")
        assert lines[2].split()[:4] == [f"{head[:6]}:{number}", "│", "▶", "child"]


def test_long_ids_are_cut() -> None:
    """An id of more than 24 columns is cut, so that what happened has room."""
    with Simulation(app_of(_waits), findings="ignore") as sim:
        sim.start("_waits", instance_id="a" * 99)
        sim.run_until_idle()
        assert sim.timeline() == f"T+0s  {'a' * 23}… ▶ _waits"


def test_wide_characters_take_two_columns() -> None:
    """Names and payloads in East Asian script stay aligned and within the width."""
    with Simulation(app_of(_waits), findings="ignore") as sim:
        sim.start("_waits", instance_id="東京", input="発注" * 40)
        sim.start("_waits", instance_id="oslo", input="ordre")
        sim.run_until_idle()
        wide, plain = sim.timeline(width=40).splitlines()
        assert wide == 'T+0s  東京 ▶ _waits  "発注発注発注発注…'
        assert plain == '      oslo ▶ _waits  "ordre"'


def test_steering_characters_are_shown() -> None:
    """Escapes and line ends in ids, names, payloads and failures stand there as text."""

    def failing(context: Context) -> str:
        raise ValueError("one\n\x1b[2Jtwo\u202e")

    with Simulation(app_of(failing, _waits), findings="ignore") as sim:
        sim.start("failing", instance_id="x\u202ey", input="a\u2028b\x9b")
        waits = sim.start("_waits", instance_id="w")
        sim.run_until_idle()
        waits.raise_event("go\x1b[31m", {"\x7f": "\r\n"})
        sim.run_until_idle()
        assert sim.timeline().splitlines() == [
            r'T+0s  x\u202ey ▶ failing  "a\u2028b\x9b"',
            r"      x\u202ey ✗ Failed: ValueError: one \x1b[2Jtwo\u202e",
            "      w        ▶ _waits",
            r'      w        ✉ event go%1B%5B31m  {"\x7f": "\r\n"}',
        ]


def test_failures_wrap() -> None:
    """A failure that does not fit continues on lines of its own, under its text."""

    def failing(context: Context) -> str:
        raise ValueError("this is a long story of how it came that nothing came of it")

    with Simulation(app_of(failing), findings="ignore") as sim:
        sim.start("failing", instance_id="x")
        sim.run_until_idle()
        assert sim.timeline(width=40).splitlines()[1:] == [
            "      x ✗ Failed: ValueError: this is a",
            "          long story of how it came that",
            "          nothing came of it",
        ]


def _waits(context: Context) -> Steps:
    return (yield context.wait_for_external_event("go"))
