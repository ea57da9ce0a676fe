"""The fast lane: the SDK's executor stays alive between episodes and is fed only what is new."""

from wfsim.workers.azure_functions.live._sdk import is_plain
from wfsim.workers.azure_functions.live.borders import Borders
from wfsim.workers.azure_functions.live.lane import FastLane, Live

__all__ = ["Borders", "FastLane", "Live", "is_plain"]
