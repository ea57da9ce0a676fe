"""The framework's modules that read clocks by names of their own."""

from __future__ import annotations

import sys
from types import ModuleType

from wfsim.agents import framework_modules
from wfsim.freeze.originals import bindings

__all__ = ["clocked_modules"]

_known: dict[int, list[ModuleType]] = {}
"""What was found, by how many modules were loaded then: there are hundreds, and few read clocks."""


def clocked_modules() -> list[ModuleType]:
    """Return the loaded modules of the framework that bind a clock, or chance, by name."""
    count = len(sys.modules)
    if count not in _known:
        _known.clear()
        _known[count] = [module for module in framework_modules() if bindings([module])]
    return _known[count]
