"""Chance: numbered, labelled choices, and who answers them."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.apps import Context, Steps, app_of
from wfsim import Simulation, UsageError
from wfsim.choices import Choice, Choices, seeded

OPTIONS = ("first", "second", "third")


def test_the_quiet_world_takes_the_first() -> None:
    """Without a schedule every answer is 0, labels are not even read, and nothing is kept."""
    choices = Choices()
    assert choices.pick("next", lambda: pytest.fail("nobody asked for labels")) == 0
    assert choices.made == []
    assert choices.answers == []


def test_one_option_is_no_choice() -> None:
    """Where only one thing can happen nobody is asked, and no answer is used up."""
    choices = Choices([2])
    assert choices.pick("next", ["only"]) == 0
    assert choices.pick("next", OPTIONS) == 2
    assert choices.answers == [2]


def test_choices_are_numbered_and_labelled() -> None:
    """Each choice keeps its number, its question, its options and its answer."""
    seen: list[Choice] = []
    choices = Choices([1, 2], on_choice=seen.append)
    choices.pick("next work item", OPTIONS)
    choices.pick("batch size", lambda: OPTIONS)
    assert choices.made == seen
    assert seen[0] == Choice(number=0, about="next work item", options=OPTIONS, picked=1)
    assert [choice.label for choice in seen] == ["second", "third"]


def test_a_list_that_ends_goes_on_quietly() -> None:
    """After the last recorded answer every answer is 0."""
    choices = Choices([2])
    assert [choices.pick("next", OPTIONS) for _ in range(3)] == [2, 0, 0]


def test_an_endless_schedule_is_read_as_it_is_needed() -> None:
    """A generator without an end can be a schedule."""
    choices = Choices(itertools.cycle([0, 1, 2]))
    assert [choices.pick("next", OPTIONS) for _ in range(4)] == [0, 1, 2, 0]


def test_a_list_is_not_used_up() -> None:
    """One recorded list repeats any number of runs."""
    answers = [1, 2]
    for _ in range(2):
        choices = Choices(answers)
        assert [choices.pick("next", OPTIONS) for _ in range(2)] == [1, 2]
    assert answers == [1, 2]


@pytest.mark.parametrize("answer", [-1, True, 1.0, "1", None])
def test_answers_are_indices(answer: Any) -> None:
    """A list with anything but indices is refused at once, a generator's when it is read."""
    with pytest.raises(UsageError, match="A schedule holds indices >= 0, but one is"):
        Choices([0, answer])
    lazy = Choices(iter([answer]))
    with pytest.raises(UsageError, match="A schedule holds indices >= 0, but one is"):
        lazy.pick("next", OPTIONS)


def test_answers_too_large_belong_to_another_run() -> None:
    """A recorded answer beyond the options names the question and the likely cause."""
    choices = Choices([3])
    with pytest.raises(UsageError, match="answers 3 to 'next', which has only 3 options") as error:
        choices.pick("next", OPTIONS)
    assert "another app, scenario or version" in str(error.value)


@pytest.mark.parametrize("nonsense", [-1, 3, True, 0.5, "second", None])
def test_functions_that_answer_nonsense_are_told(nonsense: Any) -> None:
    """A function's illegal answer is named with the legal ones and their labels."""
    choices = Choices(lambda about, options: nonsense)
    with pytest.raises(UsageError) as error:
        choices.pick("next", OPTIONS)
    assert f"The schedule answered {nonsense!r} to 'next'; legal answers are 0 to 2" in str(
        error.value
    )
    assert "first, second, third" in str(error.value)
    assert choices.made == []


@pytest.mark.parametrize("schedule", [5, "012", b"012", {0, 1}, {0: 1}])
def test_what_is_no_schedule_is_refused(schedule: Any) -> None:
    """A number, text, a set or a mapping is neither a list of answers nor a function."""
    with pytest.raises(UsageError, match="neither a list of answers nor a function"):
        Choices(schedule)


@given(st.integers(), st.lists(st.integers(1, 6), max_size=30))
def test_seeded_answers_repeat(seed: int, sizes: list[int]) -> None:
    """The same seed gives the same legal answers."""
    runs = [[Choices(seeded(seed)) for _ in range(2)]]
    for first, second in runs:
        for size in sizes:
            options = [str(number) for number in range(size)]
            assert first.pick("next", options) == second.pick("next", options) < size


def test_seeds_differ() -> None:
    """Different seeds answer differently."""
    answers = {
        tuple(choices.pick("next", OPTIONS) for _ in range(20))
        for choices in (Choices(seeded(seed)) for seed in range(20))
    }
    assert len(answers) == 20


def _fans_out(context: Context) -> Steps:
    tasks = [context.call_activity("say", number) for number in range(4)]
    first = yield context.task_any(tasks)
    yield context.task_all(tasks)
    return first.result


@pytest.mark.parametrize("seed", range(5))
def test_recorded_answers_repeat_a_run(seed: int) -> None:
    """The answers of a random run, given as a list, give the same trace to the byte."""
    traces: list[list[str]] = []
    schedule: Any = seeded(seed)
    for _ in range(2):
        with Simulation(app_of(_fans_out), schedule=schedule) as sim:
            sim.start("_fans_out", instance_id="f").result()
            schedule = sim.choices.answers
            traces.append(list(sim.trace.lines()))
    assert schedule
    assert traces[0] == traces[1]


def test_labels_are_readable() -> None:
    """Questions are words, and the options of one question differ and name what would happen."""
    with Simulation(app_of(_fans_out), schedule=seeded(1)) as sim:
        sim.start("_fans_out", instance_id="f").result()
        made = sim.choices.made
    assert made
    for choice in made:
        assert choice.about.replace(" ", "").replace("'", "").isprintable()
        assert len(set(choice.options)) == len(choice.options), choice
        assert all(label.strip() for label in choice.options)
