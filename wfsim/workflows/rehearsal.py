"""Plays a workflow without interruption, and again and again with one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from wfsim.choices import Chooser
from wfsim.errors import ScriptError, UsageError, WfsimError
from wfsim.snapshot.naming import Naming
from wfsim.snapshot.plain import plain
from wfsim.workflows.answers import Answers, Given, Plan, Recorded
from wfsim.workflows.checkpoints import CheckpointStore, Saved
from wfsim.workflows.compare import Difference, compare, unlike
from wfsim.workflows.flow import Flow
from wfsim.workflows.gate import Unit
from wfsim.workflows.legs import Player
from wfsim.workflows.models import Question, RecordingScript, replaying
from wfsim.workflows.options import Options
from wfsim.workflows.report import Mode
from wfsim.workflows.source import Source

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["Piece", "Rehearsal", "Whole"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What is played.

    See `check_resume` for what the parts are.
    """

    source: Source
    message: Any
    answers: Answers | None
    scripts: Mapping[str, Any]
    options: Mapping[str, Any]
    seed: int
    start: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """An uninterrupted run."""

    player: Player
    saved: Sequence[Saved]
    given: Sequence[Given]
    finished: Sequence[Unit]
    questions: Mapping[str, Sequence[Question]]
    schedule: tuple[int, ...]

    @property
    def order(self) -> tuple[str, ...]:
        """The steps or executors, in the order in which they finished."""
        return tuple(unit.label for unit in self.finished)


class Rehearsal:
    """One simulation of the piece, from the beginning to the end or to its interruption.

    Args:
        piece: What is played.
        chooser: Says who finishes next.
    """

    def __init__(self, piece: Piece, chooser: Chooser) -> None:
        self._piece = piece
        self.flow = Flow(
            piece.source,
            Options(
                seed=piece.seed, start=piece.start, schedule=chooser, storage=CheckpointStore()
            ),
        )
        self.given: list[Given] = []
        self._scripts = {
            name: RecordingScript(source, name=name, place=self._place)
            for name, source in piece.scripts.items()
        }
        for name, script in self._scripts.items():
            self.flow.scripts.bind(name, script)

    def _place(self) -> int:
        return self.flow.stamps.moment()["order"]

    @contextmanager
    def _on_stage(self) -> Generator[None]:
        self.flow.enter()
        try:
            yield
        finally:
            self.flow.close(check=False)
            self.flow.restore_memory()

    # --- without interruption -------------------------------------------------------------------

    def play(self) -> Whole:
        """Play to the end, or until there is no answer left.

        Raises:
            UsageError: no checkpoint was written.
            ScriptError: an agent asked what its script does not answer.
        """
        with self._on_stage():
            player = self._run()
            if player.failure is None:
                self.flow.scripts.conclude()
        if not self.flow.saved:
            raise UsageError(_nothing_saved(player)) from player.failure
        gate = self.flow.gate
        return Whole(
            player=player,
            saved=tuple(self.flow.saved),
            given=tuple(self.given),
            finished=() if gate is None else tuple(gate.finished),
            questions={name: script.questions for name, script in self._scripts.items()},
            schedule=tuple(self.flow.choices.answers),
        )

    def _run(self) -> Player:
        player = self.flow.start(self._piece.message, self._piece.options)
        plan = Plan(self._piece.answers)
        self._answer(player, plan.choose)
        return player

    def _answer(self, player: Player, choose: Callable[[Any], Any]) -> None:
        while player.failure is None and not player.is_dead and player.pending:
            chosen = choose(list(player.pending.values()))
            if chosen is None:
                return
            request, value = chosen
            place = self._place()
            self.given.append(Given(request=request, value=value, order=place))
            self.flow.respond(player, request, value)

    # --- with an interruption -------------------------------------------------------------------

    def interrupt(self, whole: Whole, saved: Saved, mode: Mode) -> Difference | None:
        """Play until a checkpoint was saved, resume from it, and compare."""
        self.flow.dies_after = saved.number
        with self._on_stage():
            player = self._run()
            if not player.is_dead:
                return Difference(
                    what="it does not run twice in the same way",
                    recorded=f"{len(whole.saved)} checkpoints",
                    resumed=f"{len(self.flow.saved)} checkpoints",
                )
            difference = unlike(saved.checkpoint, self.flow.saved[-1].checkpoint)
            if difference is not None:
                return difference
            self._prepare(whole, saved)
            return self._resume(whole, saved, mode)

    def _prepare(self, whole: Whole, saved: Saved) -> None:
        """Let the world be to the resumed run what it was to the uninterrupted one."""
        for name, questions in whole.questions.items():
            self.flow.scripts.bind(name, replaying(questions, since=saved.order))
        if self.flow.gate is not None:
            self.flow.gate.picker = _as_before(whole.finished[saved.finished :])

    def _resume(self, whole: Whole, saved: Saved, mode: Mode) -> Difference | None:
        recorded = Recorded(whole.given, since=saved.order)
        try:
            resumed = self.flow.resume(
                self.flow.saved[-1].checkpoint.checkpoint_id,
                responses=None,
                message=None,
                restart=mode == "new process",
                options={},
            )
            self._answer(resumed, recorded.choose)
        except ScriptError as error:
            return Difference(
                what=f"the agent {error.agent} asks what it never asked without interruption",
                step=error.agent,
                resumed=error.conversation,
            )
        except UsageError:
            raise
        except WfsimError as error:
            return Difference(what="it does not end", resumed=str(error))
        return compare(whole.player, saved, resumed)


def _nothing_saved(player: Player) -> str:
    if player.failure is not None:
        return (
            f"{player.title} failed before it wrote a checkpoint, so there is nothing to resume: "
            f"{type(player.failure).__name__}: {player.failure}"
        )
    return (
        f"{player.title} wrote no checkpoint, so there is nothing to resume. "
        "The framework's log says why a checkpoint could not be saved."
    )


def _as_before(finished: Sequence[Unit]) -> Callable[[Sequence[Unit]], int]:
    """Return a picker that keeps to the order in which units finished before."""
    left = [_key(unit) for unit in finished]

    def pick(options: Sequence[Unit]) -> int:
        keys = [_key(unit) for unit in options]
        for key in left:
            if key in keys:
                left.remove(key)
                return keys.index(key)
        return 0

    return pick


def _key(unit: Unit) -> str:
    return f"{unit.name} {json.dumps(plain(unit.given, Naming(blank=True)), sort_keys=True)}"
