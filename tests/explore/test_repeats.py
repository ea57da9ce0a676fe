"""A schedule that was played before is found again, and not played."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.explore.remembered import kept, run, shown, trials
from wfsim.choices import first_in_first_out, seeded
from wfsim.explore.repeats import Repeats
from wfsim.explore.trial import ScenarioTrial
from wfsim.explore.words import FollowWords, Recorder
from wfsim.hub.touches import Touched
from wfsim.scenario import load

BENCHMARKS = Path(__file__).parents[1] / "benchmarks" / "explored"


def _trial(name: str) -> ScenarioTrial:
    return ScenarioTrial(load(BENCHMARKS / name))


def test_the_same_schedule_is_played_once() -> None:
    """What a schedule showed is shown again, whoever chooses so."""
    trial = _trial("approval.yaml")
    first = trial.run(seeded(3))
    assert trial.run(seeded(3)) is first
    assert trial.run(FollowWords(first.deviations)) is first
    assert trial.repeats.found == 2


def test_words_that_do_not_fit_are_left_over_all_the_same() -> None:
    """Whoever follows words learns what did not happen, from a run that is found again, too."""
    trial = _trial("approval.yaml")
    first = trial.run(seeded(3))
    follower = FollowWords([*first.deviations, *first.deviations[-1:]])
    assert trial.run(follower) is first
    assert len(follower.left) == 1


def test_a_mistake_of_the_scenario_is_another_kind_of_run() -> None:
    """The quiet run of a scenario is not taken from one in which mistakes are let pass."""
    trial = _trial("saga.yaml")
    first = trial.run(FollowWords(()))
    assert trial.run(first_in_first_out) is not first


def test_an_edit_makes_all_runs_new(tmp_path: Path) -> None:
    """After a file of the app was edited, no earlier run counts."""
    for name in ("function_app.py", "saga.yaml"):
        shutil.copy(BENCHMARKS / name, tmp_path)
    trial = ScenarioTrial(load(tmp_path / "saga.yaml"))
    first = trial.run(seeded(1))
    app = tmp_path / "function_app.py"
    app.write_text(f"{app.read_text()}\n# edited\n")
    assert trial.run(seeded(1)) is not first


@pytest.mark.parametrize("line", ["open('x', 'a').close()", "print(id(what))", "next(NUMBERS)"])
def test_an_app_that_may_do_anything_is_played_each_time(tmp_path: Path, line: str) -> None:
    """Where an activity does what is not understood, the same schedule may show something else."""
    shutil.copy(BENCHMARKS / "saga.yaml", tmp_path)
    text = (BENCHMARKS / "function_app.py").read_text()
    never = f"    if what == 'no such thing':\n        {line}\n    return what\n"
    text = text.replace("    return what\n", never)
    (tmp_path / "function_app.py").write_text(f"{text}\nNUMBERS = iter([1, 2])\n")
    trial = ScenarioTrial(load(tmp_path / "saga.yaml"))
    first = trial.run(seeded(1))
    assert trial.run(seeded(1)) is not first
    assert shown(trial.run(seeded(1))) == shown(first)


def test_no_more_runs_are_kept_than_there_is_room_for() -> None:
    """When the room is used up, runs are played as ever, and found no more."""
    trial = _trial("approval.yaml")
    trial.repeats = Repeats(most=2)
    for seed in range(4):
        trial.run(seeded(seed))
    assert trial.repeats.kept == 2
    assert shown(trial.run(seeded(3))) == shown(trial.run(seeded(3)))


@pytest.mark.slow
@settings(max_examples=settings().max_examples // 4)
@given(seeds=st.lists(st.integers(0, 30), min_size=1, max_size=20))
def test_finding_runs_again_never_shows(seeds: list[int]) -> None:
    """With faults and repetitions, all that runs show is the same as if each had been played."""
    forgetful, remembering = trials(BENCHMARKS / "approval.yaml")
    expected = {seed: run(forgetful, [seed]) for seed in set(seeds)}
    for seed in seeds:
        assert run(remembering, [seed]) == expected[seed]
    assert kept(remembering).is_plain


class Listener:
    """A chooser that hears."""

    def __init__(self, answers: list[int]) -> None:
        self._answers = iter(answers)
        self.said: list[object] = []

    def hear(self, touched: Touched) -> None:
        """Note what was heard."""
        self.said.append(touched)

    def __call__(self, about: str, options: object) -> int:
        """Note what was asked."""
        self.said.append((about, options))
        return next(self._answers)


def test_a_chooser_hears_and_is_asked_everything_once() -> None:
    """What is known is told to a chooser in the order of the run, and nothing twice."""
    repeats, chooser = Repeats(), Listener([1, 0, 1])
    path = repeats.follow(chooser, "kind", "state")
    _play(Recorder(path))
    assert path.observed is None
    observed = _trial("saga.yaml").run(seeded(0))
    repeats.keep(path, observed, ["kind"], "state")
    expected = chooser.said
    for answers, is_known in (([1, 0, 1], True), ([1, 1, 0], False), ([0, 0, 0], False)):
        other = Listener(answers)
        path = repeats.follow(other, "kind", "state")
        assert (path.observed is observed) is is_known
        if not is_known:
            _play(Recorder(path))
        assert other.said == expected
    assert repeats.follow(Listener([1, 0, 1]), "another kind", "state").observed is None
    assert repeats.follow(Listener([1, 0, 1]), "kind", "another state").observed is None


def _play(recorder: Recorder) -> None:
    """Ask three questions, and tell something before each."""
    for number in range(3):
        assert recorder.hear is not None
        recorder.hear(Touched(groups=(frozenset({f"x{number}"}),)))
        recorder("what", (f"a{number}", "b"))
