"""Runs one test under many schedules, each with fresh fixtures behind its simulation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from os import PathLike
from typing import Any, NoReturn, Self, cast

import pytest

from pytest_wfsim.arguments import Plan, Wrong, plan_of
from pytest_wfsim.explored import reach_of, story_of, verdict_of
from pytest_wfsim.recalling import recalled, remember
from pytest_wfsim.renewing import finish_fixture, forget_finished, forget_output, make_missing
from pytest_wfsim.sessions import Session
from pytest_wfsim.stash import EXPLORED, SESSIONS, Explored
from wfsim.choices import Chooser, first_in_first_out
from wfsim.errors import ScriptError, UsageError, WfsimError, WorkflowError
from wfsim.explore.api import strategy_of
from wfsim.explore.observing import observed, problem_of_test
from wfsim.explore.oracles import End
from wfsim.explore.records import Failure, Observed
from wfsim.explore.search import INTERRUPTED, Budget, search
from wfsim.explore.words import FollowWords, Recorder, number_of, parse_words
from wfsim.workers.azure_functions import KeptApp

__all__ = ["Stage"]

_NOTHING = (
    "There is nothing to explore: no schedule of this test had a choice. One activity after the "
    "other leaves\nthe world no order to choose. Mark it faults='all', explore what happens at "
    "once, or leave explore= out."
)
_UNUSED = (
    "@pytest.mark.wfsim(explore=…) explores a simulation, and this test asks for none. Take the "
    "fixture `sim`\nor `async_sim`, or call wfsim.explore.explore(function, app)."
)
_SECOND = (
    "A test that explores has one simulation, and this one asks for a second. Take either `sim` "
    "or `async_sim`\n(`async_sim.sync` has the plain names)."
)
_SNAPSHOT = (
    "A snapshot holds what one run did, and explore= makes many. Keep the snapshot in a test "
    "without explore=."
)
_GIVEN = (
    "explore= and hypothesis's @given both run the test often. Leave explore= out, and draw the "
    "schedule:\n@given(schedule=wfsim.strategies.schedules())."
)


class Stage:
    """Where the schedules of one test are played, one after the other.

    Args:
        plan: How the test is to be explored.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.is_playing = False
        self.is_broken = False
        """Whether the test's own code raised in this schedule."""
        self.error: WfsimError | None = None
        """What closing the simulation raised."""
        self.session: Session | None = None
        self._request: pytest.FixtureRequest | None = None
        self._kept: KeptApp | None = None
        # Fixtures of the first schedule are made before anybody explores, so its chooser is known.
        deviations = None if plan.words is None else parse_words(plan.words)
        self.follower = None if deviations is None else FollowWords(deviations)
        self.recorder = Recorder(self.follower or first_in_first_out)
        self.is_last = plan.words is not None
        """Whether the schedule is played to be shown, and not to search."""

    @classmethod
    def of(cls, item: pytest.Item) -> Self | None:
        """Return the stage of a test; None if it runs once; a wrong marker fails it."""
        try:
            plan = plan_of(item)
            stage = None if plan is None else cls(plan)
        except (Wrong, UsageError) as error:
            reason = str(error)
        else:
            if stage is None:
                return None
            reason = _refusal(item)
            if not reason:
                return stage
        pytest.fail(reason, pytrace=False)

    @property
    def options(self) -> Mapping[str, Any]:
        """What its simulations are opened with, instead of what the marker says."""
        return {"schedule": self.recorder, "findings": "ignore", "guard": "off"}

    def app(self, named: object) -> object:
        """Return an app for the next simulation: its modules are loaded anew, compiled once."""
        if self.is_last or not isinstance(named, str | PathLike):
            return named  # what is shown is not taken from memory
        if self._kept is None:
            self._kept = KeptApp(cast("object", named))
        return self._kept

    def prepare(self, chooser: Chooser) -> None:
        """Let the next simulation ask `chooser`."""
        self.recorder = Recorder(chooser)
        self.session = self._request = self.error = None
        self.is_broken = False

    def enter(self, session: Session, request: pytest.FixtureRequest) -> None:
        """Hear that a fixture has opened a simulation."""
        if self.session is not None:
            session.simulation.close(check=False)
            pytest.fail(_SECOND, pytrace=False)
        self.session, self._request = session, request

    def leave(self, session: Session) -> None:
        """Close a simulation, as its fixture is torn down."""
        try:
            session.simulation.close(check=not self.is_broken)
        except (WorkflowError, ScriptError) as error:
            self.error = error

    def clear(self, item: pytest.Function) -> None:
        """Tear the simulation's fixture down, and all those that were made from it."""
        try:
            if self._request is not None:
                finish_fixture(self._request)
        finally:
            forget_finished(item)

    def explore(self, item: pytest.Function) -> None:
        """Run the test under its schedules, and fail it as the first one that fails."""
        self.is_playing = True
        trial = _TestTrial(item, self)
        try:
            if self.follower is not None:
                _replay(item, trial, self.follower)
            else:
                _search(item, trial, self.plan)
        finally:
            self.is_playing = False


def _refusal(item: pytest.Item) -> str:
    function = cast("pytest.Function", item)
    if "snapshot" in function.fixturenames:
        return _SNAPSHOT
    if getattr(function.obj, "is_hypothesis_test", False):
        return _GIVEN
    return ""


class _TestTrial:
    """Runs a test once for each schedule."""

    def __init__(self, item: pytest.Function, stage: Stage) -> None:
        self._item = item
        self.stage = stage
        self._runs = 0
        self.raised: BaseException | None = None
        """What the test raised in the latest run."""
        self.outputs: dict[str, list[object]] = {}
        """By outcome, what the orchestrations returned that no other one had started."""

    def run(self, chooser: Chooser) -> Observed:
        """Run the test once; fixtures that stand on the simulation are made anew."""
        stage, item = self.stage, self._item
        end = End(run=number_of(chooser))
        if self._runs:
            stage.prepare(chooser)
            item.stash[SESSIONS] = []
        try:
            self.raised = self._call(is_first=self._runs == 0)
            session = _used(stage)
            stage.is_broken = self.raised is not None
            end(session.simulation)
        finally:
            self._runs += 1
            self._clear()
        problem = None if self.raised is None else problem_of_test(self.raised, where=self._line())
        if problem is None and stage.error is not None:
            problem = problem_of_test(stage.error)
        simulation = session.simulation
        seen = observed(simulation, stage.recorder, end, problem)
        outputs = [run.output for run in simulation.runs if not run.is_child]
        self.outputs[seen.outcome] = list(outputs)
        return seen if stage.plan.counts_findings else _without_findings(seen)

    def _call(self, *, is_first: bool) -> BaseException | None:
        try:
            if not is_first:
                make_missing(self._item)
            self._item.ihook.pytest_pyfunc_call(pyfuncitem=self._item)
        except (pytest.skip.Exception, pytest.xfail.Exception, pytest.exit.Exception):
            raise
        except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - whatever a test raises
            return error
        return None

    def _clear(self) -> None:
        try:
            self.stage.clear(self._item)
        except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - a fixture's own
            self.raised = self.raised or error

    def _line(self) -> str:
        """Return the line of the test, or of its helpers beside it, that raised."""
        line, trace = "", self.raised.__traceback__ if self.raised else None
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == str(self._item.path):
                line = f"line {trace.tb_lineno}"
            trace = trace.tb_next
        return line


def _used(stage: Stage) -> Session:
    if stage.session is None:
        pytest.fail(_UNUSED, pytrace=False)
    return stage.session


def _without_findings(seen: Observed) -> Observed:
    kept = tuple(item for item in seen.problems if item.finding is None)
    return replace(seen, problems=kept)


def _search(item: pytest.Function, trial: _TestTrial, plan: Plan) -> None:
    strategy = strategy_of(cast("Any", plan.strategy), plan.seed)
    found = search(trial, strategy, Budget(schedules=plan.schedules), first=recalled(item))
    if INTERRUPTED in found.notes:
        raise KeyboardInterrupt
    if found.failures:
        failure = found.failures[0]
        remember(item, failure.words if failure.observed.deviations else None)
        story = story_of(failure)
        item.stash[EXPLORED] = Explored(reach=reach_of(found), story=story, words=failure.words)
        forget_output(item)  # of all schedules: the report is about the one that comes now
        trial.stage.is_last = True
        _fail(trial, trial.run(FollowWords(failure.observed.deviations)), failure)
    remember(item, None)
    if found.reach.points == 0:
        pytest.fail(_NOTHING, pytrace=False)
    verdict = verdict_of(found, trial.outputs, plan.allow_outcomes)
    item.stash[EXPLORED] = Explored(reach=reach_of(found), verdict=verdict)


def _replay(item: pytest.Function, trial: _TestTrial, follower: FollowWords) -> None:
    seen = trial.run(follower)
    reach = "1 schedule, as --wfsim-schedule says"
    if seen.problems:
        item.stash[EXPLORED] = Explored(reach=reach, story=story_of(seen), words=seen.words)
        _fail(trial, seen, None)
    if follower.left:
        left = "; ".join(map(str, follower.left))
        pytest.fail(
            f"The schedule did not happen: nothing offered {left!r} here. The test or the app has "
            "changed.\nExplore again, without --wfsim-schedule.",
            pytrace=False,
        )
    item.stash[EXPLORED] = Explored(reach=reach)


def _fail(trial: _TestTrial, seen: Observed, failure: Failure | None) -> NoReturn:
    """Fail the test as its latest run did."""
    keys = [problem.key for problem in seen.problems]
    wanted = failure.problem.key if failure is not None else keys[0]
    if trial.raised is not None:
        raise trial.raised
    text = "\n".join(item.text for item in seen.problems if item.key == wanted)
    if not text and failure is not None:
        text = (
            f"{failure.problem.text}\nThis showed once, and not when the same schedule was played "
            "again: something besides the\nschedule decides, such as state that the test keeps."
        )
    pytest.fail(text, pytrace=False)
