"""An asyncio event loop whose time is virtual: sleeping costs nothing.

This package is the one place that touches private names of asyncio; each is used by a test.
"""

from wfsim.loop.places import VirtualTask, awaits_outside, waits_at
from wfsim.loop.threads import detached
from wfsim.loop.virtual import LoopError, VirtualLoop

__all__ = ["LoopError", "VirtualLoop", "VirtualTask", "awaits_outside", "detached", "waits_at"]
