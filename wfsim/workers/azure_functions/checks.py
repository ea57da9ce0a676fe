"""Checks that episodes replay, at the borders where that may show something, and tells findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from wfsim.errors import NonDeterminismError
from wfsim.hub.worker import Episode, Waiting
from wfsim.trace import Finding
from wfsim.workers.azure_functions import hints
from wfsim.workers.azure_functions._sdk import Observation
from wfsim.workers.azure_functions.app import LoadedApp
from wfsim.workers.azure_functions.chance import Chance
from wfsim.workers.azure_functions.contained import Containment
from wfsim.workers.azure_functions.live import Borders, FastLane, Live
from wfsim.workers.azure_functions.memory import Checked
from wfsim.workers.azure_functions.observed import waiting_of
from wfsim.workers.azure_functions.remembered import Remembered
from wfsim.workers.azure_functions.replays import Replays
from wfsim.workers.azure_functions.reply import Reply
from wfsim.workers.azure_functions.verify import difference
from wfsim.workers.azure_functions.walk import ClassicWalk

__all__ = ["Checks"]


class Checks:
    """The checks of one worker, and what its orchestrators have shown.

    Args:
        app: The loaded app.
        chance: Rules clocks and randomness while user code runs.
        report: Takes findings.
        replays: Replays episodes.
        borders: Chooses which.
        lane: Has the generators that stay alive, if any do.
        containment: Knows the orchestrators whose replays cannot differ; None to ask for none.
        remembered: What earlier simulations have found out.
    """

    def __init__(
        self,
        app: LoadedApp,
        *,
        chance: Chance,
        report: Callable[[Finding], None],
        replays: Replays,
        borders: Borders,
        lane: FastLane | None,
        containment: Containment | None,
        remembered: Remembered,
    ) -> None:
        self._app = app
        self._chance = chance
        self._report = report
        self._replays = replays
        self._borders = borders
        self._lane = lane
        self._containment = containment
        self._remembered = remembered
        self._earlier: dict[str, tuple[int, Reply]] = {}
        """Per generation: how many events the last answer was for, and the answer."""
        self._seen: dict[str, tuple[int, Observation]] = {}
        self._waiting: dict[str, tuple[int, Waiting]] = {}
        """What was remembered instead of seen."""

    def verify(self, episode: Episode, walk: ClassicWalk, *, is_last: bool) -> None:
        """Replay an episode, if its turn border is one to be replayed, and compare it all.

        Raises:
            NonDeterminismError: something differs.
        """
        execution_id, length = episode.started.execution_id, len(episode.history)
        live = None if self._lane is None else self._lane.at(execution_id, length)
        if is_last and (live is None or not self._borders.is_open(execution_id, length)):
            return
        is_contained = self._containment is not None and self._containment.still_covers(
            episode, is_fresh=not is_last
        )
        is_due = self._borders.is_due(
            execution_id,
            length,
            is_last=is_last or walk.result.done or (live is None and not is_contained),
            contained=episode.started.name if is_contained else None,
        )
        if not is_due:
            self._take(episode, walk, live)
            return
        try:
            self._check(episode, walk, is_contained=is_contained)
        except NonDeterminismError:
            if self._lane is not None:
                self._lane.bar(execution_id)
            raise

    def _take(self, episode: Episode, walk: ClassicWalk, live: Live | None) -> None:
        """Look at what an episode shows that is not replayed."""
        if live is not None:
            self._chance.skip_passes(1)  # as many as if it had been replayed
            findings = hints.findings(self._app, episode, walk, live.seen)
            if findings:
                self._tell(findings)
            return
        known = self._remembered.still_known(episode, walk.reply)
        if known is not None and known.proven is not None:
            self._repeat(episode, known.proven)
            return
        began = self._chance.passes
        self._chance.skip_passes(1)
        seen = self.look(episode)
        findings = self._tell(hints.findings(self._app, episode, walk, seen))
        if known is not None and self._remembered.may_keep(episode, known):
            passes = self._chance.passes - began
            known.proven = Checked(passes=passes, findings=findings, waiting=waiting_of(seen))

    def _check(self, episode: Episode, walk: ClassicWalk, *, is_contained: bool) -> None:
        answer = walk.reply
        earlier = self._earlier.get(episode.execution_id)
        self._earlier[episode.execution_id] = (len(episode.history), answer)
        # Where the SDK itself broke no actions came back at all, so there is nothing to compare;
        # and one list that has grown agrees with itself.
        if earlier is not None and (
            earlier[0] >= len(episode.history)
            or not answer.is_labelled
            or earlier[1].actions is answer.actions
        ):
            earlier = None
        known = self._remembered.still_known(episode, answer)
        checked = None if known is None else known.checked
        if checked is not None and (
            earlier is None or difference(earlier[1], answer, is_whole=False) is None
        ):
            self._repeat(episode, checked)
            return
        began = self._chance.passes
        live = self._live(episode)
        seen, touched = self._replays.check(
            episode,
            answer,
            earlier=None if earlier is None else earlier[1],
            seen=None if live is None else live.seen,
            is_contained=is_contained,
        )
        self.note(episode, seen)
        findings = self._tell(hints.findings(self._app, episode, walk, seen))
        if known is not None and not touched and self._remembered.may_keep(episode, known):
            known.checked = Checked(
                passes=self._chance.passes - began, findings=findings, waiting=waiting_of(seen)
            )

    def _tell(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        if findings == ():
            return ()
        told = tuple(findings)
        for finding in told:
            self._report(finding)
        return told

    def _repeat(self, episode: Episode, checked: Checked) -> None:
        """Do what a check did that found no difference."""
        self._chance.skip_passes(checked.passes)
        self._waiting[episode.execution_id] = (len(episode.history), checked.waiting)
        self._tell(checked.findings)

    # --- what was seen --------------------------------------------------------------------------

    def waiting(self, episode: Episode) -> Waiting:
        """Return what the orchestrator waits for after an episode."""
        told = self._waiting.get(episode.execution_id)
        if told is not None and told[0] == len(episode.history):
            return told[1]
        if self._has_seen(episode):
            return waiting_of(self.look(episode))
        known = self._remembered.known(episode)
        waiting = None if known is None else known.looked
        if waiting is not None:
            self._chance.skip_passes(1)
        else:
            waiting = waiting_of(self.look(episode))
            if known is not None and self._remembered.may_keep(episode, known):
                known.looked = waiting
        self._waiting[episode.execution_id] = (len(episode.history), waiting)
        return waiting

    def look(self, episode: Episode) -> Observation:
        """Return what the orchestrator does in an episode, with a pass of its own if need be."""
        if self._has_seen(episode):
            return self._seen[episode.execution_id][1]
        live = self._live(episode)
        if live is not None:
            return live.seen
        seen = Observation()
        self._replays.observe(episode, seen, later=False, variant=1)
        self.note(episode, seen)
        return seen

    def note(self, episode: Episode, seen: Observation) -> None:
        """Take what was seen of the orchestrator in an episode."""
        self._seen[episode.execution_id] = (len(episode.history), seen)

    def _has_seen(self, episode: Episode) -> bool:
        known = self._seen.get(episode.execution_id)
        return known is not None and known[0] == len(episode.history)

    def _live(self, episode: Episode) -> Live | None:
        return None if self._lane is None else self._lane.find(episode)

    def forget(self, execution_id: str) -> None:
        """Drop what is remembered of a generation."""
        self._borders.forget(execution_id)
        self._earlier.pop(execution_id, None)
        self._seen.pop(execution_id, None)
        self._waiting.pop(execution_id, None)
