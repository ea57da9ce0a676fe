"""Passes of today's code over a recorded history, from any turn border."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wfsim.clock import to_us
from wfsim.errors import InternalError
from wfsim.history import HistoryEvent, OrchestratorStarted
from wfsim.hub.context import ReplayContext
from wfsim.hub.decisions import Complete, Decision
from wfsim.hub.executor import Pass, Watch, watched_pass
from wfsim.hub.nondeterminism import HostNonDeterminism
from wfsim.hub.worker import Episode, Waiting, Walk
from wfsim.replay.records import RecordedHistory
from wfsim.replay.steps import Step, replayed_steps
from wfsim.replay.turns import Turn
from wfsim.trace import Place
from wfsim.workers.azure_functions.blame import is_users
from wfsim.workers.azure_functions.rehearsal import NotedWalk, Rehearsal
from wfsim.workers.azure_functions.reply import Action

__all__ = ["Look", "Passes", "Whole", "retry_words"]

_WITH_RETRY = (1, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What today's code decides in one turn, given all that had come in until then."""

    steps: tuple[Step, ...]
    """Decisions that the history does not hold before that turn, by number."""
    number: int
    """What the next decision would get."""
    end: Complete | None
    complaint: str
    """The host's own, where the past does not even match; then nothing else counts."""
    waiting: Waiting
    host_waits: tuple[str, ...]
    """Events for which the host still waits, be it that the code has run ahead of it."""
    unknown: tuple[str, ...]
    """Complaints about functions that the code asks for and the app lacks."""
    places: Mapping[int, Place]
    """By number: the `yield` of each step."""
    place: Place | None
    """Where the code stands; where it ended, the line that raised, the last `yield`, or, without
    any, its beginning."""
    error: BaseException | None
    """The user's exception, where the orchestrator failed."""
    reads_world: bool
    """Whether clock or chance were read."""
    is_suspended: bool
    """Whether the instance waits for someone to resume it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """What today's code decides over a whole history, seen in one pass."""

    turns: tuple[tuple[Step, ...], ...]
    """By turn; fewer where the host gave up."""
    look: Look
    """The state at the end; its steps are those that the history does not hold."""
    is_exact: bool
    """Whether it shows what each turn would have decided by itself."""


class Passes:
    """Makes passes over one history.

    Args:
        history: The history.
        rehearsal: The worker that has today's code.
    """

    def __init__(self, history: RecordedHistory, rehearsal: Rehearsal) -> None:
        self._history = history
        self._rehearsal = rehearsal
        rehearsal.start_over()

    def whole(self) -> Whole:
        """Replay everything once.

        One pass shows each turn, since code sees a history event by event. Where a timer is
        cancelled the answer says so from the first turn on, and the host, which hears of it before
        it sets the timer, goes on at once (semantics 2.9): then the clock that the code saw tells
        the turn, if no two turns have the same.
        """
        clocks: list[int] = []
        made: list[tuple[int, Decision]] = []
        next_number = 0

        def watch(event: HistoryEvent, context: ReplayContext, _walk: Walk | None) -> None:
            nonlocal next_number
            if isinstance(event, OrchestratorStarted):
                clocks.append(event.at_us)
            if context.next_number > next_number:
                made.extend((len(clocks) - 1, item) for item in context.made_from(next_number))
                next_number = context.next_number

        events = self._history.events
        outcome, walk = self._pass(events, len(events), watch)
        cancels = _cancels(walk.reply.actions)
        if cancels:
            turn_of = {clock_us: turn for turn, clock_us in enumerate(clocks)}
            made = [(max(turn, self._asked(walk, item, turn_of)), item) for turn, item in made]
        retries = _retries(walk)
        by_turn: list[list[Decision]] = [[] for _ in clocks]
        for turn, item in made:
            by_turn[turn].append(item)
        return Whole(
            turns=tuple(
                tuple(replayed_steps(decisions, at_us=at_us, retries=retries))
                for at_us, decisions in zip(clocks, by_turn, strict=True)
            ),
            look=self._look(outcome, walk),
            is_exact=walk.reply.is_labelled and (not cancels or len(set(clocks)) == len(clocks)),
        )

    def _asked(self, walk: NotedWalk, decision: Decision, turn_of: Mapping[int, int]) -> int:
        """Return the turn in which the code asked for a decision, by the clock it saw."""
        origin = walk.origins.get(decision.id)
        entry = None if origin is None else self._rehearsal.seen.yield_of_action(origin[0])
        if entry is None:
            return 0
        return turn_of.get(to_us(entry[2]), 0)

    def turn(self, turn: Turn) -> Look:
        """Replay up to what came in in a turn; return what today's code makes of it."""
        events = self._history.events[: turn.decided]
        outcome, walk = self._pass(events, turn.begin, _look_away)
        return self._look(outcome, walk)

    def host(self, turn: Turn) -> str:
        """Return what the host itself says of a turn: its complaint, or nothing."""
        events = self._history.events[: turn.end]
        outcome, walk = self._pass(events, turn.begin, _look_away)
        return self._look(outcome, walk).complaint

    def free(
        self, events: Sequence[HistoryEvent], new_from: int
    ) -> tuple[Sequence[Decision], Sequence[Step], Sequence[str]]:
        """Replay events of another history; return what is decided, and the events waited for."""
        outcome, walk = self._pass(events, new_from, _look_away)
        look = self._look(outcome, walk)
        return outcome.decisions, look.steps, look.waiting.events

    def end(self) -> Look:
        """Replay everything; return what the history does not hold, and what is waited for."""
        events = self._history.events
        outcome, walk = self._pass(events, len(events), _look_away)
        return self._look(outcome, walk)

    def _pass(
        self, events: Sequence[HistoryEvent], new_from: int, watch: Watch
    ) -> tuple[Pass, NotedWalk]:
        episode = Episode(started=self._history.started, history=events, new_from=new_from)
        outcome = watched_pass(episode, self._rehearsal, watch)
        if not isinstance(outcome.walk, NotedWalk):
            raise InternalError(f"A walk of another worker: {outcome.walk!r}.")
        return outcome, outcome.walk

    def _look(self, outcome: Pass, walk: NotedWalk) -> Look:
        rehearsal, context = self._rehearsal, outcome.context
        seen, complaint = rehearsal.seen, outcome.error
        steps = replayed_steps(outcome.decisions, at_us=context.now_us, retries=_retries(walk))
        ends = [item for item in outcome.decisions if isinstance(item, Complete)]
        is_host = isinstance(complaint, HostNonDeterminism)
        places = {step.number: _place(rehearsal, walk, step.number) for step in steps}
        last = seen.places[-1][1] if seen.places else None
        return Look(
            steps=tuple(steps),
            number=context.next_number - len(ends),
            end=ends[0] if ends else None,
            complaint=str(complaint) if is_host else "",
            error=None if is_host else complaint,
            waiting=rehearsal.waits(),
            host_waits=tuple(walk.waiting_events),
            unknown=tuple(rehearsal.unknown),
            places={number: place for number, place in places.items() if place is not None},
            place=_place_of_error(complaint)
            or seen.current_place
            or last
            or rehearsal.place_of(self._history.name),
            reads_world=rehearsal.reads_world,
            is_suspended=context.suspended,
        )


def _look_away(event: HistoryEvent, context: ReplayContext, walk: Walk | None) -> None:
    pass


def _place(rehearsal: Rehearsal, walk: NotedWalk, number: int) -> Place | None:
    origin = walk.origin(number)
    return None if origin is None else rehearsal.seen.place_of_action(origin[0])


def _place_of_error(error: BaseException | None) -> Place | None:
    """Return the innermost line of the user's code in a traceback."""
    frames = () if error is None else traceback.walk_tb(error.__traceback__)
    places = [Place(file=frame.f_code.co_filename, line=line) for frame, line in frames]
    own = [place for place in places if is_users(place.file)]
    return own[-1] if own else None


def _retries(walk: NotedWalk) -> dict[int, str]:
    return {
        number: retry_words(action["retryOptions"])
        for number, (_, action) in walk.origins.items()
        if action["actionType"] in _WITH_RETRY
    }


def retry_words(options: Mapping[str, object]) -> str:
    """Return a retry policy as corpus files and reports write it."""
    interval = options["firstRetryIntervalInMilliseconds"]
    return f"{options['maxNumberOfAttempts']} x every {interval} ms"


def _cancels(actions: Sequence[Action]) -> bool:
    return any(
        action.get("isCanceled") or _cancels(action.get("compoundActions", ()))
        for action in actions
    )
