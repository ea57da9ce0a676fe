"""Ways to answer choices: at random, by priorities that change now and then, or all of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from wfsim.choices import Chooser
from wfsim.explore.words import ORDERS

__all__ = ["PctStrategy", "RandomStrategy", "Strategy", "StrategyName"]

StrategyName = Literal["random", "pct", "exhaustive", "orders"]

_QUIETNESS: Final = (0.0, 0.5, 0.8, 0.95)
"""How likely a choice of an order is answered quietly; schedules take turns. Most bugs need one or
two deviations, and a run with many of them rarely gets where these would show."""
_FAULTS: Final = (0.0, 0.1, 0.3, 0.6)
"""How likely a fault is, in the same way."""


class Strategy(Protocol):
    """Makes one chooser for each schedule; the same for the same seed and number."""

    def chooser(self, number: int) -> Chooser:
        """Return how the choices of schedule `number` are answered."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomStrategy:
    """Answers at random, more or less boldly from schedule to schedule."""

    seed: int

    def chooser(self, number: int) -> Chooser:
        """Return how the choices of schedule `number` are answered."""
        rng = random.Random(f"wfsim explore {self.seed} {number}")
        quietness = _QUIETNESS[number % len(_QUIETNESS)]
        fault = _FAULTS[number // len(_QUIETNESS) % len(_FAULTS)]

        def choose(about: str, options: Sequence[str]) -> int:
            if _is_fault(about, options):
                return rng.randrange(1, len(options)) if rng.random() < fault else 0
            return 0 if rng.random() < quietness else rng.randrange(len(options))

        return choose


@dataclass(frozen=True, slots=True, kw_only=True)
class PctStrategy:
    """Lets whoever has the highest priority go first; priorities change `depth` times.

    After "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs" (Burckhardt et al.,
    2010): a bug that takes d ordered steps is found with a probability that can be told.
    """

    seed: int
    depth: int = 3

    def chooser(self, number: int) -> Chooser:
        """Return how the choices of schedule `number` are answered."""
        rng = random.Random(f"wfsim pct {self.seed} {number}")
        changes = {rng.randrange(64) for _ in range(self.depth)}
        return _Priorities(rng, changes, _FAULTS[number % len(_FAULTS)])


@dataclass(slots=True)
class _Priorities:
    rng: random.Random
    changes: set[int]
    fault: float
    known: dict[str, float] = field(default_factory=dict[str, float])
    steps: int = 0

    def __call__(self, about: str, options: Sequence[str]) -> int:
        if about not in ORDERS:
            if _is_fault(about, options):
                return self.rng.randrange(1, len(options)) if self.rng.random() < self.fault else 0
            return self.rng.randrange(len(options))
        self.steps += 1
        ranks = [self.known.setdefault(label, self.rng.random()) for label in options]
        first = max(range(len(options)), key=ranks.__getitem__)
        if self.steps in self.changes:
            self.known[options[first]] = -self.rng.random()
            ranks[first] = self.known[options[first]]
            first = max(range(len(options)), key=ranks.__getitem__)
        return first


def _is_fault(about: str, options: Sequence[str]) -> bool:
    return about not in ORDERS and "(" in options[-1] and options[-1].endswith(")")
