"""Replays of an episode in fresh generators, and what they must agree on."""

from __future__ import annotations

from collections.abc import Callable

from wfsim.errors import InternalError, NonDeterminismError
from wfsim.hub.worker import Episode
from wfsim.trace import Place
from wfsim.workers.azure_functions import _sdk
from wfsim.workers.azure_functions._sdk import Observation, Registered
from wfsim.workers.azure_functions.app import LoadedApp
from wfsim.workers.azure_functions.chance import Chance
from wfsim.workers.azure_functions.pasts import PreparedPasts
from wfsim.workers.azure_functions.reply import Reply, called
from wfsim.workers.azure_functions.twin import descending, other_order
from wfsim.workers.azure_functions.verify import (
    Difference,
    Replayer,
    cause_of,
    difference,
    error_of,
    place_of,
)
from wfsim.workers.azure_functions.wire import ContextWriter

__all__ = ["Replays"]

_SET_ORDER = "the order of a set of text, which is another one in every process (sort it)"
_VARIANTS = 8
"""Replays of a pass that reads the clock or chance: a coin seen once shows one side."""


class Replays:
    """Replays episodes of an app.

    Args:
        app: The loaded app.
        chance: Rules clocks and randomness while user code runs.
        writer: Writes contexts.
        pasts: Makes those of replays.
        ran: Called when code of the user's is about to run.
    """

    def __init__(
        self,
        app: LoadedApp,
        *,
        chance: Chance,
        writer: ContextWriter,
        pasts: PreparedPasts,
        ran: Callable[[], None],
    ) -> None:
        self._app = app
        self._chance = chance
        self._writer = writer
        self._ran = ran
        self._pasts = pasts
        self._twins: dict[str, Callable[..., object] | None] = {}

    def check(
        self,
        episode: Episode,
        answer: Reply,
        *,
        earlier: Reply | None,
        seen: Observation | None,
        is_contained: bool,
    ) -> tuple[Observation, bool]:
        """Replay an episode, and compare with its answer and with that of an earlier one.

        Args:
            episode: The episode.
            answer: What it has answered.
            earlier: What one before it has answered, if that is to be compared.
            seen: What its own pass has shown; None if nobody looked.
            is_contained: Whether its orchestrator is self-contained: then it draws nothing, and
                makes no sets, whose order might be another.

        Returns what was seen, and whether clock or chance were read.

        Raises:
            NonDeterminismError: something differs.
        """
        may_draw = not is_contained
        replayed, shown, touched = self._replay(
            episode, answer, is_observed=seen is None, may_draw=may_draw
        )
        if earlier is not None:
            self._compare(episode, earlier, answer, shown, is_whole=False)
        self._compare(episode, answer, replayed, shown)
        if not is_contained:
            self._compare_reordered(episode, answer)
        return seen or shown, touched

    def _replay(
        self, episode: Episode, answer: Reply, *, is_observed: bool, may_draw: bool
    ) -> tuple[Reply, Observation, bool]:
        """Replay until something differs, or it is clear that nothing does."""
        if not is_observed:
            replayed, touched = self._repeat(episode, may_draw=may_draw)
            if not touched and difference(answer, replayed) is None:
                return replayed, Observation(), False
        seen = Observation()
        replayed, touched = self.observe(episode, seen, later=True, variant=1)
        variant = 1
        while touched and variant < _VARIANTS and difference(answer, replayed) is None:
            variant += 1
            seen = Observation()
            replayed, _ = self.observe(episode, seen, later=True, variant=variant)
        return replayed, seen, touched

    def _repeat(self, episode: Episode, *, may_draw: bool) -> tuple[Reply, bool]:
        """Replay an episode without looking at more than its answer.

        Code that may draw nothing, being self-contained, cannot look at its history either.
        """
        handle = self._orchestrator(episode.name).call
        code = _sdk.orchestrator_code(handle)
        with self._chance.orchestrator_pass(1, may_draw=may_draw) as reads:
            context = self._pasts.context(episode, is_observed=False, is_whole=may_draw)
            reads.touched = False
            self._ran()
            reply = called(_sdk.replay, handle, code, context)
        return reply, reads.touched

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
        if found is not None:
            replayer = self._replayer(episode)
            cause = cause_of(replayer, recorded)
            raise _error(episode, found, (recorded, replayed), replayer, seen, cause)

    def _compare_reordered(self, episode: Episode, answer: Reply) -> None:
        for is_descending in (False, True):
            other = self._reordered(episode, answer, is_descending=is_descending)
            if other is not None:
                # A twin has the globals of the moment at which it was made: make it anew.
                self._twins.pop(episode.name, None)
                other = self._reordered(episode, answer, is_descending=is_descending)
            if other is not None:
                found, replayed, seen = other
                answers, cause = (answer, replayed), (_SET_ORDER, None)
                raise _error(episode, found, answers, self._replayer(episode), seen, cause)

    def _reordered(
        self, episode: Episode, answer: Reply, *, is_descending: bool
    ) -> tuple[Difference, Reply, Observation] | None:
        """Replay with sets in another order, and return what differs from the answer, if any."""
        twin = self._twin(episode.name)
        if twin is None:
            return None
        seen = Observation()
        with descending(yes=is_descending):
            replayed, _ = self.observe(episode, seen, later=True, variant=0, code=twin)
        found = difference(answer, replayed)
        return None if found is None else (found, replayed, seen)

    def _replayer(self, episode: Episode) -> Replayer:
        variants = iter(range(2, 1000))

        def replay(seen: Observation, *, later: bool) -> Reply:
            return self.observe(episode, seen, later=later, variant=next(variants))[0]

        return Replayer(
            same=lambda seen: replay(seen, later=False),
            later=lambda seen: replay(seen, later=True),
        )

    def observe(
        self,
        episode: Episode,
        seen: Observation,
        *,
        later: bool,
        variant: int,
        code: Callable[..., object] | None = None,
    ) -> tuple[Reply, bool]:
        """Replay an episode once.

        Args:
            episode: The episode.
            seen: Where to note what the orchestrator does.
            later: Whether everything is marked as played before.
            variant: Which times and randomness user code sees.
            code: A twin in place of the user's function.

        Returns the answer, and whether clock or chance were read.
        """
        function = self._orchestrator(episode.name)
        users = code or _sdk.orchestrator_code(function.call)
        with self._chance.orchestrator_pass(variant) as reads:
            # Inside the pass: the SDK's date parser reads the clock, which nobody may notice.
            context = (
                self._pasts.context(episode)
                if later
                else _sdk.read_context(self._writer.context(episode))
            )
            reads.touched = False
            self._ran()
            reply = called(_sdk.observe, function.call, users, context, seen)
        return reply, reads.touched

    def _twin(self, name: str) -> Callable[..., object] | None:
        if name not in self._twins:
            code = _sdk.orchestrator_code(self._orchestrator(name).call)
            self._twins[name] = other_order(code)
        return self._twins[name]

    def _orchestrator(self, name: str) -> Registered:
        function = self._app.find("orchestrator", name)
        if function is None:
            raise InternalError(f"Orchestrator {name!r} is not registered.")
        return function


def _error(
    episode: Episode,
    found: Difference,
    answers: tuple[Reply, Reply],
    replayer: Replayer,
    seen: Observation,
    cause: tuple[str, Place | None],
) -> NonDeterminismError:
    """Return the error for a difference between a recorded answer and a replayed one."""
    what, cause_place = cause
    return error_of(
        found,
        names=(episode.name, episode.instance_id),
        answers=answers,
        place=place_of(replayer, found, *answers, seen),
        cause=what,
        cause_place=cause_place,
    )
