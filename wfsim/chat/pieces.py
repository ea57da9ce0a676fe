"""How a stream cuts what the model says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, cast

from wfsim.chat.values import shorten
from wfsim.errors import UsageError

__all__ = ["Chunks", "check_chunks", "cut"]

Chunks = int | Sequence[str]
"""A size in characters, or the chunks themselves."""

# A space goes with the word behind it, as tokens of models do.
_WORD: Final = re.compile(r"\s*\S+\s*$|\s*\S+|\s+")


def check_chunks(chunks: object, text: str | None, *, what: str) -> None:
    """Check how a text is to be cut; `text` is None where only a size makes sense.

    Raises:
        UsageError: the size is not positive, or the chunks do not add up to the text.
    """
    if chunks is None:
        return
    if isinstance(chunks, int) and not isinstance(chunks, bool):
        if chunks < 1:
            raise UsageError(f"The chunks= of {what} is a size of 1 or more, not {chunks}.")
        return
    if text is None:
        raise UsageError(f"The chunks= of {what} is a size in characters, not {shorten(chunks)}.")
    if isinstance(chunks, str) or not isinstance(chunks, Sequence):
        raise UsageError(
            f"The chunks= of {what} is a size in characters, or a list of texts, "
            f"not {shorten(chunks)}."
        )
    parts = cast("Sequence[object]", chunks)
    if not all(isinstance(part, str) for part in parts):
        raise UsageError(f"The chunks= of {what} are texts, not {shorten(list(parts))}.")
    whole = "".join(cast("Sequence[str]", parts))
    if whole != text:
        raise UsageError(
            f"The chunks= of {what} must add up to its text.\n"
            f"  text:   {shorten(text)}\n"
            f"  chunks: {shorten(whole)}"
        )


def cut(text: str, chunks: Chunks | None) -> list[str]:
    """Return the pieces of a text, none of them for an empty one; by default its words."""
    if chunks is None:
        return _WORD.findall(text)
    if isinstance(chunks, int):
        return [text[at : at + chunks] for at in range(0, len(text), chunks)]
    return list(chunks)
