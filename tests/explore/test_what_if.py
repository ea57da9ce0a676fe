"""What if: events that change places, and activities and models that fail or time out."""

from __future__ import annotations

import pytest

from tests.apps import Context, Steps, app_of
from tests.explore.worlds import bug
from wfsim import Simulation
from wfsim.explore import Faults, Observed, explore, replay
from wfsim.explore.function_trial import FunctionTrial
from wfsim.explore.trial import ScenarioTrial
from wfsim.explore.what_if import WhatIf, perturbed, what_if_of
from wfsim.explore.words import FollowWords, Recorder, parse_words
from wfsim.scenario import load


def _played(name: str, words: str, *what_if: WhatIf) -> Observed:
    trial = ScenarioTrial(load(bug(name)), what_if=frozenset(what_if), remembers=False)
    return trial.run(FollowWords(parse_words(words)))


def test_two_events_change_places() -> None:
    """Each comes when the other was to come, with its own data."""
    words = "swap(event report, event report)"
    scenario = load(bug("boxes_before_van"))
    swapped = perturbed(scenario, FollowWords(parse_words(words)), ()).scenario.data.steps
    before = scenario.data.steps
    assert [step.at for step in swapped] == [step.at for step in before]
    assert [step.raise_event for step in swapped] == [step.raise_event for step in before[::-1]]


def test_a_swap_shows_and_has_a_twin_that_stands_it() -> None:
    """The words reproduce the failure, and the correct twin ends as ever."""
    words = "swap(event report, event report)"
    observed = _played("boxes_before_van", words, "events")
    assert observed.words == words
    assert [problem.kind for problem in observed.problems] == ["failed"]
    twin = _played("boxes_before_van_fixed", words, "events")
    assert (twin.words, twin.problems) == (words, ())
    assert twin.outcome == 'load_van Completed {"loaded":["B-X 1 lamp"]}'


def test_events_that_are_alike_do_not_change_places() -> None:
    """Nobody could tell, so it is no choice."""
    recorder = Recorder(FollowWords(()))
    perturbed(load(bug("quorum_counts_twice")), recorder, ())
    assert not any(words.startswith("swap(") for words in recorder.offered)


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["fail", "time out"])
def test_a_model_that_is_down_fails_each_attempt_of_its_turn(verb: str) -> None:
    """The framework asks twice, and hands on an answer of nothing."""
    words = f"{verb}(agent RiskAgent turn 1)"
    observed = _played("claim_risk_of_silence", words, "models")
    (problem,) = observed.problems
    assert problem.text.endswith("not as was to be: Expecting value: line 1 column 1 (char 0)")
    assert observed.words == words
    twin = _played("claim_risk_of_silence_fixed", words, "models")
    assert (twin.words, twin.problems) == (words, ())


@pytest.mark.slow
def test_a_model_that_is_down_is_found_in_few_schedules() -> None:
    """And shrunk to one choice."""
    found = explore(bug("claim_risk_of_silence"), what_if="models", schedules=40)
    (failure,) = found.failures
    assert failure.words in {f"{verb}(agent RiskAgent turn 1)" for verb in ("fail", "time out")}
    assert found.reach.schedules <= 40


def _calls(context: Context) -> Steps:
    try:
        return (yield context.call_activity("keep", 1))
    except Exception as error:
        return f"{error} after {context.current_utc_datetime.minute} min"


def keep(number: int) -> int:
    """Give it back."""
    return number


@pytest.mark.parametrize(
    ("words", "minutes"),
    [
        ("fail(activity keep of a#0)", 0),
        ("time out(activity keep of a#0)", 10),
    ],
)
def test_an_activity_fails_or_times_out(words: str, minutes: int) -> None:
    """At once, or after ten minutes."""

    def checks(sim: Simulation) -> None:
        result = str(sim.start("_calls", instance_id="a").result())
        assert "what if it failed" in result
        assert result.endswith(f"after {minutes} min")

    trial = FunctionTrial(checks, app_of(_calls, keep), faults=Faults(activity_failures=1))
    observed = trial.run(FollowWords(parse_words(words)))
    assert (observed.words, observed.problems) == (words, ())


def test_models_are_a_kind_of_what_if() -> None:
    """By its own name, and among all."""
    assert what_if_of("models") == {"models"}
    assert "models" in what_if_of("all")


@pytest.mark.slow
def test_a_function_plays_a_model_that_is_down() -> None:
    """With a budget of its own; the turn is still there for who asks again."""

    def asks(sim: Simulation) -> None:
        script = sim.script("RiskAgent", ['{"risk": "low"}'])
        run = sim.start("assess_claim", input="storm", instance_id="c")
        sim.run_until_idle()
        assert run.status == "Failed"
        assert len(script.unused()) == 1

    app = bug("claim_risk_of_silence").with_name("function_app.py")
    words = "fail(agent RiskAgent turn 1)"
    observed = replay(asks, words, app=app, faults=Faults(model_failures=1))
    assert observed.problems == ()
