"""What an exhaustive search tried, left out and has left, in words."""

from __future__ import annotations

from collections.abc import Iterator

from wfsim.explore.records import Exploration

__all__ = ["space_lines"]

_PROVEN = "proven: there is no other order"


def space_lines(found: Exploration) -> Iterator[str]:
    """Yield what was left out of a search as equivalent, and whether it has tried all the rest.

    Args:
        found: Of any search; of one that was not exhaustive there is nothing to say.
    """
    space = found.space
    if space is None:
        return
    skipped: list[str] = []
    if space.combinations:
        skipped.append(
            f"{_count(space.combinations, 'combination')} of {space.parts} parts that have "
            "nothing in common"
        )
    if space.equivalent:
        skipped.append(
            f"{_count(space.equivalent, 'branch')} with independent steps in another order"
        )
    if skipped:
        yield f"left out as equivalent: {', '.join(skipped)}"
    if found.proven:
        yield f"{_PROVEN}{' with an episode for each message' if space.at_once else ''}"
    else:
        left, seen = _count(found.left, "known branch"), _percent(space.share)
        yield f"not proven: {left} still to be tried, {seen} of the tree seen"


def _percent(share: float) -> str:
    # What is not proven is never 100 %, and what was begun is more than nothing.
    return "less than 1 %" if share < 0.01 else f"about {min(99, int(share * 100))} %"


def _count(number: int, noun: str) -> str:
    plural = f"{noun}es" if noun.endswith("ch") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"
