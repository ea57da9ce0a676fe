"""The arguments of Simulation, and its life as a context manager."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.simulation.small_app import app
from wfsim import FindingError, HostSettings, Simulation, UsageError


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": "7"}, "^seed='7' must be an int"),
        ({"seed": True}, "^seed=True must be an int"),
        ({"faults": object()}, r"^faults=.* must be 'all', a Faults or None"),
        ({"replay": "never"}, "^replay='never' must be 'every', 'search', 'all' or 'off'"),
        ({"max_steps": 0}, "^max_steps=0 must be an int of at least 1"),
        ({"max_steps": "9"}, "^max_steps='9' must be an int of at least 1"),
        ({"freeze": "no"}, "^freeze='no' must be True or False"),
        ({"settings": {}}, "^settings={} must be a HostSettings"),
        ({"findings": "loud"}, "^findings='loud' must be one of default, error, warn, ignore"),
        ({"start": "2024-01-01"}, "^A simulation starts at a datetime, but start is '2024-01-01'"),
    ],
)
def test_wrong_arguments_are_refused(options: dict[str, Any], message: str) -> None:
    """Each wrong argument is told with its value; the clocks stay real."""
    with pytest.raises(UsageError, match=message):
        Simulation(app, **options)
    assert datetime.now().year > 2000


def test_names_are_text() -> None:
    """What is not text names no function, and the error says so."""
    with Simulation(app) as simulation:
        with pytest.raises(UsageError, match=r"^An orchestrator is called by its name, .* by 5"):
            simulation.start(5)  # type: ignore[arg-type]
        with pytest.raises(UsageError, match=r"^An activity is called by its name, .* by None"):
            simulation.stub_activity(None, returns=1)  # type: ignore[arg-type]


def test_settings_change_the_host() -> None:
    """HostSettings say what differs from host to host."""
    settings = HostSettings(store_inputs=True)
    with Simulation(app, settings=settings) as simulation:
        assert simulation.start("call_once", input=1).result() == 10


def test_without_a_with_block_the_test_keeps_its_clock() -> None:
    """A simulation that is not entered shows virtual time to the app's code only."""
    simulation = Simulation(app)
    simulation.stub_activity("work", calls=lambda _: datetime.now().year)
    assert simulation.start("call_once").result() == 2000
    assert datetime.now().year > 2000
    simulation.close()


def test_a_closed_simulation_cannot_be_entered() -> None:
    """Closing is final."""
    simulation = Simulation(app)
    simulation.close()
    with pytest.raises(UsageError, match=r"^The simulation is closed"):
        simulation.__enter__()
    assert datetime.now().year > 2000


def test_an_error_in_the_block_is_what_is_raised() -> None:
    """Leaving by an exception looks for nothing more: the test's own error is what counts."""
    simulation = Simulation(app, findings="error")
    simulation.start("wait").raise_event("stop")
    simulation.run_until_idle()
    with pytest.raises(ZeroDivisionError), simulation:
        raise ZeroDivisionError
    assert simulation.findings == []


def test_close_may_be_told_not_to_check() -> None:
    """close(check=False) ends a simulation without a word."""
    simulation = Simulation(app, findings="error")
    simulation.start("wait")
    simulation.run_until_idle()
    simulation.close(check=False)
    assert simulation.findings == []


def test_close_checks_once() -> None:
    """close() reports what was left behind; a second call, and leaving the block, do nothing."""
    with Simulation(app, findings="error") as simulation:
        simulation.start("wait")
        simulation.run_until_idle()
        with pytest.raises(FindingError, match=r"^WF101 "):
            simulation.close()
        simulation.close()


def test_a_schedule_answers_the_choices() -> None:
    """The recorded answers of one run repeat it, and other answers change the order."""

    def play(schedule: Any) -> tuple[list[int], list[str]]:
        with Simulation(app, schedule=schedule) as simulation:
            for number in range(4):
                simulation.start("call_once", input=number, instance_id=str(number))
            simulation.run_until_idle()
            return list(simulation.choices.answers), simulation.timeline().splitlines()

    def last(about: str, options: Any) -> int:
        return len(options) - 1

    answers, lines = play(last)
    assert play(answers) == (answers, lines)
    assert play(None)[1] != lines
