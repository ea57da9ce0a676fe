"""Runtime guards: what orchestrators take from outside of their history, while they do it."""

from wfsim.guards.guard import GUARD_CODE, Guard, GuardMode

__all__ = ["GUARD_CODE", "Guard", "GuardMode"]
