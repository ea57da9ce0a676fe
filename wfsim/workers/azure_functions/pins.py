"""What never changes from one look at an app's state to the next: code, and what libraries hold."""

from __future__ import annotations

from types import CodeType, ModuleType
from typing import Final

from wfsim.workers.azure_functions.codereads import CodeReads, reads_of

__all__ = ["MODULES", "Pins"]

MODULES: Final = frozenset(
    {
        *("__future__", "_collections_abc", "abc", "base64", "binascii", "bisect", "collections"),
        *("copy", "dataclasses", "datetime", "enum", "fractions", "functools", "hashlib", "heapq"),
        *("html", "itertools", "json", "logging", "math", "numbers", "operator", "re", "reprlib"),
        *("string", "textwrap", "types", "typing", "typing_extensions", "urllib.parse", "zlib"),
        "azure",
        "azure.durable_functions",
        "azure.functions",
        *("urllib", "_datetime", "_json", "_operator", "_functools", "_collections", "_bisect"),
        *("_heapq", "_hashlib"),
    }
)
"""Libraries whose functions depend on their arguments only; logs are not looked at."""


class Pins:
    """What never changes, from one look to the next."""

    def __init__(self) -> None:
        self._reads: dict[int, CodeReads] = {}
        self._codes: dict[tuple[str, CodeType], CodeType] = {}
        self._pinned: dict[int, object] = {}
        """What fingerprints name by address must not make room for something else there."""
        self._checked: dict[tuple[int, int], bool] = {}

    @property
    def size(self) -> int:
        """How many values there are."""
        return len(self._pinned)

    def pin(self, value: object) -> int:
        """Return a value's address, and keep it there."""
        address = id(value)
        self._pinned[address] = value
        return address

    def reads(self, code: CodeType) -> tuple[int, CodeReads]:
        """Return a number that stands for code, and what the code reads."""
        found = self._reads.get(id(code))
        if found is None:
            # Generated code, such as a dataclass's methods, is made anew whenever it is loaded.
            code = self._codes.setdefault((code.co_filename, code), code)
            found = self._reads.get(id(code))
        if found is None:
            found = self._reads[self.pin(code)] = reads_of(code)
        return id(code), found

    def is_known(self, value: object) -> bool:
        """Whether a value was found to be a library's own."""
        return id(value) in self._pinned and self._pinned[id(value)] is value

    def leads_nowhere(self, module: ModuleType, reads: CodeReads) -> bool:
        """Whether code that has a library's module reaches no other module through it."""
        key = id(module), id(reads)
        if key not in self._checked:
            self.pin(module)
            inner = [vars(module).get(name) for name in reads.attributes]
            self._checked[key] = all(
                not isinstance(item, ModuleType) or item.__name__ in MODULES for item in inner
            )
        return self._checked[key]
