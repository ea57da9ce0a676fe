"""The answers of generations that stay alive between their episodes."""

from __future__ import annotations

from dataclasses import dataclass

from wfsim.hub.worker import Episode
from wfsim.workers.azure_functions import _sdk
from wfsim.workers.azure_functions._sdk import Observation
from wfsim.workers.azure_functions.live._sdk import KeptOrchestrator, is_plain
from wfsim.workers.azure_functions.prepared import UNHEARD, PreparedContexts
from wfsim.workers.azure_functions.registered import Registered
from wfsim.workers.azure_functions.reply import Reply, called, from_error
from wfsim.workers.azure_functions.wire import ContextWriter, is_played_later, over_wire

__all__ = ["FastLane", "Live"]


@dataclass(slots=True)
class Live:
    """One generation on the fast lane."""

    orchestrator: KeptOrchestrator
    seen: Observation
    length: int
    """How many events of the history it has been given."""
    reply: Reply


class FastLane:
    """Keeps generators, and gives them only the news.

    The first episode of a generation begins anew as always, and so does the first after a crash.
    All episodes go over the wire whose orchestrator is called through middleware of somebody else,
    has no yield, or reads what an executor that stays alive would show otherwise.

    Args:
        writer: Writes the contexts of those.
        contexts: Makes all others, and the events.
    """

    def __init__(self, *, writer: ContextWriter, contexts: PreparedContexts) -> None:
        self._writer = writer
        self._contexts = contexts
        self._live: dict[str, Live] = {}
        self._barred: set[str] = set()
        """Generations that must begin anew in each episode, as in production."""

    def find(self, episode: Episode) -> Live | None:
        """Return the generation of an episode, if it stands at the end of just that."""
        return self.at(episode.started.execution_id, len(episode.history))

    def at(self, execution_id: str, length: int) -> Live | None:
        """Return a generation, if it stands behind just so many events."""
        live = self._live.get(execution_id)
        return live if live is not None and live.length == length else None

    def past(self, episode: Episode, *, is_whole: bool = True) -> list[object] | None:
        """Return the history of an episode as the SDK's objects, if they are kept.

        Args:
            episode: The episode.
            is_whole: Whether events must be there that the SDK does nothing with.
        """
        live = self.find(episode)
        if live is None:
            return None
        if is_whole:
            return self._whole(episode, live)
        return [event for event in live.orchestrator.events if event is not None]

    def _whole(self, episode: Episode, live: Live) -> list[object]:
        """Return all events that a generation has been given, those that it was spared too."""
        given = zip(episode.history, live.orchestrator.events, strict=False)
        make = self._contexts.event
        return [make(event, is_played=True) if made is None else made for event, made in given]

    def latest(self, execution_id: str) -> Live | None:
        """Return a generation, wherever it stands."""
        return self._live.get(execution_id)

    def can_go_on(self, episode: Episode) -> bool:
        """Whether there is a generator that needs no more than an episode's news."""
        live = self._live.get(episode.started.execution_id)
        return live is not None and live.length <= episode.new_from

    def answer(self, episode: Episode, function: Registered, *, is_contained: bool) -> Reply:
        """Return the SDK's answer to an episode.

        Args:
            episode: The episode.
            function: Its orchestrator.
            is_contained: Whether that cannot ask what is replayed: then nothing need be marked.
        """
        live = self._live.get(episode.started.execution_id)
        if live is None or live.length > episode.new_from:
            return self._start(episode, function, is_contained=is_contained)
        if not is_contained and not live.orchestrator.is_marked:
            # What it reads has changed meanwhile.
            live.orchestrator.start_marking(self._whole(episode, live))
        return self._go_on(episode, live, function)

    def lose(self, execution_id: str) -> None:
        """Drop a generator: the worker that had it is gone."""
        live = self._live.pop(execution_id, None)
        if live is not None:
            live.orchestrator.close()

    def bar(self, execution_id: str) -> None:
        """Drop a generator, and make no other."""
        self.lose(execution_id)
        self._barred.add(execution_id)

    def forget(self, execution_id: str) -> None:
        """Drop all of a generation that is over."""
        self.lose(execution_id)
        self._barred.discard(execution_id)

    def close(self) -> None:
        """Drop all generators."""
        for execution_id in tuple(self._live):
            self.lose(execution_id)

    def _start(self, episode: Episode, function: Registered, *, is_contained: bool) -> Reply:
        handle, execution_id = function.call, episode.execution_id
        if not is_plain(handle) or execution_id in self._barred:
            return called(over_wire, handle, self._writer, episode)
        self.lose(execution_id)
        seen, past = Observation(), episode.new_from
        make = self._contexts.event
        history = [
            make(event, is_played=is_contained or index < past)
            for index, event in enumerate(episode.history)
        ]
        context = self._contexts.context(episode, history, is_replaying=past > 0)
        orchestrator = KeptOrchestrator(
            handle, _sdk.orchestrator_code(handle), context, seen, is_marked=not is_contained
        )
        reply = called(orchestrator.open)
        if orchestrator.must_begin_anew:
            self._barred.add(execution_id)
        elif orchestrator.is_generator and reply.is_labelled:
            if not is_contained:
                _mark_played(episode, orchestrator, past)
            self._live[execution_id] = Live(orchestrator, seen, len(history), reply)
            return reply
        orchestrator.close()
        return reply

    def _go_on(self, episode: Episode, live: Live, function: Registered) -> Reply:
        first, orchestrator = live.length, live.orchestrator
        is_marked, told, contexts = orchestrator.is_marked, live.reply.actions, self._contexts
        news = (
            [contexts.event(event, is_played=False) for event in episode.history[first:]]
            if is_marked
            else [
                None if type(event) in UNHEARD else contexts.event(event, is_played=True)
                for event in episode.history[first:]
            ]
        )
        try:
            reply = orchestrator.feed(news, told)
        except Exception as error:  # noqa: BLE001 - the SDK hands failures back by raising
            reply = from_error(error)
        if orchestrator.must_begin_anew:
            self.bar(episode.execution_id)
            return self._start(episode, function, is_contained=False)
        if not reply.is_labelled:
            self.lose(episode.execution_id)  # the SDK broke, and would again
            return reply
        if orchestrator.is_rewritten():
            reply = called(orchestrator.whole)
        elif reply.actions is not told:
            # One list that grows: what stood in it before is what it was.
            told.extend(reply.actions)
            reply = reply.with_actions(told)
        if is_marked:
            _mark_played(episode, orchestrator, first)
        live.length, live.reply = first + len(news), reply
        return reply


def _mark_played(episode: Episode, orchestrator: KeptOrchestrator, first: int) -> None:
    """Mark events as the next episode shows them."""
    for event, made in zip(episode.history[first:], orchestrator.events[first:], strict=True):
        if is_played_later(event):
            _sdk.mark_played(made)
