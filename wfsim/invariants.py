"""What must hold all the time, and what must come to hold: checked after every step."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from wfsim.clock import format_duration, parse_duration
from wfsim.errors import InvariantError, UsageError
from wfsim.world import World

__all__ = ["Check", "Invariants"]

Check = Callable[[], object]
"""Returns whether something holds; None, from a check that asserts, counts as yes."""


class Invariants:
    """The checks of one simulation.

    Args:
        world: What is watched.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._always: list[_Rule] = []
        self._awaited: list[_Rule] = []
        self._is_checking = False

    def always(self, check: Check, *, name: str | None) -> None:
        """See `Simulation.always`."""
        rule = self._rule(check, name)
        self._always.append(rule)
        self._require(rule, "at the start")
        self._world.hub.raise_problems()

    def eventually(self, check: Check, *, within: timedelta | str | None, name: str | None) -> None:
        """See `Simulation.eventually`."""
        rule = self._rule(check, name)
        if within is not None:
            rule.within_us = parse_duration(within, what="eventually(within=…)")
            rule.due_us = self._world.clock.now_us + rule.within_us
        if not self._holds(rule):
            self._awaited.append(rule)

    def conclude(self) -> InvariantError | None:
        """Return what is still to come at the end, if something is."""
        for rule in list(self._awaited):
            if not self._is_over(rule) and self._holds(rule):
                self._awaited.remove(rule)
        return self._broken_promise(self._awaited[0]) if self._awaited else None

    def _rule(self, check: Check, name: str | None) -> _Rule:
        self._world.require_open()
        if not callable(check) or inspect.iscoroutinefunction(check):
            raise UsageError(
                f"An invariant is a plain function without arguments, and not {check!r}: it is "
                "called in the middle of the simulation, and only looks."
            )
        self._world.take_in(check)
        if not self._always and not self._awaited:
            watchers = self._world.hub.watchers
            if self._look not in watchers:
                watchers.append(self._look)
        return _Rule(check, name or _name_of(check))

    def _look(self, step: str) -> None:
        """Check everything after a step, unless a check made it."""
        if self._is_checking:
            return
        for rule in self._always:
            self._require(rule, f"after {step}")
        for rule in list(self._awaited):
            if self._is_over(rule):
                self._awaited.remove(rule)
                self._world.hub.problems.append(self._broken_promise(rule))
            elif self._holds(rule):
                self._awaited.remove(rule)

    def _require(self, rule: _Rule, when: str) -> None:
        if not self._holds(rule):
            self._always = [item for item in self._always if item is not rule]  # told once
            self._world.hub.problems.append(self._error(rule, f"does not hold {when}"))

    def _holds(self, rule: _Rule) -> bool:
        self._is_checking, rule.error = True, None
        try:
            result = rule.check()
        except Exception as error:  # noqa: BLE001 - a check may raise anything to say no
            rule.error = error
            return False
        finally:
            self._is_checking = False
        return result is None or bool(result)

    def _is_over(self, rule: _Rule) -> bool:
        return rule.due_us is not None and self._world.clock.now_us > rule.due_us

    def _broken_promise(self, rule: _Rule) -> InvariantError:
        if rule.within_us is None or not self._is_over(rule):
            return self._error(rule, "has not come to hold by the end")
        return self._error(rule, f"has not come to hold within {format_duration(rule.within_us)}")

    def _error(self, rule: _Rule, how: str) -> InvariantError:
        because = "" if rule.error is None else f": {_shown(rule.error)}"
        elapsed = format_duration(self._world.clock.elapsed_us)
        error = InvariantError(f"The invariant {rule.name!r} {how}, at T+{elapsed}{because}.")
        error.name = rule.name
        error.__cause__ = rule.error
        return error


class _Rule:
    """One check, and until when it must have held."""

    __slots__ = ("check", "due_us", "error", "name", "within_us")

    def __init__(self, check: Check, name: str) -> None:
        self.check = check
        self.name = name
        self.within_us: int | None = None
        self.due_us: int | None = None
        self.error: Exception | None = None
        """What it raised the last time."""


def _name_of(check: Check) -> str:
    """Return a name that tells one lambda from another."""
    name: str = getattr(check, "__name__", "") or type(check).__name__
    code = getattr(check, "__code__", None)
    if name != "<lambda>" or code is None:
        return name
    return f"lambda in {Path(code.co_filename).name}:{code.co_firstlineno}"


def _shown(error: Exception) -> str:
    first = str(error).partition("\n")[0]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__
