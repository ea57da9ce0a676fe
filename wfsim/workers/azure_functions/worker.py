"""Runs orchestrators of `azure-functions-durable` 1.x, and checks that they replay.

There are two lanes. On the wire lane each episode goes to the SDK as the host sends it, JSON text
in and out, whole history and all. On the fast lane the SDK's executor of a generation stays alive
and is given the news. Both answer the same, and neither changes what the SDK does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from wfsim.errors import InternalError, NonDeterminismError
from wfsim.hub.context import ReplayContext
from wfsim.hub.executor import Pass
from wfsim.hub.settings import HostSettings
from wfsim.hub.worker import Episode, Waiting, Walk
from wfsim.trace import Finding
from wfsim.workers.azure_functions import _sdk, hints
from wfsim.workers.azure_functions._sdk import Observation, Registered
from wfsim.workers.azure_functions.app import LoadedApp
from wfsim.workers.azure_functions.chance import Chance
from wfsim.workers.azure_functions.failures import plain_failure
from wfsim.workers.azure_functions.live import Borders, FastLane, Live
from wfsim.workers.azure_functions.memory import Checked, Known, Recall
from wfsim.workers.azure_functions.observed import waiting_of
from wfsim.workers.azure_functions.replays import Replays, called
from wfsim.workers.azure_functions.reply import Reply
from wfsim.workers.azure_functions.verify import difference
from wfsim.workers.azure_functions.walk import HTTP_ACTIVITY, ClassicWalk
from wfsim.workers.azure_functions.wire import ContextWriter

__all__ = ["AzureWorker"]


class AzureWorker:
    """Calls the app's orchestrators as the Functions host does, and checks that they replay.

    Args:
        app: The loaded app.
        settings: The host's settings.
        chance: Rules clocks and randomness while user code runs.
        report: Takes findings.
        is_fast: Whether generators stay alive between episodes, and only some of the borders of a
            long history are replayed. Else each episode begins anew, and all are.
    """

    def __init__(
        self,
        app: LoadedApp,
        *,
        settings: HostSettings,
        chance: Chance,
        report: Callable[[Finding], None],
        is_fast: bool = False,
    ) -> None:
        self._app = app
        memory = app.memory
        self._recall = None if memory is None else Recall(memory, self._orchestrator, settings)
        self._chance = chance
        self._report = report
        self._writer = ContextWriter(settings)
        self._default_version = settings.default_version
        self._lane = (
            FastLane(settings=settings, writer=self._writer, call=self._call)
            if is_fast and memory is None  # whose answers nothing may be added to
            else None
        )
        self._replays = Replays(
            app, chance=chance, writer=self._writer, lane=self._lane, ran=self._runs
        )
        self.borders = Borders(is_thorough=not is_fast)
        self._earlier: dict[str, tuple[int, Reply]] = {}
        """Per generation: how many events the last answer was for, and the answer."""
        self._seen: dict[str, tuple[int, Observation]] = {}
        self._waiting: dict[str, tuple[int, Waiting]] = {}
        """What was remembered instead of seen."""
        self._has_told = False
        """Whether the latest pass has reported a finding."""
        self._latest: tuple[Episode, Known | None] | None = None
        """What is known of an episode, as long as no code of the user's has run since."""

    # --- the hub's worker -----------------------------------------------------------------------

    def recall(self, episode: Episode) -> Pass | None:
        """Return what an earlier simulation has seen, as if it had been called now."""
        known = self._known(episode)
        self._latest = episode, known
        if known is None or known.outcome is None:
            return None
        self._chance.skip_passes(1)
        return known.outcome

    def keep(self, episode: Episode, outcome: Pass) -> None:
        """Remember a pass of which nothing else is left than its outcome."""
        known, walk = self._known(episode), outcome.walk
        if known is None or not isinstance(walk, ClassicWalk) or walk.reply is not known.reply:
            return
        if outcome.error is None and not self._has_told:
            known.outcome = outcome

    def begin(self, episode: Episode, host: ReplayContext) -> Walk:
        """Call the orchestrator once and start to walk its answer."""
        function = self._orchestrator(episode.name)
        if function is None:
            # The host checks names when an instance is started, so only a child gets here.
            raise InternalError(f"Orchestrator {episode.name!r} is not registered.")
        self._has_told = False
        return ClassicWalk(
            episode.name,
            self._answer(episode, function),
            host,
            own_ids=_own_ids(episode),
            exists=lambda kind, name: self._exists(episode, kind, name),
            fail=lambda error: plain_failure(episode.name, error, root=self._app.root),
            default_version=self._default_version,
        )

    def resume(self, episode: Episode, walk: Walk) -> bool:
        """Let a walk go on with what the kept generator does with an episode's news."""
        lane, function = self._lane, self._orchestrator(episode.name)
        if lane is None or function is None or not lane.can_go_on(episode):
            return False
        self._has_told = False
        return isinstance(walk, ClassicWalk) and walk.go_on(self._answer(episode, function))

    def _answer(self, episode: Episode, function: Registered) -> Reply:
        live = self._live(episode)
        if live is not None:
            return live.reply  # what `resume` got, and the walk before could not take
        known = self._still_known(episode)
        if known is not None and known.reply is not None:
            self._chance.skip_passes(1)
            return known.reply
        with self._chance.orchestrator_pass(0, is_watched=False), _sdk.shortcuts():
            if self._lane is not None:
                reply = self._lane.answer(episode, function)
            else:
                reply = self._call(lambda: function.call(self._writer.context(episode)))
        if self._recall is not None and known is not None:
            self._recall.keep_reply(episode, known, reply)
        return reply

    def verify(self, episode: Episode, walk: Walk, *, is_last: bool = False) -> None:
        """Replay an episode, if its turn border is one to be replayed, and compare it all.

        Raises:
            NonDeterminismError: something differs.
        """
        if not isinstance(walk, ClassicWalk):
            raise InternalError(f"A walk of another worker: {walk!r}.")
        execution_id, length = episode.execution_id, len(episode.history)
        live = self._live(episode)
        if is_last and (live is None or not self.borders.is_open(execution_id, length)):
            return
        is_end = is_last or walk.result.done
        if not self.borders.is_due(execution_id, length, is_last=is_end or live is None):
            if live is not None:
                self._seen[execution_id] = (length, live.seen)
                self._tell(hints.findings(self._app, episode, walk, live.seen))
            return
        try:
            self._check(episode, walk)
        except NonDeterminismError:
            if self._lane is not None:
                self._lane.bar(execution_id)
            raise

    def _check(self, episode: Episode, walk: ClassicWalk) -> None:
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
        known = self._still_known(episode)
        if known is not None and known.reply is not answer:
            known = None
        checked = None if known is None else known.checked
        if checked is not None and (
            earlier is None or difference(earlier[1], answer, is_whole=False) is None
        ):
            self._repeat(episode, checked)
            return
        began = self._chance.passes
        live = self._live(episode)
        seen, touched = self._replays.check(
            episode, answer, earlier and earlier[1], None if live is None else live.seen
        )
        self._seen[episode.execution_id] = (len(episode.history), seen)
        findings = self._tell(hints.findings(self._app, episode, walk, seen))
        if known is not None and not touched and self._may_keep(episode, known):
            known.checked = Checked(
                passes=self._chance.passes - began, findings=findings, waiting=waiting_of(seen)
            )

    def _tell(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        told = tuple(findings)
        for finding in told:
            self._report(finding)
        return told

    def _repeat(self, episode: Episode, checked: Checked) -> None:
        """Do what a check did that found no difference."""
        self._chance.skip_passes(checked.passes)
        self._waiting[episode.execution_id] = (len(episode.history), checked.waiting)
        self._tell(checked.findings)

    def are_sure_elsewhere(self, passed: Sequence[tuple[Episode, Walk]]) -> bool:
        """Whether another worker has replayed all this before, and would find no difference again.

        If so, chance goes on as if it had.
        """
        known = [self._checked(episode, walk) for episode, walk in passed]
        passes = [item.elsewhere for item in known if item is not None]
        sure = [number for number in passes if number is not None]
        if len(sure) < len(passed):
            return False
        self._chance.skip_passes(sum(sure))
        return True

    def note_elsewhere(self, episode: Episode, walk: Walk, passes: int) -> None:
        """Remember that another worker found no difference, if that is always so."""
        known = self._checked(episode, walk)
        # Data may come from the import, and be another in each process.
        if known is not None and not known.has_data:
            known.elsewhere = passes

    def _checked(self, episode: Episode, walk: Walk) -> Known | None:
        known = self._known(episode)
        is_same = isinstance(walk, ClassicWalk) and known is not None and known.reply is walk.reply
        return known if is_same and known is not None and known.checked is not None else None

    def forget(self, execution_id: str) -> None:
        """Drop what is remembered of a generation that ended or was rewound."""
        self._writer.forget(execution_id)
        self._replays.prepared.forget(execution_id)
        self.borders.forget(execution_id)
        if self._lane is not None:
            self._lane.forget(execution_id)
        self._earlier.pop(execution_id, None)
        self._seen.pop(execution_id, None)
        self._waiting.pop(execution_id, None)
        if self._recall is not None:
            self._recall.forget(execution_id)

    def lose(self, execution_id: str) -> None:
        """Go on as a new worker would, and replay the next border."""
        self.borders.crashed(execution_id)
        if self._lane is not None:
            self._lane.lose(execution_id)

    def close(self) -> None:
        """Let go of all generators."""
        if self._lane is not None:
            with self._chance.orchestrator_pass(0):
                self._lane.close()

    def waiting(self, episode: Episode) -> Waiting:
        """Return what the orchestrator waits for after an episode."""
        told = self._waiting.get(episode.execution_id)
        if told is not None and told[0] == len(episode.history):
            return told[1]
        if self._has_seen(episode):
            return waiting_of(self._look(episode))
        known = self._known(episode)
        waiting = None if known is None else known.looked
        if waiting is not None:
            self._chance.skip_passes(1)
        else:
            waiting = waiting_of(self._look(episode))
            if known is not None and self._may_keep(episode, known):
                known.looked = waiting
        self._waiting[episode.execution_id] = (len(episode.history), waiting)
        return waiting

    def _has_seen(self, episode: Episode) -> bool:
        known = self._seen.get(episode.execution_id)
        return known is not None and known[0] == len(episode.history)

    def _look(self, episode: Episode) -> Observation:
        """Return what the orchestrator does in an episode, with a pass of its own if need be."""
        if self._has_seen(episode):
            return self._seen[episode.execution_id][1]
        live = self._live(episode)
        if live is not None:
            return live.seen
        seen = Observation()
        self._replays.observe(episode, seen, later=False, variant=1)
        self._seen[episode.execution_id] = (len(episode.history), seen)
        return seen

    # --- what is known ----------------------------------------------------------------------------

    def _live(self, episode: Episode) -> Live | None:
        """Return the generation of an episode on the fast lane, if it stands at the end of it."""
        return None if self._lane is None else self._lane.find(episode)

    def _call(self, run: Callable[[], str]) -> Reply:
        self._runs()
        return called(run)

    def _runs(self) -> None:
        """Note that code of the user's runs, after which nothing need be as it was."""
        self._latest = None

    def _known(self, episode: Episode) -> Known | None:
        return None if self._recall is None else self._recall.known(episode)

    def _still_known(self, episode: Episode) -> Known | None:
        """Return what is known, without a new look if no code of the user's has run since."""
        latest, self._latest = self._latest, None
        is_new = latest is not None and latest[0] is episode
        return latest[1] if latest is not None and is_new else self._known(episode)

    def _may_keep(self, episode: Episode, known: Known) -> bool:
        return self._recall is not None and self._recall.may_keep(episode, known)

    # --- the app --------------------------------------------------------------------------------

    def _orchestrator(self, name: str) -> Registered | None:
        return self._app.find("orchestrator", name)

    def _exists(self, episode: Episode, kind: str, name: str) -> bool:
        if name == HTTP_ACTIVITY or self._app.find(kind, name) is not None:
            return True
        self._has_told = True
        # A walk outlives the episode that it began with.
        live = None if self._lane is None else self._lane.latest(episode.execution_id)
        seen = self._look(episode) if live is None else live.seen
        place = seen.place_of_call(name)
        self._report(hints.unknown(self._app, episode, kind, name, place=place))
        return False


def _own_ids(episode: Episode) -> frozenset[str]:
    parent = episode.started.parent
    ids = [episode.instance_id] if parent is None else [episode.instance_id, parent.instance_id]
    return frozenset(item.casefold() for item in ids)
