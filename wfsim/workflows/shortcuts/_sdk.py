"""What core >= 1.20 works out of code in each run of a functional workflow, worked out once.

Each run signs the workflow's function, and all that it reaches, so that a checkpoint is refused
where they have changed. The walk itself is left to the framework, since globals and closures may
be others in each run. Of each code object on the way it asks for

* `dis.get_instructions(code)`, by the module's name `dis`;
* `_get_step_wrapper_source_identity(function)`, a hash of the function's module, name and code.

Both depend on nothing else, and code objects never change.

tests/workflows/test_sdk_contract.py fails loudly when a release moves one of them.
"""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import dis
from collections.abc import Callable
from functools import lru_cache
from types import CodeType, SimpleNamespace
from typing import Any, Final

from agent_framework._workflows import _functional

__all__ = ["put", "take_back"]

_MOST: Final = 1_024
"""So many code objects are kept, at most."""

_MODULE: Final[Any] = _functional
_OF_SOURCE: Final[Callable[[Any], str] | None] = getattr(
    _MODULE, "_get_step_wrapper_source_identity", None
)


def put() -> None:
    """Let the framework remember, until `take_back`; earlier releases do not ask at all."""
    if _OF_SOURCE is not None:
        _MODULE.dis, _MODULE._get_step_wrapper_source_identity = _DIS, _identity


def take_back() -> None:
    """Leave the framework as it was."""
    if _OF_SOURCE is not None:
        _MODULE.dis, _MODULE._get_step_wrapper_source_identity = dis, _OF_SOURCE


@lru_cache(maxsize=_MOST)
def _instructions(code: CodeType) -> tuple[dis.Instruction, ...]:
    return tuple(dis.get_instructions(code))


_DIS: Final = SimpleNamespace(**{**vars(dis), "get_instructions": _instructions})


_identities: dict[tuple[str, str, CodeType], str] = {}


def _identity(function: Any) -> str:  # noqa: ANN401
    assert _OF_SOURCE is not None
    code = getattr(function, "__code__", None)
    if type(code) is not CodeType:
        return _OF_SOURCE(function)
    key = (function.__module__, function.__qualname__, code)
    known = _identities.get(key)
    if known is None:
        if len(_identities) >= _MOST:
            _identities.clear()
        known = _identities[key] = _OF_SOURCE(function)
    return known
