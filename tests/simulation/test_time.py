"""now, advance, advance_to, run_until_idle: time moves only when the test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.simulation.small_app import app
from wfsim import Simulation, UsageError

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_time_starts_at_a_conspicuous_instant(simulation: Simulation) -> None:
    """By default now is the year 2000, in UTC, whatever the machine's clock says."""
    assert simulation.now == EPOCH
    assert simulation.now.tzinfo is UTC


@pytest.mark.parametrize("zone", [None, UTC])
def test_start_chooses_the_first_instant(zone: None) -> None:
    """start= is where virtual time begins; a naive one counts as UTC."""
    with Simulation(app, start=datetime(2031, 5, 6, 7, tzinfo=zone)) as simulation:
        assert simulation.now == datetime(2031, 5, 6, 7, tzinfo=UTC)


def test_nothing_runs_and_no_time_passes_by_itself(simulation: Simulation) -> None:
    """A started run is Pending until the test lets it run, and running takes no time."""
    run = simulation.start("call_once", input=4)
    assert run.status == "Pending"
    simulation.run_until_idle()
    assert run.output == 40
    assert simulation.now == EPOCH


@pytest.mark.parametrize(
    "by",
    [timedelta(hours=36), "36h", "1d 12h", "2160m"],
)
def test_advance_takes_durations(simulation: Simulation, by: timedelta | str) -> None:
    """A timedelta and text in several units move time alike."""
    simulation.advance(by)
    assert simulation.now == EPOCH + 36 * HOUR


def test_advance_takes_keywords(simulation: Simulation) -> None:
    """days, hours, minutes and seconds add up."""
    simulation.advance(days=1, hours=1, minutes=1, seconds=1.5)
    assert simulation.now - EPOCH == timedelta(days=1, hours=1, minutes=1, seconds=1.5)


def test_advance_stops_where_something_happens(simulation: Simulation) -> None:
    """Timers on the way fire at their own instants."""
    runs = [simulation.start("nap", input=hours) for hours in (5, 1, 3)]
    simulation.advance("4h")
    assert [run.output for run in runs] == [
        None, "2000-01-01T01:00:00+00:00", "2000-01-01T03:00:00+00:00",
    ]  # fmt: skip
    assert simulation.now == EPOCH + 4 * HOUR


@pytest.mark.parametrize("by", [-HOUR, "-1h"])
def test_advance_refuses_to_go_back(simulation: Simulation, by: timedelta | str) -> None:
    """A negative duration is refused, and time stays where it was."""
    with pytest.raises(UsageError, match=r"^Virtual time only moves forward, but the advance is"):
        simulation.advance(by)
    with pytest.raises(UsageError, match=r"^Virtual time only moves forward"):
        simulation.advance(hours=-1)
    assert simulation.now == EPOCH


@pytest.mark.parametrize(
    ("by", "message"),
    [
        (60, "^A plain number has no unit, but the advance is 60. Write '60s'"),
        ("1 fortnight", "^There is no unit of time 'fortnight' in the advance"),
        ("soon", "^A length of time is written as '24h'"),
    ],
)
def test_advance_refuses_what_is_no_duration(simulation: Simulation, by: str, message: str) -> None:
    """Numbers without a unit and unknown units are told with the value."""
    with pytest.raises(UsageError, match=message):
        simulation.advance(by)


def test_advance_refuses_two_durations(simulation: Simulation) -> None:
    """A duration is given once: in `by` or in keywords."""
    with pytest.raises(UsageError, match=r"^Advance by '1h' or by days=, hours=, …, not by both"):
        simulation.advance("1h", minutes=1)


@pytest.mark.parametrize(
    "when",
    [EPOCH + 2 * HOUR, datetime(2000, 1, 1, 2), "2h", 2 * HOUR],
)
def test_advance_to_takes_instants(simulation: Simulation, when: datetime | str) -> None:
    """A datetime, or a duration since the start however late it is now."""
    simulation.advance("30m")
    simulation.advance_to(when)
    assert simulation.now == EPOCH + 2 * HOUR


@pytest.mark.parametrize("when", [EPOCH, "1h"])
def test_advance_to_refuses_the_past(simulation: Simulation, when: datetime | str) -> None:
    """Virtual time never runs backwards."""
    simulation.advance("2h")
    with pytest.raises(UsageError, match=r"^Cannot advance to .*never runs backwards"):
        simulation.advance_to(when)
    assert simulation.now == EPOCH + 2 * HOUR


def test_pending_says_what_comes(simulation: Simulation) -> None:
    """Pending lists what will happen by itself, soonest first, with the time ahead."""
    simulation.start("nap", input=5, instance_id="long")
    simulation.start("nap", input=2, instance_id="short")
    simulation.run_until_idle()
    simulation.at("1h", print)
    ahead, labels = zip(*simulation.pending, strict=True)
    assert ahead == (HOUR, 2 * HOUR, 5 * HOUR)
    assert labels[0] == "call print"
    assert "short" in labels[1]
    simulation.advance("3h")
    assert [what[0] for what in simulation.pending] == [2 * HOUR]


def test_repr_tells_where_time_is(simulation: Simulation) -> None:
    """The repr names the app, the virtual time and whether it is closed."""
    simulation.advance("1d 2h")
    assert repr(simulation) == "<Simulation of DFApp at T+1d 2h>"
    simulation.close()
    assert repr(simulation) == "<Simulation of DFApp at T+1d 2h closed>"
