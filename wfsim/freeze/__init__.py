"""What user code sees of time and chance while a simulation is open."""

from wfsim.freeze.freezer import Freezer

__all__ = ["Freezer"]
