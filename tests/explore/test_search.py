"""Searching: one path for one process and many, and an end that tells what is known."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

from tests.explore.worlds import bug, fan_outs, trial_of_bug
from wfsim.cli.fuzz_progress import ProgressLine
from wfsim.errors import ScenarioError, UsageError
from wfsim.explore import Exploration, Observed, explore
from wfsim.explore.exhaustive import Exhaustive
from wfsim.explore.helper import call_apart, serve, stop
from wfsim.explore.places import place_of
from wfsim.explore.search import INTERRUPTED, Budget, Progress, search
from wfsim.explore.shards import Plan, Shard, play_shard, sharded
from wfsim.explore.strategies import RandomStrategy
from wfsim.hub.faults import ALL_FAULTS

APP = "quorum_counts_twice_fixed"
RANDOM = RandomStrategy(seed=4)


def _plan(name: str) -> Plan:
    return Plan(scenario=bug(name), faults=ALL_FAULTS)


def _interrupt_after(schedules: int) -> Callable[[Progress], None]:
    def on_run(progress: Progress) -> None:
        if progress.schedules == schedules:
            raise KeyboardInterrupt

    return on_run


def _facts(found: Exploration) -> object:
    """Return all of an answer that does not depend on how fast the machine is."""
    failures = [
        (item.words, item.problem, item.found_after, item.quiet.words) for item in found.failures
    ]
    reach = found.reach
    counts = (reach.schedules, reach.distinct, reach.points, reach.labels, reach.taken)
    return failures, found.outcomes, found.race, counts, found.notes


class _Elsewhere:
    """Plays shards when somebody waits for them, and counts those that nobody did."""

    def __init__(self) -> None:
        self.futures: list[Future[list[Observed]]] = []

    def submit(self, shard: Shard) -> Future[list[Observed]]:
        future = _Late(shard)
        self.futures.append(future)
        return future


class _Late(Future[list[Observed]]):
    """Is done when it is asked."""

    def __init__(self, shard: Shard) -> None:
        super().__init__()
        self._shard = shard

    def result(self, timeout: float | None = None) -> list[Observed]:
        runs = play_shard(self._shard)
        # What comes from elsewhere has been pickled.
        return pickle.loads(pickle.dumps(runs))  # type: ignore[no-any-return]


@pytest.mark.slow
@pytest.mark.parametrize("app", [APP, "coupon_twice", "trip_undone_in_part"])
def test_shards_give_what_one_process_gives(app: str) -> None:
    """Schedules that are played elsewhere change nothing of the answer."""
    budget = Budget(schedules=70)
    here = search(trial_of_bug(app), RANDOM, budget)
    runs = sharded(_plan(app), _Elsewhere().submit, workers=2)
    assert _facts(search(trial_of_bug(app), RANDOM, budget, runs=runs)) == _facts(here)


def test_what_nobody_waits_for_is_cancelled() -> None:
    """Where the search ends early, shards that have not begun never do."""
    elsewhere = _Elsewhere()
    runs = sharded(_plan("trip_undone_in_part"), elsewhere.submit, workers=2)
    found = search(trial_of_bug("trip_undone_in_part"), RANDOM, Budget(schedules=500), runs=runs)
    assert found.has_failed
    assert len(elsewhere.futures) == 4
    assert all(future.cancelled() for future in elsewhere.futures[1:])


def test_only_wrong_runs_bring_their_trace() -> None:
    """A run in which nothing is wrong comes back without its trace, and is otherwise whole."""
    runs = play_shard(Shard(plan=_plan("trip_undone_in_part"), strategy=RANDOM, numbers=range(8)))
    assert any(run.problems for run in runs)
    for run in runs:
        assert bool(run.trace) == bool(run.problems)
        assert run.labels


def test_helpers_answer_until_there_is_no_more() -> None:
    """A helper answers each shard with its runs, or with what was raised."""
    good = Shard(plan=_plan(APP), strategy=RANDOM, numbers=range(2))
    nowhere = Plan(scenario=Path("nowhere.yaml"), faults=None)
    bad = Shard(plan=nowhere, strategy=RANDOM, numbers=range(2))
    answers = io.BytesIO()
    calls = pickle.dumps((play_shard, good)) + pickle.dumps((play_shard, bad))
    serve(io.BytesIO(calls), answers)
    answers.seek(0)
    assert len(pickle.load(answers)) == 2
    assert isinstance(pickle.load(answers), ScenarioError)


@pytest.mark.slow
def test_a_helper_is_a_process_that_is_used_again() -> None:
    """Shards that are played apart give the same runs; an error comes through, too."""
    shard = Shard(plan=_plan(APP), strategy=RANDOM, numbers=range(3))
    words = [run.words for run in play_shard(shard)]
    folder = str(Path.cwd())
    try:
        for _ in range(2):
            assert [run.words for run in call_apart(play_shard, shard, folder)] == words
        nowhere = Plan(scenario=Path("nowhere.yaml"), faults=None)
        with pytest.raises(ScenarioError, match="nowhere"):
            call_apart(play_shard, Shard(plan=nowhere, strategy=RANDOM, numbers=range(2)), folder)
    finally:
        stop()


def test_an_interruption_ends_with_what_is_known() -> None:
    """Ctrl-C ends the search, and the answer says so."""
    found = search(trial_of_bug(APP), RANDOM, Budget(schedules=500), on_run=_interrupt_after(5))
    assert found.reach.schedules == 5
    assert found.notes == (INTERRUPTED,)


def test_time_ends_a_search() -> None:
    """After the last run that began in time, the search ends."""
    seconds = iter([0.0, 1.0, 2.0, 11.0, 12.0])
    found = search(
        trial_of_bug(APP),
        RANDOM,
        Budget(schedules=500, seconds=10),
        clock=lambda: next(seconds),
    )
    assert (found.reach.schedules, found.reach.seconds) == (3, 12.0)


def test_time_ends_a_search_for_what_is_new() -> None:
    """Runs that show nothing new take time as well, and count as no schedule."""
    seconds = iter([0.0, *[1.0] * 3, 11.0, 12.0])
    found = search(
        fan_outs(1, 2),
        Exhaustive(),
        Budget(schedules=500, seconds=10),
        clock=lambda: next(seconds),
    )
    assert not found.proven
    assert found.reach.schedules <= 4


def test_other_processes_are_for_scenarios_and_random_schedules() -> None:
    """What cannot be shared is a wrong call, and says why."""
    for trial, strategy, said in (
        (trial_of_bug(APP), Exhaustive(), "runs in one process"),
        (fan_outs(2), RANDOM, "Only scenario files"),
    ):
        with (
            pytest.raises(UsageError, match=said),
            place_of(trial, strategy, jobs=2, dask=None),
        ):
            pass
    with (
        pytest.raises(UsageError, match="stands alone"),
        place_of(trial_of_bug(APP), RANDOM, jobs=2, dask="tcp://x"),
    ):
        pass


def test_earlier_failures_come_first() -> None:
    """A schedule that is given is the second to be played, after the quiet one."""
    words = "activity write_copy of save-1#2 < activity write_copy of save-1#0"
    found = explore(bug("quorum_counts_twice"), first=[words])
    (failure,) = found.failures
    assert (failure.found_after, failure.words) == (2, words)


def test_the_line_says_how_far_it_is() -> None:
    """Schedules, rate, outcomes and failures stand in one line, before the scenario's name."""
    line = ProgressLine("a.yaml", 1_000)
    progress = Progress(schedules=20, counts={"a": 19, "b": 1})
    now = line._began + 2
    assert line.line(progress, now) == "20 of 1,000 schedules, 10 a second, 2 outcomes: a.yaml"
    with line:
        line(progress)  # no terminal: nothing is shown
