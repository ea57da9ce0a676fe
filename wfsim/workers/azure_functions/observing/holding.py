"""Whether a generator that waits holds on to something: whether it runs code when it is closed.

In production the generator of each episode is dropped where it stands, so its `finally` blocks run
and its `with` blocks are left then. One that stayed alive would keep a lock, say, that its own
replay waits for.
"""

from __future__ import annotations

import dis
from functools import lru_cache
from types import CodeType
from typing import Any, Final

__all__ = ["runs_code_when_closed"]

_YIELDS: Final = frozenset({"YIELD_VALUE", "SEND"})
_NOTHING: Final = frozenset({"NOP", "CACHE", "EXTENDED_ARG", "RESUME"})
_CATCHES_ALL: Final = frozenset({"BaseException", "GeneratorExit"})


@lru_cache(maxsize=1024)
def runs_code_when_closed(code: CodeType) -> bool:
    """Return whether some `yield` stands where leaving it runs code of the user's.

    That is in `with`, in `try` with `finally`, or with an `except` that catches `GeneratorExit`.
    """
    instructions = [item for item in dis.get_instructions(code) if item.opname not in _NOTHING]
    yields = [item.offset for item in instructions if item.opname in _YIELDS]
    if not yields:
        return False
    bytecode: Any = dis.Bytecode(code)  # typeshed does not know its exception table
    places = {item.offset: index for index, item in enumerate(instructions)}
    handlers = [(entry.start, entry.end, entry.target) for entry in bytecode.exception_entries]
    left = [target for start, end, target in handlers if any(start <= at < end for at in yields)]
    seen: set[int] = set()
    while left:
        target = left.pop()
        if target in seen or target not in places:
            continue
        seen.add(target)
        if _runs_code(instructions, places[target]):
            return True
        # What it does not catch goes on to the handler around it.
        left += [outer for start, end, outer in handlers if start <= target < end]
    return False


def _runs_code(instructions: list[dis.Instruction], index: int) -> bool:
    """Return whether a handler does more than to look whether an exception is of its type."""
    if instructions[index].opname != "PUSH_EXC_INFO":
        return False  # Python's own: the name of an exception is deleted, a `yield from` is ended
    names: set[object] = set()
    for item in instructions[index + 1 :]:
        if item.opname in {"CHECK_EXC_MATCH", "CHECK_EG_MATCH"}:
            return bool(names & _CATCHES_ALL)
        if not item.opname.startswith("LOAD_") and item.opname not in {"BUILD_TUPLE", "PUSH_NULL"}:
            return True
        names.add(item.argval)
    return True
