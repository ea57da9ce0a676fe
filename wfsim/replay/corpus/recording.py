"""Explores today's code, and keeps the fewest histories that show all of it that was reached."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from wfsim.choices import first_in_first_out
from wfsim.errors import UsageError
from wfsim.explore.strategies import RandomStrategy
from wfsim.explore.trial import ScenarioTrial
from wfsim.explore.what_if import WhatIf
from wfsim.explore.words import Numbered
from wfsim.replay.corpus.coverage import Covered, covered, yields_of
from wfsim.replay.corpus.read import CorpusFile
from wfsim.replay.corpus.write import text_of
from wfsim.replay.formats.traces import of_trace
from wfsim.replay.records import RecordedHistory
from wfsim.replay.replayer import Replayer
from wfsim.replay.results import Verdict
from wfsim.scenario import LoadedScenario
from wfsim.trace import Place, Trace

__all__ = ["OrchestratorCoverage", "Recording", "record"]

_WHAT_IF: Final[frozenset[WhatIf]] = frozenset({"events", "failures"})


@dataclass(slots=True)
class OrchestratorCoverage:
    """What a corpus shows of one orchestrator."""

    name: str
    features: set[str] = field(default_factory=set[str])
    reached: int = 0
    """How many of its own yields some history reaches."""
    unreached: list[Place] = field(default_factory=list[Place])
    files: list[Path] = field(default_factory=list[Path])


@dataclass(slots=True)
class Recording:
    """What `record` did."""

    orchestrators: dict[str, OrchestratorCoverage]
    written: list[Path] = field(default_factory=list[Path])
    kept: list[Path] = field(default_factory=list[Path])
    """Files that were there, and still show something."""
    obsolete: dict[Path, str] = field(default_factory=dict[Path, str])
    """Files that today's code does not take over, or that show nothing new; and why."""
    skipped: dict[str, str] = field(default_factory=dict[str, str])
    """Orchestrators that do not even take over what they just did; and why."""


def record(
    scenarios: Sequence[LoadedScenario],
    folder: Path,
    *,
    schedules: int = 200,
    seed: int = 0,
    on_run: Callable[[int], None] | None = None,
) -> Recording:
    """Record a corpus for one app.

    Files that are there and still good stay as they are, to the byte; what they do not show is
    added.

    Args:
        scenarios: What is played: as written, and with events and failures at other times. All are
            of one app.
        folder: Where the corpus is, or will be.
        schedules: How many runs of each scenario.
        seed: Decides which.
        on_run: Called after each run with their number.

    Raises:
        UsageError: there is no scenario, or they are of several apps.
    """
    apps = {str(scenario.app) for scenario in scenarios}
    if len(apps) != 1:
        raise UsageError(
            f"A corpus is of one app, but these {len(scenarios)} scenarios have {len(apps)}. "
            "Record them one after the other."
        )
    app = apps.pop()
    with Replayer(app) as replayer:
        recording = Recording(orchestrators={})
        fresh = _explored(scenarios, replayer, schedules, seed, on_run, recording)
        shown = _kept(folder, app, replayer, recording)
        reached = {place for item in (*fresh, *shown) for place in item.places}
        features = {feature for item in shown for feature in item.features}
        folder.mkdir(parents=True, exist_ok=True)
        for item, new in _fewest(fresh, features):
            _write(item, new, folder, app, recording)
        _count([*shown, *fresh], reached, replayer, recording)
    return recording


def _explored(
    scenarios: Sequence[LoadedScenario],
    replayer: Replayer,
    schedules: int,
    seed: int,
    on_run: Callable[[int], None] | None,
    recording: Recording,
) -> list[Covered]:
    """Return the histories of all runs, each that shows something of its own once."""
    found: dict[str, Covered] = {}
    played = 0
    for scenario in scenarios:
        for trace in _runs(scenario, schedules, seed):
            played += 1
            for history in of_trace(trace, path=str(scenario.path)):
                if isinstance(history, RecordedHistory):
                    _look(history, replayer, found, recording)
            if on_run is not None:
                on_run(played)
    return [found[text] for text in sorted(found, key=lambda text: (len(text), text))]


def _runs(scenario: LoadedScenario, schedules: int, seed: int) -> Iterator[Trace]:
    yield ScenarioTrial(scenario).run(first_in_first_out).trace
    strategy = RandomStrategy(seed=seed)
    trial = ScenarioTrial(scenario, what_if=_WHAT_IF)
    for number in range(1, schedules):
        yield trial.run(Numbered(number, strategy.chooser(number))).trace


def _look(
    history: RecordedHistory,
    replayer: Replayer,
    found: dict[str, Covered],
    recording: Recording,
) -> None:
    text = text_of(history)
    if text in found or history.name in recording.skipped:
        return
    result = replayer.replay(history)
    if result.verdict is not Verdict.COMPATIBLE:
        cause = "" if result.difference is None else result.difference.cause
        recording.skipped[history.name] = cause or str(result.verdict)
        return
    with replayer.active():
        found[text] = covered(history, replayer.rehearsal)


def _kept(folder: Path, app: str, replayer: Replayer, recording: Recording) -> list[Covered]:
    """Return what the files show that are there already; note those that are of no use."""
    found: dict[Path, Covered] = {}
    for path in sorted(folder.glob("*.yaml")):
        file = CorpusFile(path)
        if file.app and _resolved(file.app) != _resolved(app):
            continue  # another app's
        history = file.history
        result = replayer.replay(history)
        if result.verdict.is_bad:
            recording.obsolete[path] = f"today's code does not take it over ({result.verdict})"
            continue
        with replayer.active():
            found[path] = covered(history, replayer.rehearsal)
    for path in list(found):
        others = (item.features for other, item in found.items() if other != path)
        if set[str]().union(*others).issuperset(found[path].features):
            recording.obsolete[path] = "others show all that it shows"
            del found[path]
    for path, item in found.items():
        recording.kept.append(path)
        _of(recording, item.history.name).files.append(path)
    return list(found.values())


def _fewest(
    candidates: Iterable[Covered], known: set[str]
) -> Iterator[tuple[Covered, tuple[str, ...]]]:
    """Yield the candidates that together show everything, the most telling first."""
    left = list(candidates)
    chosen: list[Covered] = []
    shown = set(known)
    while left:
        # The first of several that tell as much is the shortest.
        best = max(left, key=lambda item: len(set(item.features) - shown))
        if shown.issuperset(best.features):
            break
        chosen.append(best)
        shown.update(best.features)
        left.remove(best)
    for item in list(chosen):
        others = [other for other in chosen if other is not item]
        rest = known.union(*(other.features for other in others))
        if rest.issuperset(item.features):
            chosen.remove(item)
    shown = set(known)
    for item in chosen:
        yield item, tuple(feature for feature in item.features if feature not in shown)
        shown.update(item.features)


def _write(
    item: Covered, new: tuple[str, ...], folder: Path, app: str, recording: Recording
) -> None:
    history = item.history
    digest = hashlib.sha256(text_of(history).encode()).hexdigest()[:8]
    path = folder / f"{history.name}-{digest}.yaml"
    shows = tuple(feature.removeprefix(f"{history.name}: ") for feature in new)
    text = text_of(history, app=_relative(app, folder), covers=shows)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(text.encode())
    part.replace(path)
    recording.written.append(path)
    _of(recording, history.name).files.append(path)


def _count(
    items: Iterable[Covered], reached: set[Place], replayer: Replayer, recording: Recording
) -> None:
    for item in items:
        _of(recording, item.history.name).features.update(item.features)
    for name, coverage in recording.orchestrators.items():
        place = replayer.rehearsal.place_of(name)
        if place is None:
            continue
        lines = {found.line for found in reached if found.file == place.file}
        for first, last in yields_of(place):
            if lines.isdisjoint(range(first, last + 1)):
                coverage.unreached.append(Place(file=place.file, line=first))
            else:
                coverage.reached += 1


def _of(recording: Recording, name: str) -> OrchestratorCoverage:
    return recording.orchestrators.setdefault(name, OrchestratorCoverage(name=name))


def _resolved(app: str) -> str:
    return app if ":" in Path(app).name else str(Path(app).resolve())


def _relative(app: str, folder: Path) -> str:
    if ":" in Path(app).name:
        return app
    return Path(os.path.relpath(Path(app).resolve(), folder.resolve())).as_posix()
