"""Replays recorded histories against today's code."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType
from typing import Self

from wfsim.errors import UsageError, nearest
from wfsim.hub.settings import HostSettings
from wfsim.options import Options
from wfsim.replay.causes import cause_of, ways_out
from wfsim.replay.compare import recorded_steps
from wfsim.replay.judge import Judged, judge
from wfsim.replay.lookahead import look_ahead
from wfsim.replay.passes import Look, Passes
from wfsim.replay.records import Gap, RecordedCheckpoint, RecordedHistory, Unreadable
from wfsim.replay.results import Difference, Kind, ReplayResult, Verdict
from wfsim.replay.settle import settled
from wfsim.replay.turns import Turn
from wfsim.workers.azure_functions.blame import suspicious_calls
from wfsim.workers.azure_functions.rehearsal import Rehearsal
from wfsim.world import World

__all__ = ["Replayer"]

_VARIANTS = 8
"""Passes at other times and with other randomness: a coin seen once shows one side."""


class Replayer:
    """Holds recorded histories against an app: would its instances survive a deployment?

    Each history is taken over at every turn border, as a deployment in that moment would. The rules
    are those of the host's own check (semantics 4), and stricter: what the host would not notice
    is reported too.

    Args:
        app: As for `Simulation`: an app, a "module:attribute", or a path.
        settings: The host's settings; the default is what the app's host.json says.

    Raises:
        AppLoadError: the app cannot be loaded.

    Example:
        ```python
        result = Replayer("function_app.py").replay(load_history("order-17.json"))
        assert result.verdict == "compatible", result.difference
        ```
    """

    def __init__(self, app: object, *, settings: HostSettings | None = None) -> None:
        self._world = World(app, Options(settings=settings))
        self.rehearsal = Rehearsal(
            self._world.app, settings=self._world.hub.settings, chance=self._world.chance
        )
        """The worker that runs the app's orchestrators, for use inside of `active`."""
        self._is_inside = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the app; a replayer that is not closed leaves nothing behind either."""
        self._world.close(check=False)

    @contextmanager
    def active(self) -> Generator[None]:
        """Keep clocks and modules in place over many replays, which makes them cheap."""
        with self._world.looking():
            self._is_inside = True
            try:
                yield
            finally:
                self._is_inside = False

    def replay(self, history: RecordedHistory | RecordedCheckpoint | Unreadable) -> ReplayResult:
        """Return the verdict on one history.

        Args:
            history: From `load_history` or `load_histories`; what could not be read gets the
                verdict "not replayable".

        Raises:
            UsageError: it is no history.
        """
        if isinstance(history, Unreadable):
            return ReplayResult(
                source=history.source,
                name="",
                instance_id=history.instance_id,
                verdict=Verdict.NOT_REPLAYABLE,
                why=history.why,
            )
        if isinstance(history, RecordedCheckpoint):
            return ReplayResult(
                source=history.source,
                name=history.workflow,
                instance_id=history.checkpoint_id,
                verdict=Verdict.NOT_REPLAYABLE,
                why=(
                    "This is a checkpoint of an Agent Framework workflow. Name the workflow: "
                    "--app FILE.py:ATTRIBUTE."
                ),
            )
        if not isinstance(history, RecordedHistory):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageError(
                f"{history!r} is no recorded history. Read one with load_history(path)."
            )
        if not self.rehearsal.knows(history.name):
            return self._unregistered(history)
        if self._is_inside:
            return self._replayed(history)
        with self.active():
            return self._replayed(history)

    def _replayed(self, history: RecordedHistory) -> ReplayResult:
        history = settled(history, self.rehearsal)
        passes = Passes(history, self.rehearsal)
        judged = judge(history, passes)
        difference = judged.difference
        if difference is not None:
            difference = self._explained(history, judged, difference, passes)
        return ReplayResult(
            source=history.source,
            name=history.name,
            instance_id=history.instance_id,
            verdict=judged.verdict,
            events=len(history.events),
            turns=len(judged.turns),
            difference=difference,
            warnings=judged.warnings,
            not_compared=_not_compared(history),
        )

    def _explained(
        self, history: RecordedHistory, judged: Judged, found: Difference, passes: Passes
    ) -> Difference:
        recorded = [step for item in judged.turns for step in recorded_steps(history, item)]
        turn = judged.turns[found.turn - 1]
        cause = self._varying(passes, turn, judged.look)
        if not cause:
            cause = cause_of(history, judged, recorded, look_ahead(history, passes))
        return replace(found, cause=cause, ways_out=ways_out(history, found))

    def _varying(self, passes: Passes, turn: Turn, look: Look | None) -> str:
        """Return what the code reads of clock and chance, if that decides what it does."""
        if look is None or not look.reads_world:
            return ""
        try:
            for variant in range(2, 2 + _VARIANTS):
                self.rehearsal.variant = variant
                if _decided(passes.turn(turn)) != _decided(look):
                    calls = suspicious_calls(lambda: passes.turn(turn))
                    what, place = calls[0] if calls else ("the time or chance", None)
                    return f"it branches on {what}{f' at {place}' if place else ''}"
        finally:
            self.rehearsal.variant = 1
        return ""

    def _unregistered(self, history: RecordedHistory) -> ReplayResult:
        known = self._world.app.names("orchestrator")
        found = Difference(
            kind=Kind.NAME,
            turn=1,
            step=0,
            recorded=f"orchestrator {history.name!r}",
            replayed="is not registered",
            cause=f"orchestrator {history.name!r} is not registered.{nearest(history.name, known)}",
        )
        return ReplayResult(
            source=history.source,
            name=history.name,
            instance_id=history.instance_id,
            verdict=Verdict.INCOMPATIBLE,
            events=len(history.events),
            difference=replace(found, ways_out=ways_out(history, found)),
        )


def _decided(look: Look) -> object:
    return [step.signature for step in look.steps], look.end is None


def _not_compared(history: RecordedHistory) -> tuple[str, ...]:
    gaps = set(history.gaps)
    gaps |= {Gap.RETRIES} if history.retries is None else set()
    gaps |= {Gap.WAITS} if history.waits is None else set()
    return tuple(gap.value for gap in Gap if gap in gaps)
