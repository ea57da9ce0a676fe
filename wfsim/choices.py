"""Chance: every decision of the simulated world is one numbered, labelled choice.

A run is (app, scenario, list of choices). Answer 0 is first-in-first-out everywhere, so a run
with no list is the quiet one, and a run with a list can be repeated, shrunk and shown as a diff.
Random, systematic and hypothesis-driven exploration differ only in how they answer.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol

from wfsim.errors import UsageError

__all__ = ["Choice", "Choices", "Chooser", "Schedule", "first_in_first_out", "seeded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One decision that had more than one legal answer."""

    number: int
    """Position among the choices of the run, from 0."""
    about: str
    """What was decided, e.g. "next work item"."""
    options: tuple[str, ...]
    """Readable labels, the quiet answer first."""
    picked: int

    @property
    def label(self) -> str:
        """The label of the answer that was given."""
        return self.options[self.picked]


class Chooser(Protocol):
    """Answers one choice with an index into its options."""

    def __call__(self, about: str, options: Sequence[str]) -> int:
        """Return the index of the option to take."""
        ...


Schedule = Chooser | Iterable[int]
"""What a user may give: a function that answers, or the recorded list of answers."""


def first_in_first_out(about: str, options: Sequence[str]) -> int:  # noqa: ARG001
    """Answer every choice with 0, the quiet world."""
    return 0


def seeded(seed: int) -> Chooser:
    """Return a chooser that answers at random, the same way for the same seed."""
    rng = random.Random(f"wfsim schedule {seed}")

    def choose(about: str, options: Sequence[str]) -> int:  # noqa: ARG001
        return rng.randrange(len(options))

    return choose


def _is_index(answer: object) -> bool:
    return isinstance(answer, int) and not isinstance(answer, bool) and answer >= 0


def _listed(answers: Iterable[int]) -> Chooser:
    # A list is checked at once; a generator may have no end, so it is read as the run goes on.
    rest = iter([_checked(answer) for answer in answers] if isinstance(answers, Sized) else answers)

    def choose(about: str, options: Sequence[str]) -> int:
        answer = _checked(next(rest, 0))
        if answer >= len(options):
            raise UsageError(
                f"The schedule answers {answer} to {about!r}, which has only {len(options)} "
                "options. It belongs to another app, scenario or version."
            )
        return answer

    return choose


def _checked(answer: int) -> int:
    if not _is_index(answer):
        raise UsageError(
            f"A schedule holds indices >= 0, but one is {answer!r}. "
            "Give the numbers of an earlier run, sim.choices.answers."
        )
    return answer


_UNORDERED = (str, bytes, AbstractSet, Mapping)
"""What can be iterated, but is no list of answers."""


class Choices:
    """Asks the chooser, and remembers each question and its answer.

    Args:
        schedule: A chooser, a list of answers (after its end every answer is 0), or None for
            first-in-first-out.
        on_choice: Called with each choice after it is made.
    """

    def __init__(
        self,
        schedule: Schedule | None = None,
        *,
        on_choice: Callable[[Choice], None] | None = None,
    ) -> None:
        if schedule is None:
            self._chooser: Chooser = first_in_first_out
        elif callable(schedule):
            self._chooser = schedule
        elif isinstance(schedule, Iterable) and not isinstance(schedule, _UNORDERED):  # pyright: ignore[reportUnnecessaryIsInstance]
            self._chooser = _listed(schedule)
        else:
            raise UsageError(
                f"schedule={schedule!r} is neither a list of answers nor a function "
                "(about, options) -> index. Leave it out for first-in-first-out."
            )
        self.is_quiet = self._chooser is first_in_first_out
        """Whether every answer is the first, and nobody reads the questions."""
        self._on_choice = on_choice
        self.made: list[Choice] = []

    @property
    def answers(self) -> list[int]:
        """The answers so far: give them as `schedule=` to repeat the run."""
        return [choice.picked for choice in self.made]

    def pick(self, about: str, options: Sequence[str] | Callable[[], Sequence[str]]) -> int:
        """Return the index of the option that happens.

        Args:
            about: What is being decided.
            options: Labels, the quiet answer first; a function where labels are costly, since
                the quiet schedule never reads them. One option is not a choice.
        """
        if self.is_quiet:
            # Nobody reads labels of the quiet run, and making them would cost more than the hub.
            return 0
        labels = tuple(options() if callable(options) else options)
        if len(labels) < 2:
            return 0
        picked = self._chooser(about, labels)
        if not _is_index(picked) or picked >= len(labels):
            raise UsageError(
                f"The schedule answered {picked!r} to {about!r}; legal answers are 0 to "
                f"{len(labels) - 1}: {', '.join(labels)}."
            )
        choice = Choice(number=len(self.made), about=about, options=labels, picked=picked)
        self.made.append(choice)
        if self._on_choice is not None:
            self._on_choice(choice)
        return picked
