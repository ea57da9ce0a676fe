"""What earlier simulations of an app have found out, as one worker uses it."""

from __future__ import annotations

from collections.abc import Sequence

from wfsim.hub.worker import Episode, Walk
from wfsim.workers.azure_functions.app import LoadedApp
from wfsim.workers.azure_functions.chance import Chance
from wfsim.workers.azure_functions.memory import Known, Recall
from wfsim.workers.azure_functions.reply import Reply
from wfsim.workers.azure_functions.walk import ClassicWalk

__all__ = ["Remembered"]


class Remembered:
    """Looks episodes up, where something is remembered at all.

    Args:
        recall: The memory; None where there is none.
        chance: Goes on as if what is remembered had been run.
    """

    def __init__(self, recall: Recall | None, chance: Chance) -> None:
        self._recall = recall
        self._chance = chance
        self._latest: tuple[Episode, Known | None] | None = None
        """What is known of an episode, as long as no code of the user's has run since."""

    def look_up(self, episode: Episode) -> Known | None:
        """Return what is known of an episode, before anything of it is run."""
        known = self.known(episode)
        self._latest = episode, known
        return known

    def known(self, episode: Episode) -> Known | None:
        """Return what is known of an episode now."""
        return None if self._recall is None else self._recall.known(episode)

    def still_known(self, episode: Episode, reply: Reply | None = None) -> Known | None:
        """Return what is known, without a new look if no code of the user's has run since.

        Args:
            episode: The episode.
            reply: Its answer; what is known of another one does not count.
        """
        if self._recall is None:
            return None
        latest, self._latest = self._latest, None
        is_new = latest is not None and latest[0] is episode
        known = latest[1] if latest is not None and is_new else self.known(episode)
        return None if known is None or (reply is not None and known.reply is not reply) else known

    def ran(self) -> None:
        """Note that code of the user's runs, after which nothing need be as it was."""
        self._latest = None

    def may_keep(self, episode: Episode, known: Known) -> bool:
        """Whether a pass has left everything as it was."""
        return self._recall is not None and self._recall.may_keep(episode, known)

    def keep_reply(self, episode: Episode, known: Known, reply: Reply) -> None:
        """Remember an answer, if it is a function of its history."""
        if self._recall is not None:
            self._recall.keep_reply(episode, known, reply)

    def forget(self, execution_id: str) -> None:
        """Drop where a generation stands."""
        if self._recall is not None:
            self._recall.forget(execution_id)

    # --- other workers --------------------------------------------------------------------------

    def are_sure_elsewhere(self, passed: Sequence[tuple[Episode, Walk]]) -> bool:
        """Whether another worker has replayed all this before, and would find no difference again.

        If so, chance goes on as if it had.
        """
        known = [self._passed(episode, walk) for episode, walk in passed]
        sure = [
            item.elsewhere or 0
            for item in known
            if item is not None and self._recall is not None
            if item.elsewhere is not None or self._recall.is_sure_elsewhere(item)
        ]
        if len(sure) < len(passed):
            return False
        self._chance.skip_passes(sum(sure))
        return True

    def note_elsewhere(
        self, episode: Episode, walk: Walk, passes: int, *, there: LoadedApp | None
    ) -> None:
        """Remember that another worker found no difference, if that is always so.

        Args:
            episode: What it has replayed.
            walk: The walk of its answer.
            passes: How many passes that took.
            there: Its app, if it was imported at another time than this one.
        """
        known = self._passed(episode, walk)
        if known is None or self._recall is None:
            return
        # Data may come from the import, and be another in each process.
        if not known.has_data:
            known.elsewhere = passes
        if there is not None:
            self._recall.compare_elsewhere(known, there.find("orchestrator", episode.name))

    def _passed(self, episode: Episode, walk: Walk) -> Known | None:
        """Return what is known of an episode in which nothing was found to differ."""
        known = self.known(episode)
        if known is None or not isinstance(walk, ClassicWalk) or known.reply is not walk.reply:
            return None
        return None if known.checked is None and known.proven is None else known
