"""Budgets of faults as text: "all", "none", or a list such as "activity_crashes=2,duplicates"."""

from __future__ import annotations

from typing import Final

from wfsim.errors import UsageError, nearest
from wfsim.hub.faults import ALL_FAULTS, Faults

__all__ = ["faults_from_text", "faults_text"]

_KINDS: Final = ("activity_crashes", "episode_crashes", "duplicates", "slow_activities")
"""What production may do; what people may do is not among it."""


def faults_from_text(text: str) -> Faults | None:
    """Return the budget that a text stands for; a kind without a number may come once.

    Raises:
        UsageError: a kind is unknown, or its number is none.
    """
    if text.strip() == "none":
        return None
    if text.strip() == "all":
        return ALL_FAULTS
    budget: dict[str, int] = {}
    for part in text.split(","):
        name, equals, number = (piece.strip() for piece in part.partition("="))
        kind = name.replace("-", "_")
        if kind not in _KINDS:
            hint = nearest(kind, _KINDS)
            raise UsageError(
                f"There is no fault {name!r}.{hint} Give all, none, or some of "
                f"{', '.join(_KINDS)}, each with =N for N of them."
            )
        if equals and not (number.isascii() and number.isdigit()):
            raise UsageError(f"{part.strip()!r}: {kind} takes a whole number of at least 0.")
        budget[kind] = int(number) if equals else 1
    return Faults(**budget)


def faults_text(faults: Faults | None) -> str:
    """Return a budget as `faults_from_text` reads it."""
    if faults is None or faults == Faults():
        return "none"
    if faults == ALL_FAULTS:
        return "all"
    counts = {kind: getattr(faults, kind) for kind in _KINDS}
    return ",".join(
        kind if count == 1 else f"{kind}={count}" for kind, count in counts.items() if count
    )
