"""Which instances and entities have to do with each other, as far as any run has shown."""

from __future__ import annotations

import re
from collections.abc import Collection

from wfsim.hub.touches import EVERYTHING, Touched

__all__ = ["WHOLE", "Parts"]

WHOLE = ""
"""The part that everything belongs to, where nothing is known to be apart."""
_BEFORE, _AFTER = r"(?<![\w.@-])", r"(?![\w.-])"


class Parts:
    """Sorts names into parts; what one piece of code had to do with is in one part for good.

    A part is called after one of its names.
    """

    def __init__(self) -> None:
        self._above: dict[str, str] = {}
        self._ranks: dict[str, int] = {}
        """Who was known before whom."""
        self._known: dict[str, frozenset[str]] = {}
        """Names in a text that was asked about."""
        self.is_whole = False
        """Whether everything is one part."""

    def part_of(self, name: str) -> str:
        """Return the part of a name; of one that nobody has touched, a part of its own."""
        if self.is_whole:
            return WHOLE
        while (above := self._above.get(name, name)) != name:
            name = above
        return name

    def join(self, names: Collection[str]) -> None:
        """Let names be of one part from now on."""
        for name in names:
            self._above.setdefault(name, name)
            self._ranks.setdefault(name, len(self._ranks))
        if self.is_whole:
            return
        # A part keeps its name when somebody new belongs to it.
        roots = sorted({self.part_of(name) for name in names}, key=self._ranks.__getitem__)
        for root in roots[1:]:
            self._above[root] = roots[0]

    def note(self, touched: Touched) -> None:
        """Take in what a step touched."""
        if touched.is_seen or touched.is_watched:
            self.is_whole = True
        for group in touched.groups:
            if EVERYTHING in group:
                self.is_whole = True
            if not group <= self._above.keys():
                self._known.clear()
            self.join(sorted(group))

    def owner(self, text: str) -> str | None:
        """Return the part that a label or a question is about; None if it names nobody.

        A text that could be about several makes them one part: what it really is about shows later,
        and then it is too late to ask.
        """
        if self.is_whole:
            return WHOLE
        names = self._known.get(text)
        if names is None:
            names = self._known[text] = frozenset(
                name
                for name in self._above
                if name in text and re.search(_BEFORE + re.escape(name) + _AFTER, text)
            )
        if not names:
            return None
        if len(names) > 1:
            self.join(sorted(names))
        return self.part_of(next(iter(names)))
