"""Runs orchestrators of `azure-functions-durable` 1.x over the wire: JSON text in and out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from wfsim.errors import InternalError
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
from wfsim.workers.azure_functions.memory import Checked, Known, Recall
from wfsim.workers.azure_functions.observed import waiting_of
from wfsim.workers.azure_functions.prepared import PreparedHistories
from wfsim.workers.azure_functions.reply import Reply, from_error, from_text
from wfsim.workers.azure_functions.twin import descending, other_order
from wfsim.workers.azure_functions.verify import (
    Difference,
    Replayer,
    cause_of,
    difference,
    error_of,
    place_of,
)
from wfsim.workers.azure_functions.walk import HTTP_ACTIVITY, ClassicWalk
from wfsim.workers.azure_functions.wire import ContextWriter

__all__ = ["AzureWorker"]


_SET_ORDER = "the order of a set of text, which is another one in every process (sort it)"
_VARIANTS = 8
"""Replays of a pass that reads the clock or chance: a coin seen once shows one side."""


class AzureWorker:
    """Calls the app's orchestrators as the Functions host does, and checks that they replay.

    Args:
        app: The loaded app.
        settings: The host's settings.
        chance: Rules clocks and randomness while user code runs.
        report: Takes findings.
    """

    def __init__(
        self,
        app: LoadedApp,
        *,
        settings: HostSettings,
        chance: Chance,
        report: Callable[[Finding], None],
    ) -> None:
        self._app = app
        memory = app.memory
        self._recall = None if memory is None else Recall(memory, self._orchestrator, settings)
        self._chance = chance
        self._report = report
        self._writer = ContextWriter(settings)
        self._default_version = settings.default_version
        self._prepared = PreparedHistories()
        self._earlier: dict[str, tuple[int, Reply]] = {}
        """Per generation: how many events the last answer was for, and the answer."""
        self._seen: dict[str, tuple[int, Observation]] = {}
        self._waiting: dict[str, tuple[int, Waiting]] = {}
        """What was remembered instead of seen."""
        self._has_told = False
        """Whether the latest pass has reported a finding."""
        self._latest: tuple[Episode, Known | None] | None = None
        """What is known of an episode, as long as no code of the user's has run since."""
        self._twins: dict[str, Callable[..., object] | None] = {}

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

    def _answer(self, episode: Episode, function: Registered) -> Reply:
        known = self._still_known(episode)
        if known is not None and known.reply is not None:
            self._chance.skip_passes(1)
            return known.reply
        with self._chance.orchestrator_pass(0), _sdk.shortcuts():
            reply = self._call(lambda: function.call(self._writer.context(episode)))
        if self._recall is not None and known is not None:
            self._recall.keep_reply(episode, known, reply)
        return reply

    def verify(self, episode: Episode, walk: Walk) -> None:
        """Replay an episode and compare all that it asks for.

        Raises:
            NonDeterminismError: something differs.
        """
        if not isinstance(walk, ClassicWalk):
            raise InternalError(f"A walk of another worker: {walk!r}.")
        answer = walk.reply
        earlier = self._earlier.get(episode.execution_id)
        self._earlier[episode.execution_id] = (len(episode.history), answer)
        # Where the SDK itself broke no actions came back at all, so there is nothing to compare.
        if earlier is not None and (earlier[0] >= len(episode.history) or not answer.is_labelled):
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
        seen, replayed, touched = self._replay(episode, answer)
        self._seen[episode.execution_id] = (len(episode.history), seen)
        if earlier is not None:
            self._compare(episode, earlier[1], answer, seen, is_whole=False)
        self._compare(episode, answer, replayed, seen)
        self._compare_reordered(episode, answer)
        findings = tuple(hints.findings(self._app, episode, walk, seen))
        for finding in findings:
            self._report(finding)
        if known is not None and not touched and self._may_keep(episode, known):
            known.checked = Checked(
                passes=self._chance.passes - began, findings=findings, waiting=waiting_of(seen)
            )

    def _repeat(self, episode: Episode, checked: Checked) -> None:
        """Do what a check did that found no difference."""
        self._chance.skip_passes(checked.passes)
        self._waiting[episode.execution_id] = (len(episode.history), checked.waiting)
        for finding in checked.findings:
            self._report(finding)

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
        self._prepared.forget(execution_id)
        self._earlier.pop(execution_id, None)
        self._seen.pop(execution_id, None)
        self._waiting.pop(execution_id, None)
        if self._recall is not None:
            self._recall.forget(execution_id)

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
        seen = Observation()
        self._observed(episode, seen, later=False, variant=1)
        self._seen[episode.execution_id] = (len(episode.history), seen)
        return seen

    # --- replaying ------------------------------------------------------------------------------

    def _replay(self, episode: Episode, answer: Reply) -> tuple[Observation, Reply, bool]:
        """Replay until something differs, or it is clear that nothing does.

        Returns what was seen, the answer, and whether clock or chance were read.
        """
        seen = Observation()
        replayed, touched = self._observed(episode, seen, later=True, variant=1)
        variant = 1
        while touched and variant < _VARIANTS and difference(answer, replayed) is None:
            variant += 1
            seen = Observation()
            replayed, _ = self._observed(episode, seen, later=True, variant=variant)
        return seen, replayed, touched

    def _compare(
        self,
        episode: Episode,
        recorded: Reply,
        replayed: Reply,
        seen: Observation,
        *,
        is_whole: bool = True,
    ) -> None:
        found = difference(recorded, replayed, is_whole=is_whole)
        if found is None:
            return
        replayer = self._replayer(episode)
        cause, cause_place = cause_of(replayer, recorded)
        raise error_of(
            found,
            names=(episode.name, episode.instance_id),
            answers=(recorded, replayed),
            place=place_of(replayer, found, recorded, replayed, seen),
            cause=cause,
            cause_place=cause_place,
        )

    def _compare_reordered(self, episode: Episode, answer: Reply) -> None:
        for is_descending in (False, True):
            other = self._reordered(episode, answer, is_descending=is_descending)
            if other is not None:
                # A twin has the globals of the moment at which it was made: make it anew.
                self._twins.pop(episode.name, None)
                other = self._reordered(episode, answer, is_descending=is_descending)
            if other is not None:
                found, replayed, seen = other
                replayer = self._replayer(episode)
                raise error_of(
                    found,
                    names=(episode.name, episode.instance_id),
                    answers=(answer, replayed),
                    place=place_of(replayer, found, answer, replayed, seen),
                    cause=_SET_ORDER,
                    cause_place=None,
                )

    def _reordered(
        self, episode: Episode, answer: Reply, *, is_descending: bool
    ) -> tuple[Difference, Reply, Observation] | None:
        """Replay with sets in another order, and return what differs from the answer, if any."""
        twin = self._twin(episode.name)
        if twin is None:
            return None
        seen = Observation()
        with descending(yes=is_descending):
            replayed, _ = self._observed(episode, seen, later=True, variant=0, code=twin)
        found = difference(answer, replayed)
        return None if found is None else (found, replayed, seen)

    def _replayer(self, episode: Episode) -> Replayer:
        variants = iter(range(2, 1000))

        def replay(seen: Observation, *, later: bool) -> Reply:
            return self._observed(episode, seen, later=later, variant=next(variants))[0]

        return Replayer(
            same=lambda seen: replay(seen, later=False),
            later=lambda seen: replay(seen, later=True),
        )

    def _observed(
        self,
        episode: Episode,
        seen: Observation,
        *,
        later: bool,
        variant: int,
        code: Callable[..., object] | None = None,
    ) -> tuple[Reply, bool]:
        function = self._orchestrator(episode.name)
        if function is None:
            raise InternalError(f"Orchestrator {episode.name!r} is not registered.")
        users = code or _sdk.orchestrator_code(function.call)
        with self._chance.orchestrator_pass(variant) as reads, _sdk.shortcuts():
            # Inside the pass: the SDK's date parser reads the clock, which nobody may notice.
            context = (
                _sdk.read_context(self._writer.opening(episode), history=self._prepared.of(episode))
                if later
                else _sdk.read_context(self._writer.context(episode))
            )
            reads.touched = False
            reply = self._call(lambda: _sdk.observe(function.call, users, context, seen))
        return reply, reads.touched

    def _call(self, run: Callable[[], str]) -> Reply:
        self._latest = None
        try:
            return from_text(run())
        except Exception as error:  # noqa: BLE001 - the SDK hands failures back by raising
            return from_error(error)

    def _twin(self, name: str) -> Callable[..., object] | None:
        function = self._orchestrator(name)
        if function is not None and name not in self._twins:
            self._twins[name] = other_order(_sdk.orchestrator_code(function.call))
        return self._twins.get(name)

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
        place = self._look(episode).place_of_call(name)
        self._report(hints.unknown(self._app, episode, kind, name, place=place))
        return False


def _own_ids(episode: Episode) -> frozenset[str]:
    parent = episode.started.parent
    ids = [episode.instance_id] if parent is None else [episode.instance_id, parent.instance_id]
    return frozenset(item.casefold() for item in ids)
