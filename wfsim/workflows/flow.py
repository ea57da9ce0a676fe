"""What stands behind the façade: one clock, one loop, the scripts, and who may move time when."""

from __future__ import annotations

import asyncio
import inspect
import warnings
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractContextManager, suppress
from typing import Any

from wfsim.agents import AgentScripts
from wfsim.clock import VirtualClock
from wfsim.errors import UsageError, WfsimWarning, WorkflowError
from wfsim.freeze import Freezer
from wfsim.nested import NOTHING, Nested
from wfsim.workflows import _sdk
from wfsim.workflows.checkpoints import Ledger, Saved, known_answers, not_saved
from wfsim.workflows.clocked import clocked_modules
from wfsim.workflows.deadlines import Deadline, check_used
from wfsim.workflows.gate import Gate
from wfsim.workflows.legs import Player
from wfsim.workflows.memory import Memory
from wfsim.workflows.mishaps import Mishaps
from wfsim.workflows.motion import Motion
from wfsim.workflows.moving import Moving
from wfsim.workflows.options import Options
from wfsim.workflows.requests import OpenRequest, find, fitting
from wfsim.workflows.source import Kind, Source
from wfsim.workflows.stamps import Stamps

__all__ = ["Flow"]


class Flow:
    """A workflow with its clock, its loop and its surroundings, between opening and closing."""

    def __init__(self, source: Source, options: Options) -> None:
        self.source = source
        self.options = options
        self.clock = VirtualClock(options.start or Freezer.initial_start())
        self._freezer = Freezer(self.clock, seed=options.seed, freeze=options.freeze)
        self._freezer.adopt(clocked_modules())
        self.motion = Motion(self.clock, max_steps=options.max_steps, is_over=self._is_over)
        self.motion.streams = lambda: [player.stream for player in self.players if player.is_busy]
        self.choices = options.choices()
        self.scripts = AgentScripts()
        self.gate: Gate | None = None
        if options.explores:
            self.gate = Gate(self.choices, lambda: self.motion.loop.may_wait)
            self.motion.on_idle = self.gate.on_idle
        self.ledger = Ledger(options.storage, self._noted) if options.checkpoints else None
        self.mishaps = Mishaps(self)
        self.saved: list[Saved] = []
        self.asked_so_far: list[OpenRequest] = []
        self.players: list[Player] = []
        self.dies_after: int | None = None
        """The number of the checkpoint after which the process dies."""
        self._deadlines: list[Deadline] = []
        self._memory: Memory | None = None
        self.stamps = Stamps(self.clock)
        self._escaped: list[BaseException] = []
        self._running: set[asyncio.Task[None]] = set()
        self._is_moving = False
        self.is_open = True

    # --- life -----------------------------------------------------------------------------------

    def enter(self) -> None:
        """Show virtual time as the wall clock until `close`, outside of operations too."""
        self.require_open()
        self._freezer.open()
        self.scripts.open()
        _sdk.hold(self)

    def close(self, *, check: bool) -> None:
        """End the simulation; a second call does nothing."""
        if not self.is_open:
            return
        self.refuse_while_moving()
        self.is_open = False
        try:
            with self._frozen():
                self.motion.loop.close()
        finally:
            _sdk.release(self)
            self.scripts.close()
            self._freezer.close()
            if self._memory is not None:
                self._memory.unbind()
        if check:
            self.scripts.conclude()
            check_used(self._deadlines, self.asked_so_far)

    def require_open(self) -> None:
        """Refuse what makes sense only while the simulation is open."""
        if not self.is_open:
            raise UsageError("The simulation is closed. Run workflows inside its `with` block.")

    def refuse_while_moving(self) -> None:
        """Refuse what moves time while it moves already."""
        if self._is_moving:
            raise UsageError(
                "Time is moving already: this was called from inside the simulation, such as from "
                "sim.at. Only the test moves time; sim.respond may be called from there."
            )

    def _frozen(self, outermost: AbstractContextManager[None] = NOTHING) -> Nested:
        return Nested(
            outermost,
            NOTHING if self._freezer.is_open else self._freezer,
            # The scripts first, for what they import draws random numbers when it is imported.
            self.scripts.active(),
            self._freezer.operation(),
            *_sdk.playing(self._stamp, self.gate),
        )

    def _operation(self) -> Nested:
        self.require_open()
        self.refuse_while_moving()
        return self._frozen(Moving(self))

    def begin_moving(self) -> None:
        """Let nobody else move time until `end_moving`."""
        self._is_moving = True

    def end_moving(self, *, has_failed: bool) -> None:
        """End that; unless it has failed by itself, raise what became known meanwhile."""
        self._is_moving = False
        if not has_failed:
            self._raise_what_showed()
            self.mishaps.take_over()

    def _raise_what_showed(self) -> None:
        if self._escaped:
            error = self._escaped[0]
            self._escaped.clear()
            raise error
        self.scripts.raise_problems()
        if self.ledger is not None:
            lost, self.ledger.lost = self.ledger.lost, []
            for error in lost:
                warnings.warn(not_saved(self._title, error), WfsimWarning, stacklevel=5)

    # --- what happened --------------------------------------------------------------------------

    def _stamp(self, event: object, root: object) -> None:
        task = asyncio.current_task()
        self.stamps.keep(event, aside=task is not root and task is not self.players[-1].task)

    @property
    def finished(self) -> int:
        """How many steps or executors have passed the gate."""
        return 0 if self.gate is None else len(self.gate.finished)

    async def _noted(self, checkpoint: Any) -> None:  # noqa: ANN401
        player = self.players[-1]
        saved = player.saves(checkpoint)
        self.saved.append(saved)
        if saved.number == self.dies_after or self.mishaps.falls_after(saved):
            self._die(player)
            await self.motion.loop.create_future()  # the process that would go on is no more

    def _die(self, player: Player) -> None:
        self.dies_after = None
        player.die()
        if self.ledger is not None:
            self.ledger.is_dead = True
        self.motion.loop.stop()

    def asked(self, player: Player, request: OpenRequest) -> None:
        """Watch a request that a workflow has just made."""
        self.asked_so_far.append(request)
        for deadline in self._deadlines:
            if deadline.watches(request):
                self._arm(deadline, player, request)

    def _arm(self, deadline: Deadline, player: Player, request: OpenRequest) -> None:
        deadline.met.add(f"{id(player)} {request.id}")
        self.call_at(request.since_us + deadline.after_us, deadline.fires_for(player, request))

    # --- running --------------------------------------------------------------------------------

    def spawn(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        """Put a coroutine on the loop; what it raises ends the operation."""
        task = self.motion.loop.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._look_at)
        return task

    def _look_at(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._escaped.append(error)

    def guard(self, do: Callable[[], object]) -> None:
        """Call something from inside the loop; what it raises ends the operation."""
        try:
            made = do()
        except BaseException as error:  # noqa: BLE001 - raised when the operation ends
            self._escaped.append(error)
            return
        if inspect.iscoroutine(made):
            self.spawn(made, name=made.__qualname__)

    def call_at(self, due_us: int, do: Callable[[], object]) -> None:
        """Call something when virtual time reaches an instant."""
        self.require_open()
        self.motion.call_at(due_us, lambda: self.guard(do))

    def start(self, message: Any, options: Mapping[str, Any]) -> Player:  # noqa: ANN401
        """Begin a run and let it go on until it ends or pauses."""
        self._remember()
        for player in self.players if self._running else ():
            if player.is_busy:
                raise UsageError(
                    f"{player.title} is still running. Let it end before the next run."
                )
        with self._operation():
            last = self.players[-1] if self.players else None
            workflow = self.source.build() if last is None else last.workflow
            player = self._player(workflow, options)
            player.begin(message)
            self._play(player)
        self.mishaps.go_on()
        return player

    def resume(
        self,
        checkpoint_id: str,
        *,
        responses: Mapping[str, Any] | None,
        message: Any,  # noqa: ANN401
        restart: bool,
        options: Mapping[str, Any],
    ) -> Player:
        """Restore a checkpoint in a fresh workflow, and let it go on."""
        self.require_open()
        self.refuse_while_moving()
        self._remember()
        self._end_process()
        if restart and self._memory is not None:
            self._memory.restore()
        with self._operation():
            player = self._player(self.source.build_again(), options)
            earlier = known_answers(self.saved, checkpoint_id, kind=player.kind)
            answers = {**earlier, **(responses or {})}
            player.answers.update(answers)
            then = None if message is None else (lambda: player.begin(message))
            player.begin(checkpoint=checkpoint_id, responses=answers, then=then)
            if self.mishaps.is_taking_over:
                return player  # who moves time already goes on to do so
            self._play(player)
        self.mishaps.go_on()
        return player

    def _player(self, workflow: Any, options: Mapping[str, Any]) -> Player:  # noqa: ANN401
        kind: Kind = "functional" if _sdk.is_functional(workflow) else "graph"
        player = Player(self, workflow, kind, options)
        self.players.append(player)
        self.mishaps.bequeath(player)
        return player

    def _remember(self) -> None:
        if self._memory is None:
            self._memory = Memory(self.source.roots(), passed=self.source.executors())
            self._freezer.adopt(module for _, module in sorted(self._memory.modules.items()))

    def restore_memory(self) -> None:
        """Put the state of the user's modules back to what it was before the first run."""
        if self._memory is not None:
            self._memory.restore()

    def _end_process(self) -> None:
        """Take away what still runs: its process has ended."""
        if not any(player.is_left for player in self.players):
            return
        for player in self.players:
            if player.is_busy:
                player.die()
        if self.ledger is not None:
            self.ledger.is_dead = True
        with self._frozen():
            self.motion.renew()
        if self.gate is not None:
            self.gate.reset()
        if self.ledger is not None:
            self.ledger.is_dead = False

    # --- answers --------------------------------------------------------------------------------

    def respond(
        self,
        player: Player,
        request: object,
        value: Any,  # noqa: ANN401
        *,
        raw: bool = False,
        by: str = "test",
    ) -> None:
        """Answer one request of a run; see `WorkflowSimulation.respond`."""
        self.require_open()
        if value is ...:
            raise UsageError("respond needs an answer: sim.respond(request, value).")
        if raw:
            self._respond_raw(player, request, value)
            return
        meant = find(request, list(player.pending.values()), title=player.title)
        self._hand_over(player, {meant.id: fitting(meant, value)}, by=by)

    def _respond_raw(self, player: Player, request: object, value: Any) -> None:  # noqa: ANN401
        before = player.position()
        key = request.id if isinstance(request, OpenRequest) else str(request)
        try:
            self._hand_over(player, {key: value}, by="test")
        except UsageError as error:
            player.return_to(before)
            raise error.__cause__ or error from None
        failure = player.failure
        if failure is not None:
            if not player.has_told_of_failure:
                player.return_to(before)  # it was refused, so nothing has happened
            raise failure

    def respond_all(self, player: Player, answers: Mapping[str, Any]) -> None:
        """Answer several requests of a run at once."""
        pending = list(player.pending.values())
        found: dict[str, Any] = {}
        for name, value in answers.items():
            meant = find(name, pending, title=player.title)
            found[meant.id] = fitting(meant, value)
        self._hand_over(player, found, by="test")

    def _hand_over(self, player: Player, answers: Mapping[str, Any], *, by: str) -> None:
        if self._is_moving:
            player.answer(answers, by=by)
            return
        with self._operation():
            player.answer(answers, by=by)
            self._play(player)
        self.mishaps.go_on()

    def on_timeout(self, deadline: Deadline) -> None:
        """Watch requests of a name, those that are open and those to come."""
        self.require_open()
        self._deadlines.append(deadline)
        for player in self.players:
            for request in player.pending.values():
                if deadline.watches(request):
                    self._arm(deadline, player, request)

    # --- moving time ----------------------------------------------------------------------------

    def drive(self, done: Callable[[], bool], *, is_patient: bool = True) -> None:
        """Let time jump from one thing that happens to the next until `done`."""
        for _ in self.mishaps.lives():
            if done():
                return
            with self._operation():
                self.motion.drive(done, title=self._title, is_patient=is_patient)

    def advance_to(self, target_us: int) -> None:
        """Move time to an instant, stopping wherever something happens."""
        for _ in self.mishaps.lives():
            with self._operation():
                self.motion.advance_to(target_us, title=self._title)

    def _play(self, player: Player) -> None:
        """Let time jump until the run ends or pauses."""
        try:
            self.motion.drive(lambda: not player.is_busy, title=player.title)
        except WorkflowError as error:
            player.give_up(error)
            with suppress(WorkflowError):
                self.motion.loop.drain()  # so that what was cancelled cleans up now
            raise

    @property
    def _title(self) -> str:
        return self.players[-1].title if self.players else "The workflow"

    def _is_over(self) -> bool:
        # pytest.fail() and its kin are no `Exception`: no step may swallow them.
        errors = [item.exception for item in self.motion.loop.errors]
        self.motion.loop.errors.clear()
        self._escaped += [
            error for error in errors if error is not None and not isinstance(error, Exception)
        ]
        return bool(self._escaped) or self.mishaps.has_fallen
