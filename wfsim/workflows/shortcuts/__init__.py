"""What Agent Framework works out of a workflow's code in each run is worked out once."""

from wfsim.workflows.shortcuts._sdk import put, take_back

__all__ = ["put", "take_back"]
