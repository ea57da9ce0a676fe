"""A graph with a fan-out, a fan-in, and a person who chooses."""

from __future__ import annotations

from datetime import timedelta

from fixtures.workflows.venues import Choice, Offer, Wedding, build
from tests.workflow_scenarios.conftest import OpenWorkflow
from wfsim.choices import seeded

WEDDING = Wedding(guests=50, month="June")
OFFERS = [Offer("barn", 3000), Offer("boat", 5250), Offer("castle", 6750)]


def test_the_couple_chooses(opened: OpenWorkflow) -> None:
    """All offers are shown after 30 minutes, when the slowest venue has answered."""
    sim = opened(build)
    run = sim.run(WEDDING)
    (request,) = run.pending
    assert (request.id, request.data) == ("choice", Choice(OFFERS))
    assert run.elapsed == timedelta(minutes=30)
    sim.respond("Choice", "boat")
    assert run.result() == "boat is booked for 5250"


def test_a_choice_that_was_not_offered(opened: OpenWorkflow) -> None:
    """The workflow copes, and books nothing."""
    sim = opened(build)
    run = sim.run(WEDDING)
    sim.respond("choice", "zoo")
    assert run.result() == "nothing is booked: zoo has made no offer"


def test_offers_are_collected_in_the_order_of_the_edges(opened: OpenWorkflow) -> None:
    """Whoever finishes first under another schedule, the desk gets the same list."""
    for seed in range(6):
        sim = opened(build, schedule=seeded(seed))
        run = sim.run(WEDDING)
        (collected,) = [
            event.data
            for event in run.events
            if event.type == "executor_invoked" and event.executor_id == "desk"
        ]
        assert [offer.venue for offer in collected] == ["castle", "barn", "boat"]


def test_a_restart_while_the_couple_thinks(opened: OpenWorkflow) -> None:
    """The restored graph asks again under the same id, and takes the answer."""
    sim = opened(build)
    run = sim.run(WEDDING)
    again = sim.resume_from(run.checkpoints[-1])
    assert [request.id for request in again.pending] == ["choice"]
    again.respond("choice", "barn")
    assert again.result() == "barn is booked for 3000"


def test_nobody_is_invited(opened: OpenWorkflow) -> None:
    """An exception in an executor is the run's failure."""
    run = opened(build).run(Wedding(guests=0, month="May"))
    assert isinstance(run.failure, ValueError)
