"""`# noqa` comments, read as ruff reads them."""

from __future__ import annotations

import io
import re
import tokenize
from typing import Final

__all__ = ["silenced"]

_NOQA: Final = re.compile(
    r"#\s*noqa(?:\s*:\s*(?P<codes>[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*)|(?!\s*:|\w))",
    re.IGNORECASE,
)


def silenced(source: str) -> dict[int, frozenset[str] | None]:
    """Return which codes are silenced on which line; None stands for all of them."""
    if "noqa" not in source.lower():
        return {}
    found: dict[int, frozenset[str] | None] = {}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT or (match := _NOQA.search(token.string)) is None:
            continue
        codes = match["codes"]
        found[token.start[0]] = (
            frozenset(re.split(r"[\s,]+", codes.upper())) if codes is not None else None
        )
    return found
