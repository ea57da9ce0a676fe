"""Choices in words, and back: what a run did otherwise than the quiet one.

A deviation is named by what it chooses, never by a number of a choice: words still mean the same
after wfsim, or the app, has been edited in a way that makes other choices come in between.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from wfsim.choices import Chooser
from wfsim.errors import UsageError
from wfsim.history.printable import printable
from wfsim.hub.touches import Touched

__all__ = [
    "ORDERS",
    "Deviation",
    "FollowWords",
    "Numbered",
    "Recorder",
    "listener",
    "number_of",
    "parse_words",
    "unparse",
    "words_of",
]

ORDERS: Final = ("next work item", "first at this instant", "next to finish")
"""Choices of what goes first: their answers read as "this before that"."""
_SEPARATOR: Final = "; "
_COUNT: Final = re.compile(r"(?P<words>.*?) \[(?P<count>[1-9]\d*)\]")


@dataclass(frozen=True, slots=True)
class Deviation:
    """One answer that is not the quiet one."""

    words: str
    """What was chosen, such as "activity a of x#0 < episode of b x", or "twice(event go for x)"."""
    count: int = 1
    """Which time it could have been chosen, from 1: the same words may fit several choices."""

    def __str__(self) -> str:
        # Words may end as if they had a count; then the first one is written, too.
        is_plain = self.count == 1 and _COUNT.fullmatch(self.words) is None
        return self.words if is_plain else f"{self.words} [{self.count}]"


def words_of(about: str, options: Sequence[str], picked: int) -> str:
    """Return what an answer is called; picked is no quiet answer."""
    if about in ORDERS:
        words = f"{options[picked]} < {options[0]}"
    else:
        # Faults are called by what goes wrong and say where; other answers need the question.
        words = options[picked] if "(" in options[picked] else f"{about}: {options[picked]}"
    return printable(words.replace(";", ",")).strip()


def parse_words(text: str) -> tuple[Deviation, ...]:
    """Return the deviations in a repro string.

    Raises:
        UsageError: a part of it is empty.
    """
    if not text.strip() or text.strip() == "quiet":
        return ()
    found: list[Deviation] = []
    for part in text.split(_SEPARATOR.strip()):
        words = part.strip()
        if not words:
            raise UsageError(
                f"The schedule {text!r} has an empty part. Parts are separated by one '; '."
            )
        match = _COUNT.fullmatch(words)
        found.append(
            Deviation(words) if match is None else Deviation(match["words"], int(match["count"]))
        )
    return tuple(found)


def unparse(deviations: Iterable[Deviation]) -> str:
    """Return deviations as one string that `parse_words` reads."""
    return _SEPARATOR.join(map(str, deviations)) or "quiet"


class Numbered:
    """A chooser that knows which of many schedules it makes.

    What costs time is looked at in some runs only. Their number says in which, not how many there
    have been in this process: then it does not matter which process plays which schedules.

    Args:
        number: The schedule's number.
        chooser: Answers.
    """

    def __init__(self, number: int, chooser: Chooser) -> None:
        self.number = number
        self.hear = listener(chooser)
        self._chooser = chooser

    def __call__(self, about: str, options: Sequence[str]) -> int:
        """Return the chooser's answer."""
        return self._chooser(about, options)


def number_of(chooser: Chooser) -> int:
    """Return the number of a schedule; 0 for one that is played for its own sake."""
    return chooser.number if isinstance(chooser, Numbered) else 0


def listener(chooser: object) -> Callable[[Touched], None] | None:
    """Return what tells a chooser what steps touch; None if it does not want to know.

    Most do not, and to find out costs time.
    """
    return getattr(chooser, "hear", None)


class FollowWords:
    """Answers choices so that certain deviations happen, and nothing else.

    Args:
        deviations: What is to happen, in order.
    """

    def __init__(self, deviations: Sequence[Deviation]) -> None:
        self._left = list(deviations)
        self._offered: Counter[str] = Counter()

    @property
    def left(self) -> tuple[Deviation, ...]:
        """Those that have not happened: nothing offered them."""
        return tuple(self._left)

    def __call__(self, about: str, options: Sequence[str]) -> int:
        """Return the quiet answer, or that of the next deviation where it is offered."""
        if not self._left:
            return 0
        wanted, found = self._left[0], 0
        for index in range(1, len(options)):
            words = words_of(about, options, index)
            self._offered[words] += 1
            if words == wanted.words and self._offered[words] == wanted.count:
                found = index
        if found:
            del self._left[0]
        return found


class Recorder:
    """Asks a strategy, and notes in words what it chose.

    Args:
        strategy: Answers choices with an index.
    """

    def __init__(self, strategy: Chooser) -> None:
        self._strategy = strategy
        self.hear = listener(strategy)
        self.offered: Counter[str] = Counter()
        """How often each deviation was offered."""
        self.deviations: list[Deviation] = []
        self.points = 0
        """How many choices there were."""

    def __call__(self, about: str, options: Sequence[str]) -> int:
        """Return the strategy's answer."""
        picked = self._strategy(about, options)
        self.points += 1
        for index in range(1, len(options)):
            words = words_of(about, options, index)
            self.offered[words] += 1
            if index == picked:
                self.deviations.append(Deviation(words, self.offered[words]))
        return picked
