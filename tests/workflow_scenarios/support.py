"""What the tests of several scenarios share."""

from __future__ import annotations

from importlib.metadata import version

__all__ = ["CORE"]

CORE = tuple(int(part) for part in version("agent-framework-core").split(".")[:2])
"""Major and minor of the Agent Framework that is installed."""
