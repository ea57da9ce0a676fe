"""The functions that are replaced while a simulation runs code, and where modules bound them."""

from __future__ import annotations

import asyncio
import asyncio.events
import os
import random
import time
from collections.abc import Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final
from weakref import WeakKeyDictionary

from wfsim.freeze.gun import gun, real_names

__all__ = ["ORIGINALS", "STANDARD", "Binding", "bindings", "is_replaceable"]

_CLOCKS: Final = ("monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")


def _originals() -> dict[str, Any]:
    with real_names():
        found: dict[str, Any] = {name: getattr(time, name) for name in (*_CLOCKS, "sleep")}
    found |= {"urandom": os.urandom, "seed": random.seed}
    if hasattr(os, "getrandom"):
        found["getrandom"] = os.getrandom
    for name in ("new_event_loop", "get_event_loop", "set_event_loop"):
        found[name] = getattr(asyncio, name)
    return found


ORIGINALS: Final = _originals()
"""By name. In a dict, where freezegun does not look for names to replace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A module's global name for one of the originals."""

    module: ModuleType
    name: str
    original: str
    """Its key in `ORIGINALS`."""


_scanned: WeakKeyDictionary[ModuleType, tuple[int, tuple[Binding, ...]]] = WeakKeyDictionary()
"""What was found in a module, and how many names it had then. Scanning SDKs again would be slow."""


def bindings(modules: Iterable[ModuleType]) -> list[Binding]:
    """Return every global name of the modules that is bound to one of the originals."""
    known = {id(value): key for key, value in ORIGINALS.items()} | _fakes()
    found: list[Binding] = []
    for module in modules:
        size, cached = _scanned.get(module, (-1, ()))
        if size != len(vars(module)):
            cached = tuple(
                Binding(module=module, name=name, original=known[id(value)])
                for name, value in vars(module).items()
                if id(value) in known
            )
            _scanned[module] = (len(vars(module)), cached)
        found += cached
    return found


def _fakes() -> dict[int, str]:
    api = gun()
    if api is None:
        return {}
    return {id(getattr(api, f"fake_{name}")): name for name in _CLOCKS}


def is_replaceable(value: object, original: str) -> bool:
    """Return whether `value` is the original or a fake of it, and not a test's own replacement."""
    if value is ORIGINALS[original]:
        return True
    return getattr(value, "__module__", None) in {"freezegun.api", "wfsim.freeze.replacements"}


STANDARD: Final = tuple(bindings((time, os, random, asyncio, asyncio.events)))
"""The names in the standard library itself, `random._urandom` among them."""
