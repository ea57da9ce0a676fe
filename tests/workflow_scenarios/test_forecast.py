"""A functional workflow that asks three stations at the same time."""

from __future__ import annotations

from datetime import timedelta

from fixtures.workflows.forecast import forecast
from tests.workflow_scenarios.conftest import OpenWorkflow
from wfsim.choices import seeded

STATIONS = ["harbour", "airport", "summit"]
REPORT = "harbour 11, airport 14, summit -2; 7.7 degrees on average"


def test_the_slowest_station_decides_how_long_it_takes(opened: OpenWorkflow) -> None:
    """One, two and three seconds at once are three; results keep the order of the calls."""
    run = opened(forecast).run(STATIONS)
    assert run.result() == REPORT
    assert run.elapsed == timedelta(seconds=3)


def test_events_come_in_the_order_of_completion(opened: OpenWorkflow) -> None:
    """All three are invoked in the order of the calls, and complete in that of their latency."""
    run = opened(forecast).run(STATIONS)
    read = [event.data for event in run.events if event.type == "executor_completed"]
    assert read[:3] == [14, -2, 11]


def test_any_order_gives_the_same_report(opened: OpenWorkflow) -> None:
    """Other schedules let other stations finish first."""
    orders = set()
    for seed in range(12):
        sim = opened(forecast, schedule=seeded(seed))
        run = sim.run(STATIONS)
        assert run.result() == REPORT
        done = [event.data for event in run.events if event.type == "executor_completed"]
        orders.add(tuple(done[:3]))
    assert len(orders) > 2


def test_one_station_that_does_not_exist(opened: OpenWorkflow) -> None:
    """The first exception is the run's failure."""
    run = opened(forecast).run(["harbour", "moon"])
    assert isinstance(run.failure, LookupError)
