"""Runtime guards: what orchestrators take from outside of their history, while they do it."""

from wfsim.guards.guard import Guard, GuardMode

__all__ = ["Guard", "GuardMode"]
