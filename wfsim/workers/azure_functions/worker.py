"""Runs orchestrators of `azure-functions-durable` 1.x, and checks that they replay.

There are two lanes. On the wire lane each episode goes to the SDK as the host sends it, JSON text
in and out, whole history and all. On the fast lane the SDK's executor of a generation stays alive
and is given the news. Both answer the same, and neither changes what the SDK does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec

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
from wfsim.workers.azure_functions.checks import Checks
from wfsim.workers.azure_functions.contained import Containment
from wfsim.workers.azure_functions.failures import plain_failure
from wfsim.workers.azure_functions.live import Borders, FastLane, is_plain
from wfsim.workers.azure_functions.memory import Recall
from wfsim.workers.azure_functions.pasts import PreparedPasts
from wfsim.workers.azure_functions.policy import EACH, Policy
from wfsim.workers.azure_functions.prepared import PreparedContexts
from wfsim.workers.azure_functions.remembered import Remembered
from wfsim.workers.azure_functions.replays import Replays
from wfsim.workers.azure_functions.reply import Reply, called
from wfsim.workers.azure_functions.walk import HTTP_ACTIVITY, ClassicWalk
from wfsim.workers.azure_functions.wire import ContextWriter, over_wire

__all__ = ["AzureWorker"]

_P = ParamSpec("_P")


class AzureWorker:
    """Calls the app's orchestrators as the Functions host does, and checks that they replay.

    Args:
        app: The loaded app.
        settings: The host's settings.
        chance: Rules clocks and randomness while user code runs.
        report: Takes findings.
        policy: How much is checked.
    """

    def __init__(
        self,
        app: LoadedApp,
        *,
        settings: HostSettings,
        chance: Chance,
        report: Callable[[Finding], None],
        policy: Policy = EACH,
    ) -> None:
        self._app, memory = app, app.memory
        self._chance = chance
        self._report = report
        self._default_version = settings.default_version
        self._writer = ContextWriter(settings)
        contexts = PreparedContexts(settings)
        self._lane: FastLane | None = None
        if policy.is_fast and memory is None:  # to whose answers nothing may be added
            self._lane = FastLane(writer=self._writer, contexts=contexts)
        self._containment: Containment | None = None
        if policy.trusts_proofs:
            known = None if memory is None else memory.fingerprints
            self._containment = Containment(self._orchestrator, known)
        self._contained: Episode | None = None
        """The latest episode, if its orchestrator is self-contained."""
        recall = None if memory is None else Recall(memory, self._orchestrator, settings)
        self._remembered, self._has_memory = Remembered(recall, chance), recall is not None
        self.are_sure_elsewhere = self._remembered.are_sure_elsewhere
        self.note_elsewhere = self._remembered.note_elsewhere
        self._pasts = PreparedPasts(contexts, self._lane)
        self.borders = Borders(
            is_thorough=not policy.is_fast, ends=None if memory is None else memory.ends
        )
        ran = self._remembered.ran
        self._checks = Checks(
            app,
            chance=chance,
            report=report,
            replays=Replays(app, chance=chance, writer=self._writer, pasts=self._pasts, ran=ran),
            borders=self.borders,
            lane=self._lane,
            containment=self._containment,
            remembered=self._remembered,
        )
        self._has_told = False
        """Whether the latest pass has reported a finding."""

    # --- the hub's worker -----------------------------------------------------------------------

    def recall(self, episode: Episode) -> Pass | None:
        """Return what an earlier simulation has seen, as if it had been called now."""
        known = self._remembered.look_up(episode) if self._has_memory else None
        if known is None or known.outcome is None:
            return None
        self._chance.skip_passes(1)
        return known.outcome

    def keep(self, episode: Episode, outcome: Pass) -> None:
        """Remember a pass of which nothing else is left than its outcome."""
        if not self._has_memory:
            return
        known, walk = self._remembered.known(episode), outcome.walk
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
        self._look_at_code(episode)
        live = None if self._lane is None else self._lane.find(episode)
        return ClassicWalk(
            episode.name,
            # What `resume` got, if the walk before could not take it.
            self._answer(episode, function) if live is None else live.reply,
            host,
            own_ids=_own_ids(episode),
            exists=lambda kind, name: self._exists(episode, kind, name),
            fail=lambda error: plain_failure(episode.name, error, root=self._app.root),
            default_version=self._default_version,
        )

    def resume(self, episode: Episode, walk: Walk) -> bool:
        """Let a walk go on with what the kept generator does with an episode's news."""
        lane, function = self._lane, self._orchestrator(episode.started.name)
        if lane is None or function is None or not lane.can_go_on(episode):
            return False
        self._has_told = False
        self._look_at_code(episode)
        return isinstance(walk, ClassicWalk) and walk.go_on(self._answer(episode, function))

    def verify(self, episode: Episode, walk: Walk, *, is_last: bool = False) -> None:
        """Replay an episode, if its turn border is one to be replayed, and compare it all.

        Raises:
            NonDeterminismError: something differs.
        """
        if not isinstance(walk, ClassicWalk):
            raise InternalError(f"A walk of another worker: {walk!r}.")
        self._checks.verify(episode, walk, is_last=is_last)

    def waiting(self, episode: Episode) -> Waiting:
        """Return what the orchestrator waits for after an episode."""
        return self._checks.waiting(episode)

    def forget(self, execution_id: str) -> None:
        """Drop what is remembered of a generation that ended or was rewound."""
        for part in (self._containment, self._lane):
            if part is not None:
                part.forget(execution_id)
        self._writer.forget(execution_id)
        self._pasts.forget(execution_id)
        self._checks.forget(execution_id)
        self._remembered.forget(execution_id)

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

    # --- answers --------------------------------------------------------------------------------

    def _answer(self, episode: Episode, function: Registered) -> Reply:
        lane = self._lane
        known = self._remembered.still_known(episode) if self._has_memory else None
        if known is not None and known.reply is not None:
            self._chance.skip_passes(1)
            return known.reply
        is_contained = self._is_contained(episode)
        with self._chance.orchestrator_pass(0, is_watched=False, may_draw=not is_contained):
            if lane is not None:
                reply = lane.answer(episode, function, is_contained=is_contained)
            elif is_contained and is_plain(function.call):
                reply = self._observed(episode, function)
            else:
                reply = self._call(over_wire, function.call, self._writer, episode)
        if known is not None:
            self._remembered.keep_reply(episode, known, reply)
        return reply

    def _observed(self, episode: Episode, function: Registered) -> Reply:
        """Call an orchestrator that cannot tell how, so that no other pass need look at it."""
        context, seen = self._pasts.context(episode), Observation()
        code = _sdk.orchestrator_code(function.call)
        reply = self._call(_sdk.observe, function.call, code, context, seen)
        self._checks.note(episode, seen)
        return reply

    def _call(self, run: Callable[_P, Reply], *args: _P.args, **kwargs: _P.kwargs) -> Reply:
        if self._has_memory:
            self._remembered.ran()
        return called(run, *args, **kwargs)

    def _look_at_code(self, episode: Episode) -> None:
        containment = self._containment
        is_contained = containment is not None and containment.covers(episode)
        self._contained = episode if is_contained else None

    def _is_contained(self, episode: Episode) -> bool:
        """Whether an episode's orchestrator is self-contained, looked at just before its call."""
        return self._contained is episode

    # --- the app --------------------------------------------------------------------------------

    def _orchestrator(self, name: str) -> Registered | None:
        return self._app.find("orchestrator", name)

    def _exists(self, episode: Episode, kind: str, name: str) -> bool:
        if name == HTTP_ACTIVITY or self._app.find(kind, name) is not None:
            return True
        self._has_told = True
        # A walk outlives the episode that it began with.
        live = None if self._lane is None else self._lane.latest(episode.execution_id)
        seen = self._checks.look(episode) if live is None else live.seen
        place = seen.place_of_call(name)
        self._report(hints.unknown(self._app, episode, kind, name, place=place))
        return False


def _own_ids(episode: Episode) -> frozenset[str]:
    parent = episode.started.parent
    own = episode.instance_id.casefold()
    return frozenset({own} if parent is None else {own, parent.instance_id.casefold()})
