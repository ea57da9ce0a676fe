"""What a check of resuming found, as data and in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from wfsim.workflows.compare import Difference
from wfsim.workflows.errors import ResumeError

__all__ = ["Mode", "ResumeFailure", "ResumeReport"]

Mode = Literal["new process", "same process"]
"""Whether what the code keeps outside of checkpoints was fresh when the checkpoint was restored."""

_SHOWN: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeFailure:
    """A checkpoint from which the workflow does not end as it does without interruption."""

    attempt: int
    """Which try it was, from 1."""
    schedule: tuple[int, ...]
    """The choices of the run: give them as `schedule=` to repeat its order."""
    order: tuple[str, ...]
    """The steps or executors, in the order in which they finished."""
    checkpoint: int
    """Counts the checkpoints of the run, from 1."""
    checkpoint_id: str
    after: str
    """What had happened last when it was saved."""
    mode: Mode
    difference: Difference

    def __str__(self) -> str:
        found = self.difference
        lines = [
            f"Restored from checkpoint {self.checkpoint} ({self.after}), {_MODES[self.mode]}:",
            f"  {found.what}",
        ]
        if found.recorded or found.resumed:
            lines += [f"    uninterrupted: {found.recorded}", f"    resumed:       {found.resumed}"]
        return "\n".join(lines)


_MODES: Final[dict[Mode, str]] = {
    "new process": "in a new process",
    "same process": "in the same process",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeReport:
    """What became of a workflow that was interrupted at every checkpoint and resumed."""

    workflow: str
    orders: int
    """How many orders of finishing were tried."""
    checkpoints: int
    """How many checkpoints were restored, over all orders."""
    tries: int
    """How often a run was interrupted and resumed."""
    failures: tuple[ResumeFailure, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every resumed run ended like the uninterrupted one."""
        return not self.failures

    def check(self) -> ResumeReport:
        """Return the report if all is well.

        Raises:
            ResumeError: it is not; the text is the report's.
        """
        if self.ok:
            return self
        error = ResumeError(str(self))
        error.report = self
        raise error

    def __str__(self) -> str:
        scale = f"{_counted(self.tries, 'try', 'tries')}, {_counted(self.orders, 'order')}"
        if self.ok:
            return f"{self.workflow} resumes as it runs: {scale}."
        return "\n".join(self._bad_news(scale))

    def _bad_news(self, scale: str) -> Iterator[str]:
        count = len(self.failures)
        yield (
            f"{self.workflow} does not resume as it runs: {count} of {scale}, ended differently."
        )
        first = self.failures[0]
        if first.schedule and any(first.schedule):
            yield f"Its parts finished in this order: {', '.join(first.order)}."
        yield from (str(failure) for failure in self.failures[:_SHOWN])
        if count > _SHOWN:
            yield f"… and {count - _SHOWN} more."
        yield self._hint()
        yield f"The order again: schedule={list(first.schedule)}, checkpoint {first.checkpoint}."

    def _hint(self) -> str:
        modes = {failure.mode for failure in self.failures}
        if modes == {"new process"}:
            return (
                "In the same process it resumes well, so it keeps something in memory that no "
                "checkpoint has: a global, a closure, an attribute of an executor."
            )
        if modes == {"same process"}:
            return (
                "In a new process it resumes well, so something that an earlier run left in memory "
                "changes what it does: a global, a closure, a class attribute."
            )
        return (
            "It resumes badly in a new process and in the same one, so what it saves does not "
            "tell all: an attribute that on_checkpoint_save leaves out, or results that are told "
            "apart by the order in which they came."
        )


def _counted(count: int, noun: str, many: str = "") -> str:
    return f"{count} {noun if count == 1 else many or noun + 's'}"
