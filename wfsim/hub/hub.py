"""The task hub: one loop over everything that can happen, in virtual time."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any, Final, NamedTuple

from wfsim.choices import Choice, Choices, Schedule
from wfsim.clock import VirtualClock
from wfsim.errors import LivelockError, NonDeterminismError, WorkflowError
from wfsim.hub import versions
from wfsim.hub.agenda import Agenda
from wfsim.hub.entities import Entity
from wfsim.hub.episodes import run_episode
from wfsim.hub.faults import FaultChoices, Faults
from wfsim.hub.findings import Findings
from wfsim.hub.guard import Guard
from wfsim.hub.instance import Instance, Message
from wfsim.hub.settings import HostSettings
from wfsim.hub.touches import APP, EVERYTHING, LOOP, Touched, Touches
from wfsim.hub.worker import ActivityRunner, EntityRunner, Episode, Walk, Worker
from wfsim.loop import VirtualLoop
from wfsim.trace import ChoiceMade, Finding, Place, Trace

__all__ = ["Hub", "WorkItem"]

_MOST_ERRORS = 1_000
"""Original exceptions hold on to frames and whatever is in them."""


class WorkItem(NamedTuple):
    """Something that can happen now."""

    label: str
    run: Callable[[], None]


_TUPLE: Final[Any] = tuple
_work_item: Final[Callable[[tuple[str, Callable[[], None]]], WorkItem]] = partial(
    _TUPLE.__new__, WorkItem
)
"""Makes one in half the time of its constructor."""


class Hub:
    """Instances, the messages between them, and the order in which things happen.

    Args:
        clock: The virtual clock; the hub is the only one to move it.
        loop: The virtual-time event loop on which coroutines of user code run.
        schedule: Answers to the hub's choices.
        seed: Decides the ids that the host makes up.
        settings: What differs from host to host.
        max_steps: See `Guard`.
        replay: Whether each episode is replayed in a fresh generator.
        faults: What may go wrong; None for nothing.
        keep_records: See `Trace`.
    """

    worker: Worker
    activities: ActivityRunner
    entity_runner: EntityRunner

    def __init__(  # noqa: PLR0913 - all but two keyword-only, and made in one place
        self,
        clock: VirtualClock,
        loop: VirtualLoop,
        *,
        schedule: Schedule | None,
        seed: int,
        settings: HostSettings,
        max_steps: int,
        replay: bool,
        faults: Faults | None = None,
        keep_records: int | None = None,
    ) -> None:
        self.clock = clock
        self.loop = loop
        self.settings = settings
        self.trace = Trace(start_us=clock.start_us, keep=keep_records)
        self.choices = Choices(schedule, on_choice=self._record_choice)
        self.faults = None if faults is None else FaultChoices(self.choices, faults)
        self.agenda = Agenda()
        self.findings = Findings(self.trace, clock, forgets=keep_records is not None)
        self.report = self.findings.report
        self.guard = Guard(max_steps=max_steps, start_us=clock.start_us)
        self.instances: dict[str, Instance] = {}
        self.entities: dict[str, Entity] = {}
        """By entity id, such as "@counter@a"."""
        # Only a schedule that wants to hear of it is told: a server must not keep what is over.
        hear: Callable[[Touched], None] | None = getattr(schedule, "hear", None)
        self._touches = None if hear is None else Touches(hear, lambda: bool(self.watchers))
        self.shares_state = True
        """Whether activities may see each other's effects, such as through globals of the app."""
        self.problems: list[WorkflowError] = []
        """Errors that the next operation must raise."""
        self.activity_errors: dict[str, BaseException] = {}
        """Original exceptions of failed activities, by the text that the orchestrator gets."""
        self.watchers: list[Callable[[str], None]] = []
        """Called after each step, with what it was."""
        self._replay = replay
        self._ids = random.Random(f"wfsim ids {seed}")
        self._ready: deque[WorkItem] = deque()
        self._loop_is_queued = False
        self._was_stopped = False

    # --- for the rest of the hub --------------------------------------------------------------

    def new_guid(self) -> str:
        """Return a made-up id of 32 hex digits, the same in every process."""
        return f"{self._ids.getrandbits(128):032x}"

    def remember_error(self, text: str, error: BaseException) -> None:
        """Keep the exception behind a failure's text, for people; the oldest are forgotten."""
        self.activity_errors[text] = error
        if len(self.activity_errors) > _MOST_ERRORS:
            del self.activity_errors[next(iter(self.activity_errors))]

    def forget_generation(self, instance: Instance, execution_id: str) -> None:
        """Drop what is remembered of a generation that is over, and the timers that it left."""
        self.worker.forget(execution_id)
        timers, instance.timers = instance.timers, 0
        self.agenda.expect_stale(timers)

    @property
    def is_heard(self) -> bool:
        """Whether anybody wants to know what steps touch."""
        return self._touches is not None

    def touch(self, name: str) -> None:
        """Note that something happens to an instance, an entity or the app's own state."""
        if self._touches is not None:
            self._touches.touch(name)

    def look(self, name: str = EVERYTHING) -> None:
        """Note that somebody reads what an instance, an entity or all of the world shows now."""
        if self._touches is not None:
            self._touches.look(name)

    def has_waited(self, name: str) -> None:
        """Note that the test has waited for the end of an instance."""
        if self._touches is not None:
            self._touches.wait(name)

    def polled(self, ask: Callable[[], bool]) -> bool:
        """Return an answer that is asked for after each step, whatever comes: no look counts."""
        if self._touches is None:
            return ask()
        with self._touches.polled():
            return ask()

    def conclude(self) -> None:
        """Let go of what is in the middle, and tell the schedule of the last step."""
        self.worker.close()
        if self._touches is not None:
            self._touches.conclude(is_cut=bool(self._ready))

    def verify(self, episode: Episode, walk: Walk, *, is_last: bool = False) -> None:
        """Replay an episode, if the simulation asks for it; remember what it shows."""
        if not self._replay:
            return
        try:
            self.worker.verify(episode, walk, is_last=is_last)
        except NonDeterminismError as error:
            self.problems.append(error)
            place = Place(file=error.file, line=error.line) if error.file else None
            self.report(
                Finding(
                    code="WF110",
                    message=f"Step {error.step} of {error.orchestrator} differs on replay: "
                    f"recorded {error.recorded}, replayed {error.replayed}.",
                    way_out=error.cause or "Use only the context's clock, ids and randomness.",
                    instance_id=error.instance_id,
                    place=place,
                )
            )

    def enqueue(self, label: str, run: Callable[[], None]) -> None:
        """Add something that can happen now, behind what can already."""
        self._ready.append(_work_item((label, run)))

    def deliver(self, message: Message) -> None:
        """Put a message into its instance's inbox; a message to nobody is lost."""
        self._take_in(message)
        if self.faults is not None and self.faults.comes_twice(message):
            self.enqueue(
                f"second delivery to {message.instance_id}", lambda: self._take_in(message)
            )

    def _take_in(self, message: Message) -> None:
        if self._touches is not None:
            self._touches.touch(message.instance_id)
        instance = self.instances.get(message.instance_id)
        if instance is not None:
            instance.inbox.append(message)
            if not instance.is_queued:
                self._queue(instance)

    # --- the loop -----------------------------------------------------------------------------

    @property
    def is_idle(self) -> bool:
        """Whether nothing more can happen at this instant; never so once a loop was stopped."""
        self._collect()
        return not self._ready and not self._was_stopped

    def run_ready(self, *, until: Callable[[], bool] | None = None) -> None:
        """Let everything happen that can at this instant, or stop early when `until` says so.

        Stops at the first problem, too; `raise_problems` raises it.
        """
        ready, is_heard = self._ready, self._touches is not None
        while not self.problems and not (until is not None and until()):
            self._collect()
            if not ready:
                return
            item = ready.popleft() if self.choices.is_quiet else self._chosen()
            try:
                if is_heard:
                    self._perform(item)
                else:
                    item.run()
            except LivelockError as error:
                self._stop_for(error)
            if self.watchers:
                self._watch(item.label)

    def _chosen(self) -> WorkItem:
        """Take out the work item that happens next."""
        if self._touches is not None:
            self._touches.tell()
        ready = self._ready
        index = self.choices.pick("next work item", lambda: [item.label for item in ready])
        item = ready[index]
        del ready[index]
        return item

    def _perform(self, item: WorkItem) -> None:
        """Let a work item happen while somebody hears of it."""
        with nullcontext() if self._touches is None else self._touches.during(item.label):
            item.run()
            if self.loop.has_ready:
                self.touch(LOOP)

    def _watch(self, what: str) -> None:
        with nullcontext() if self._touches is None else self._touches.polled():
            for watch in self.watchers:
                watch(what)

    def advance_to(
        self, target_us: int, *, until: Callable[[], bool] | None = None, is_idling: bool = True
    ) -> None:
        """Move to `target_us`, stopping at each instant at which something happens.

        Everything at the present instant happens first. Inside whatever happens the clock shows
        the time at which it was due. When `until` says so the clock stays where it is.

        Args:
            target_us: How far.
            until: Asked after each step.
            is_idling: Whether time goes on when nothing more will happen.
        """
        while True:
            self.run_ready(until=until)
            if self.problems or (until is not None and until()):
                return
            due_us = self.next_due_us()
            if due_us is None and not is_idling:
                return
            if due_us is None or due_us > target_us:
                break
            self.clock.move_to(max(due_us, self.clock.now_us))
        self.clock.move_to(target_us)
        self._watch("time went by")

    def next_due_us(self, *, background: bool = True) -> int | None:
        """Return the next instant at which something will happen by itself.

        Args:
            background: Whether the schedules of timer triggers count, which never end.
        """
        agenda_us = self.agenda.next_due_us(background=background)
        dues = [due for due in (agenda_us, self.loop.next_due_us()) if due is not None]
        return min(dues, default=None)

    def raise_problems(self) -> None:
        """Raise the first problem that no operation has raised yet, and forget it."""
        if self.problems:
            problem, *_ = self.problems
            self.problems.clear()
            raise problem

    def _collect(self) -> None:
        """Turn what is due at this instant into work items."""
        now_us = self.clock.now_us
        due = self.agenda.take_due(now_us) if self.agenda.has_due(now_us) else []
        while due:
            index = self.choices.pick(
                "first at this instant", lambda: [entry.label for entry in due]
            )
            entry = due.pop(index)
            if entry.is_stale():
                continue
            with nullcontext() if self._touches is None else self._touches.together():
                entry.happen()
        if not (self._loop_is_queued or self.loop.is_empty) and self._loop_has_work(now_us):
            self._loop_is_queued = True
            self.enqueue("coroutines go on", self._run_loop)

    def _loop_has_work(self, now_us: int) -> bool:
        due_us = self.loop.next_due_us()
        return self.loop.has_ready or (due_us is not None and due_us <= now_us)

    def _run_loop(self) -> None:
        self._loop_is_queued = False
        self.touch(LOOP)
        if self.shares_state:
            self.touch(APP)  # a coroutine may go on in the middle of an activity
        self.loop.drain()

    def _queue(self, instance: Instance) -> None:
        instance.is_queued = True
        started = instance.started
        self.enqueue(
            f"episode of {started.name} {started.instance_id}",
            lambda: self._run_episode(instance),
        )

    def _run_episode(self, instance: Instance) -> None:
        instance.is_queued = False
        instance_id = instance.started.instance_id
        if self._touches is not None:
            self._touches.touch(instance_id)
        if self.instances.get(instance_id) is not instance:
            return  # purged or overwritten while its messages waited
        if self.settings.default_version and versions.is_rejected(self, instance):
            return  # its messages wait for a worker that runs its version
        total = len(instance.inbox)
        take = total
        if total > 1:
            index = self.choices.pick(
                f"messages in one episode of {instance_id}", lambda: _batches(total)
            )
            take = total if index == 0 else index
        inbox = instance.inbox
        messages = [inbox.popleft()] if total == 1 else [inbox.popleft() for _ in range(take)]
        if inbox:
            self._queue(instance)
        run_episode(self, instance, messages)

    def _stop_for(self, error: LivelockError) -> None:
        """Stop a world that loops: nothing that is ready now may go on."""
        self.problems.append(error)
        self._was_stopped = True
        self._ready.clear()
        self._loop_is_queued = False
        for instance in self.instances.values():
            instance.is_queued = False
        for entity in self.entities.values():
            entity.is_queued = False
        what, _, way_out = str(error).partition("\n")
        self.report(
            Finding(code="WF109", message=what, way_out=way_out, instance_id=error.instance_id)
        )

    def _record_choice(self, choice: Choice) -> None:
        self.trace.add(ChoiceMade(at_us=self.clock.now_us, choice=choice))


def _batches(total: int) -> Sequence[str]:
    return [f"all {total}", *(f"the first {count}" for count in range(1, total))]
