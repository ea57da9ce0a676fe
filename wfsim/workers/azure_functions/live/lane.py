"""The answers of generations that stay alive between their episodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from wfsim.hub.settings import HostSettings
from wfsim.hub.worker import Episode
from wfsim.workers.azure_functions import _sdk
from wfsim.workers.azure_functions._sdk import Observation
from wfsim.workers.azure_functions.live._sdk import KeptOrchestrator, is_plain
from wfsim.workers.azure_functions.registered import Registered
from wfsim.workers.azure_functions.reply import Reply
from wfsim.workers.azure_functions.wire import ContextWriter, event_json, is_played_later

__all__ = ["FastLane", "Live"]

Call = Callable[[Callable[[], str]], Reply]
"""Reads what the SDK answers, or raises."""


@dataclass(slots=True)
class Live:
    """One generation on the fast lane."""

    orchestrator: KeptOrchestrator
    seen: Observation
    length: int
    """How many events of the history it has been given."""
    reply: Reply
    unused: Any
    """A context of the generation that nobody has used."""


class FastLane:
    """Keeps generators, and gives them only the news.

    The first episode of a generation goes over the wire as always, and so does the first after a
    crash. All episodes do whose orchestrator is called through middleware of somebody else, has no
    yield, or reads what an executor that stays alive would show otherwise.

    Args:
        settings: The host's settings.
        writer: Writes the context of a first episode.
        call: Reads what the SDK answers.
    """

    def __init__(self, *, settings: HostSettings, writer: ContextWriter, call: Call) -> None:
        self._store_inputs = settings.store_inputs
        self._writer = writer
        self._call = call
        self._live: dict[str, Live] = {}
        self._barred: set[str] = set()
        """Generations that must begin anew in each episode, as in production."""

    def find(self, episode: Episode) -> Live | None:
        """Return the generation of an episode, if it stands at the end of just that."""
        live = self._live.get(episode.execution_id)
        return live if live is not None and live.length == len(episode.history) else None

    def latest(self, execution_id: str) -> Live | None:
        """Return a generation, wherever it stands."""
        return self._live.get(execution_id)

    def can_go_on(self, episode: Episode) -> bool:
        """Whether there is a generator that needs no more than an episode's news."""
        live = self._live.get(episode.execution_id)
        return live is not None and live.length <= episode.new_from

    def answer(self, episode: Episode, function: Registered) -> Reply:
        """Return the SDK's answer to an episode."""
        live = self._live.get(episode.execution_id)
        if live is not None and self.can_go_on(episode):
            return self._go_on(episode, live, function)
        return self._start(episode, function)

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

    def _start(self, episode: Episode, function: Registered) -> Reply:
        text, handle = self._writer.context(episode), function.call
        if not is_plain(handle) or episode.execution_id in self._barred:
            return self._call(lambda: handle(text))
        self.lose(episode.execution_id)
        seen, context = Observation(), _sdk.read_context(text)
        unused = _sdk.another_context(context, [])
        orchestrator = KeptOrchestrator(handle, _sdk.orchestrator_code(handle), context, seen)
        reply = self._call(orchestrator.open)
        if orchestrator.must_begin_anew:
            self._barred.add(episode.execution_id)
        elif orchestrator.is_generator and reply.is_labelled:
            length = len(episode.history)
            _mark_played(episode, orchestrator, episode.new_from)
            self._live[episode.execution_id] = Live(orchestrator, seen, length, reply, unused)
            return reply
        orchestrator.close()
        return reply

    def _go_on(self, episode: Episode, live: Live, function: Registered) -> Reply:
        first, orchestrator = live.length, live.orchestrator
        news = [
            _sdk.history_event(event_json(event, is_played=False, store_inputs=self._store_inputs))
            for event in episode.history[first:]
        ]
        reply = self._call(lambda: orchestrator.feed(news))
        if orchestrator.must_begin_anew:
            self.bar(episode.execution_id)
            return self._start(episode, function)
        if not reply.is_labelled:
            self.lose(episode.execution_id)  # the SDK broke, and would again
            return reply
        if orchestrator.is_rewritten():
            reply = self._call(orchestrator.whole)
        else:
            # One list that grows: what stood in it before is what it was.
            live.reply.actions.extend(reply.actions)
            reply = replace(reply, actions=live.reply.actions)
        _mark_played(episode, orchestrator, first)
        live.length, live.reply = len(episode.history), reply
        return reply


def _mark_played(episode: Episode, orchestrator: KeptOrchestrator, first: int) -> None:
    """Mark events as the next episode shows them."""
    for event, made in zip(episode.history[first:], orchestrator.events[first:], strict=True):
        if is_played_later(event):
            _sdk.mark_played(made)
