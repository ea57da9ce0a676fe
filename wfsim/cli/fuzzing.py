"""`wfsim fuzz`: explores scenarios and prints what was found."""

from __future__ import annotations

import contextlib
import json
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from wfsim.cli.find import is_folder, scenario_files
from wfsim.cli.fuzz_document import explored_document, replayed_document
from wfsim.cli.fuzz_memory import Memory
from wfsim.cli.fuzz_progress import ProgressLine
from wfsim.cli.show import wide_console
from wfsim.errors import UsageError
from wfsim.explore import Exploration, Failure, explore
from wfsim.explore.api import trial_of
from wfsim.explore.budgets import faults_from_text, faults_text
from wfsim.explore.hushed import hushed
from wfsim.explore.regression import Regression, check_target, write_regressions
from wfsim.explore.replaying import follow, unfit
from wfsim.explore.search import INTERRUPTED, Trial
from wfsim.explore.story import failure_story, outcome_lines, played_story, reach_lines
from wfsim.explore.strategies import StrategyName
from wfsim.explore.what_if import what_if_of
from wfsim.guards import GUARD_CODE, GuardMode
from wfsim.history.printable import printable
from wfsim.scenario import LoadedScenario, load, play

__all__ = ["FuzzOptions", "fuzz"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FuzzOptions:
    """What `wfsim fuzz` was told besides the scenarios."""

    schedules: int = 1000
    seconds: float | None = None
    strategy: StrategyName = "random"
    faults: str = "all"
    what_if: str | None = None
    seed: int = 0
    guard: GuardMode = "off"
    schedule: str | None = None
    jobs: int = 1
    dask: str | None = None
    as_json: bool = False
    write_test: Path | None = None
    allows_outcomes: bool = False
    has_database: bool = True


def fuzz(paths: Sequence[Path], options: FuzzOptions) -> int:
    """Explore scenarios and print what was found; return the exit code.

    Every file is read before the first one runs, so that a wrong call does nothing at all.

    Raises:
        UsageError: a scenario, an app or an argument is wrong.
    """
    scenarios = [load(path) for path in scenario_files(paths)]
    faults_from_text(options.faults)
    what_if_of(options.what_if)
    if options.write_test is not None:
        check_target(options.write_test)
    if options.schedule is not None:
        return _replay(scenarios, options)
    return _Fuzzer(options, is_one=len(paths) == 1 and not is_folder(paths[0])).all_of(scenarios)


class _Fuzzer:
    def __init__(self, options: FuzzOptions, *, is_one: bool) -> None:
        self._options = options
        self._is_one = is_one
        self._console = wide_console()
        self._documents: list[dict[str, Any]] = []
        self._regressions: list[Regression] = []
        self._failed: list[Path] = []
        self._unexplored: list[Path] = []
        self._complaints: set[str] = set()

    def all_of(self, scenarios: Sequence[LoadedScenario]) -> int:
        is_interrupted = False
        for index, scenario in enumerate(scenarios):
            if index and not self._options.as_json:
                self._console.print()
            found = self._explore(scenario, is_only=len(scenarios) == 1)
            if found is None:
                continue
            self._tell(scenario, found)
            self._listen(scenario)
            is_interrupted = INTERRUPTED in found.notes
            if is_interrupted:
                break
        if self._options.as_json:
            print(json.dumps(self._documents[0] if self._is_one else self._documents, indent=2))
        elif len(scenarios) > 1:
            self._console.print()
            self._console.print(self._summary(len(scenarios)), soft_wrap=True)
        self._write()
        if self._failed:
            return 1
        return 130 if is_interrupted else 2 if self._unexplored else 0

    def _explore(self, scenario: LoadedScenario, *, is_only: bool) -> Exploration | None:
        """Return what was found; None if one of several cannot be explored."""
        options = self._options
        try:
            with ProgressLine(printable(str(scenario.path)), options.schedules) as line, hushed():
                memory = self._memory(scenario)
                found = explore(
                    scenario,
                    schedules=options.schedules,
                    strategy=options.strategy,
                    faults=faults_from_text(options.faults),
                    what_if=options.what_if,
                    seed=options.seed,
                    seconds=options.seconds,
                    first=memory.still_failing(_trial(scenario, options)) if memory else (),
                    jobs=options.jobs,
                    dask=options.dask,
                    on_run=line,
                )
        except UsageError as error:
            if is_only:
                raise
            self._unexplored.append(scenario.path)
            said = printable(f"{scenario.path}: {error}", lines=True)
            print(f"wfsim: {said}", file=sys.stderr)
            self._documents.append(
                {"scenario": str(scenario.path), "ok": False, "error": str(error)}
            )
            return None

        if memory:
            memory.keep(found)
            memory.complain(once=self._complaints)
        return found

    def _memory(self, scenario: LoadedScenario) -> Memory | None:
        options = self._options
        if not options.has_database:
            return None
        faults = faults_text(faults_from_text(options.faults))
        what_if = f"; what if {options.what_if}" if options.what_if else ""
        return Memory(scenario, f"faults {faults}{what_if}")

    def _tell(self, scenario: LoadedScenario, found: Exploration) -> None:
        options = self._options
        for failure in found.failures:
            self._regressions.append(_regression(scenario, failure, options))
        if found.has_failed:
            self._failed.append(scenario.path)
        commands = [_command(scenario, failure.words, options) for failure in found.failures]
        if options.as_json:
            self._documents.append(explored_document(scenario, found, commands))
            return
        _print(self._console, _explored(scenario, found, commands, self._console.width, options))

    def _listen(self, scenario: LoadedScenario) -> None:
        """Tell what a guard hears where nothing is explored, so that nothing is remembered."""
        guard = self._options.guard
        if guard == "off":
            return
        with contextlib.redirect_stdout(sys.stderr):
            outcome = play(scenario, guard=guard)
        heard = [finding for finding in outcome.findings if finding.code == GUARD_CODE]
        for finding in heard:
            print(f"wfsim: {printable(str(finding))}", file=sys.stderr)
        if heard and guard == "error" and scenario.path not in self._failed:
            self._failed.append(scenario.path)

    def _summary(self, scenarios: int) -> Text:
        if not self._failed and not self._unexplored:
            return Text(f"✓ no problem in {scenarios} scenarios", style="bold green")
        text = Text(f"✗ {len(self._failed)} of {scenarios} scenarios failed:", style="bold red")
        if not self._failed:
            text = Text(f"✗ {len(self._unexplored)} of {scenarios} could not be explored:")
        for path in self._failed or self._unexplored:
            text.append(f"\n  {printable(str(path))}", style="not bold")
        return text

    def _write(self) -> None:
        target = self._options.write_test
        if target is not None and self._regressions:
            write_regressions(target, self._regressions)
            print(f"wfsim: wrote {printable(str(target))}", file=sys.stderr)
        elif target is not None:
            print("wfsim: no problem was found, so there is no test to write", file=sys.stderr)


def _explored(
    scenario: LoadedScenario,
    found: Exploration,
    commands: list[str],
    width: int,
    options: FuzzOptions,
) -> Iterator[Text]:
    yield Text(printable(str(scenario.path)), style="bold underline")
    for failure, command in zip(found.failures, commands, strict=True):
        yield from failure_story(failure, width=width)
        yield Text()
        yield Text(f"schedule: {printable(failure.words)}")
        yield Text(f"again:    {printable(command)}")
        if options.write_test is None:
            yield Text("a test:   the same command with --write-test test_schedule.py")
        yield Text()
    outcomes = [] if options.allows_outcomes else list(outcome_lines(found))
    yield from outcomes
    if outcomes:
        yield Text()
    yield from reach_lines(found)
    if not found.has_failed:
        so_far = " so far" if INTERRUPTED in found.notes else ""
        yield Text(f"✓ no problem found{so_far}", style="bold green")


def _replay(scenarios: list[LoadedScenario], options: FuzzOptions) -> int:
    """Play the one schedule that was given."""
    assert options.schedule is not None
    if len(scenarios) > 1:
        raise UsageError(
            f"--schedule takes one scenario, and got {len(scenarios)}. A schedule belongs to one."
        )
    (scenario,) = scenarios
    trial = _trial(scenario, options)
    with contextlib.redirect_stdout(sys.stderr):
        replayed = follow(trial, options.schedule)
    problems = replayed.observed.problems
    if options.as_json:
        print(json.dumps(replayed_document(scenario, replayed), indent=2))
    else:
        console = wide_console()
        _print(console, [Text(printable(str(scenario.path)), style="bold underline")])
        _print(console, played_story(replayed.observed, width=console.width))
    if not replayed.fits:
        print(f"wfsim: {printable(unfit(replayed), lines=True)}", file=sys.stderr)
    if problems and options.write_test is not None:
        first = _regression_of(scenario, replayed.observed.words, problems[0].text, options)
        write_regressions(options.write_test, [first])
        print(f"wfsim: wrote {printable(str(options.write_test))}", file=sys.stderr)
    if problems:
        return 1
    return 0 if replayed.fits else 2


def _trial(scenario: LoadedScenario, options: FuzzOptions) -> Trial:
    faults = faults_from_text(options.faults)
    return trial_of(scenario, None, faults=faults, what_if=what_if_of(options.what_if))


def _regression(scenario: LoadedScenario, failure: Failure, options: FuzzOptions) -> Regression:
    return _regression_of(scenario, failure.words, failure.problem.text, options)


def _regression_of(
    scenario: LoadedScenario, words: str, problem: str, options: FuzzOptions
) -> Regression:
    return Regression(
        scenario=scenario.path,
        words=words,
        problem=problem,
        faults=faults_text(faults_from_text(options.faults)),
        what_if=options.what_if or "",
    )


def _command(scenario: LoadedScenario, words: str, options: FuzzOptions) -> str:
    """Return the command line that plays a schedule again, for a shell."""
    parts = ["wfsim", "fuzz", str(scenario.path)]
    faults = faults_text(faults_from_text(options.faults))
    if faults != "all":
        parts += ["--faults", faults]
    if options.what_if:
        parts += ["--what-if", options.what_if]
    return shlex.join([*parts, "--schedule", words])


def _print(console: Console, lines: Iterator[Text] | list[Text]) -> None:
    for line in lines:
        console.print(line, soft_wrap=True)
