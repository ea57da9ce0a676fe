"""Runs today's orchestrators over histories that somebody else recorded; nothing comes of it."""

from __future__ import annotations

from collections.abc import Callable

from wfsim.errors import InternalError, nearest
from wfsim.history import EventSent, HistoryEvent
from wfsim.history.messages import request_of
from wfsim.hub.context import ReplayContext
from wfsim.hub.executor import Pass
from wfsim.hub.futures import HostTask
from wfsim.hub.settings import HostSettings
from wfsim.hub.worker import Episode, Waiting
from wfsim.trace import Place
from wfsim.workers.azure_functions import _sdk
from wfsim.workers.azure_functions._sdk import Observation
from wfsim.workers.azure_functions.app import LoadedApp
from wfsim.workers.azure_functions.chance import Chance
from wfsim.workers.azure_functions.contained import Containment
from wfsim.workers.azure_functions.failures import plain_failure
from wfsim.workers.azure_functions.observed import waiting_of
from wfsim.workers.azure_functions.prepared import PreparedContexts
from wfsim.workers.azure_functions.reply import Action, Reply, from_error
from wfsim.workers.azure_functions.walk import HTTP_ACTIVITY, ClassicWalk, Registry

__all__ = ["NotedWalk", "Rehearsal"]


class NotedWalk(ClassicWalk):
    """A walk that keeps which action made a decision."""

    def __init__(
        self,
        name: str,
        reply: Reply,
        host: ReplayContext,
        *,
        own_ids: frozenset[str],
        exists: Registry,
        fail: Callable[[BaseException], tuple[str, str]],
        default_version: str = "",
    ) -> None:
        self.origins: dict[int, tuple[int, Action]] = {}
        """By number of a decision: index of the outermost action, and the action itself."""
        super().__init__(
            name,
            reply,
            host,
            own_ids=own_ids,
            exists=exists,
            fail=fail,
            default_version=default_version,
        )

    def _invoke(self, action: Action) -> HostTask:
        number = self.host.next_number
        task = super()._invoke(action)
        if self.host.next_number > number:
            # What a compound action is made of comes first, and is more exact.
            self.origins.setdefault(number, (self.position, action))
        return task

    def origin(self, number: int) -> tuple[int, Action] | None:
        """Return what made a decision; retries come from the action of the first attempt."""
        known = [first for first in self.origins if first <= number]
        return self.origins[max(known)] if known else None


class Rehearsal:
    """A worker for passes over one recorded history after another.

    It hands the SDK event objects in place of JSON text, everything marked as replayed, as a later
    episode without news would; decisions are the same (tests/worker holds both lanes together).

    Args:
        app: The loaded app.
        settings: The host's settings.
        chance: Rules clocks and randomness while user code runs.
    """

    def __init__(self, app: LoadedApp, *, settings: HostSettings, chance: Chance) -> None:
        self._app = app
        self._settings = settings
        self._chance = chance
        self._contexts = PreparedContexts(settings)
        self._containment = Containment(lambda name: app.find("orchestrator", name))
        self._events: dict[int, tuple[object, object]] = {}
        self.variant = 1
        """Which times and randomness user code sees; see `Chance.orchestrator_pass`."""
        self.seen = Observation()
        """What the orchestrator did in the latest pass."""
        self.reads_world = False
        """Whether the latest pass read the clock or took randomness."""
        self.unknown: list[str] = []
        """Complaints about functions that the latest pass asked for and the app lacks."""

    def knows(self, orchestrator: str) -> bool:
        """Whether the app has an orchestrator of that name."""
        return self._app.find("orchestrator", orchestrator) is not None

    def place_of(self, orchestrator: str) -> Place | None:
        """Return where the function of an orchestrator begins."""
        function = self._app.find("orchestrator", orchestrator)
        return None if function is None else _sdk.place_of_function(function.call)

    def begin(self, episode: Episode, host: ReplayContext) -> NotedWalk:
        """Call the orchestrator once and start to walk its answer."""
        self.seen, self.unknown = Observation(), []
        host.request_ids = _request_ids(episode)
        return NotedWalk(
            episode.name,
            self._answer(episode),
            host,
            own_ids=_own_ids(episode),
            exists=self._exists,
            fail=lambda error: plain_failure(episode.name, error, root=self._app.root),
            default_version=self._settings.default_version,
        )

    def waits(self) -> Waiting:
        """Return what the orchestrator waited for at the end of the latest pass."""
        return waiting_of(self.seen)

    def start_over(self) -> None:
        """Forget the events of the history that was replayed last."""
        self._events.clear()

    def _answer(self, episode: Episode) -> Reply:
        function = self._app.find("orchestrator", episode.name)
        if function is None:
            raise InternalError(f"Orchestrator {episode.name!r} is not registered.")
        code = _sdk.orchestrator_code(function.call)
        may_draw = not self._containment.covers_all(episode)
        one_pass = self._chance.orchestrator_pass(self.variant, may_draw=may_draw)
        with one_pass as reads, _sdk.shortcuts():
            history = [self._event(event) for event in episode.history]
            context = self._contexts.context(episode, history)
            reads.touched = False
            try:
                reply = _sdk.observe(function.call, code, context, self.seen)
            except Exception as error:  # noqa: BLE001 - the SDK hands failures back by raising
                reply = from_error(error)
        self.reads_world = reads.touched
        return reply

    def _event(self, event: HistoryEvent) -> object:
        # Passes over one history share most of its events, which are the same objects.
        known = self._events.get(id(event))
        if known is None:
            made = self._contexts.event(event, is_played=True)
            known = self._events[id(event)] = (event, made)
        return known[1]

    def _exists(self, kind: str, name: str) -> bool:
        if name == HTTP_ACTIVITY or self._app.find(kind, name) is not None:
            return True
        hint = nearest(name, self._app.names(kind))
        self.unknown.append(f"{kind} {name!r} is not registered.{hint}")
        return False

    # --- what only an episode of the hub needs --------------------------------------------------

    def recall(self, episode: Episode) -> Pass | None:  # noqa: ARG002 - the hub's protocol
        """Return nothing: no pass is remembered."""
        return None

    def keep(self, episode: Episode, outcome: Pass) -> None:
        """Remember nothing."""

    def resume(self, episode: Episode, walk: object) -> bool:  # noqa: ARG002 - the hub's protocol
        """Return False: each pass is one from the beginning."""
        return False

    def lose(self, execution_id: str) -> None:
        """Do nothing: nothing is kept."""

    def close(self) -> None:
        """Do nothing: nothing is kept."""

    def verify(self, episode: Episode, walk: object, *, is_last: bool = False) -> None:
        """Compare nothing: whoever rehearses compares with what was recorded."""

    def waiting(self, episode: Episode) -> Waiting:  # noqa: ARG002 - the hub's protocol
        """Return what the latest pass waited for."""
        return self.waits()

    def forget(self, execution_id: str) -> None:
        """Do nothing: nothing is remembered."""


def _request_ids(episode: Episode) -> dict[int, str]:
    sent = [event for event in episode.history if isinstance(event, EventSent)]
    asked = [(event.event_id, request_of(event)) for event in sent]
    return {number: request.request_id for number, request in asked if request is not None}


def _own_ids(episode: Episode) -> frozenset[str]:
    parent = episode.started.parent
    ids = [episode.instance_id] if parent is None else [episode.instance_id, parent.instance_id]
    return frozenset(item.casefold() for item in ids)
