"""What a test asks for: marker, ini options and command line, checked and merged."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from os import PathLike, fspath
from pathlib import Path
from typing import Any, cast

import pytest

__all__ = ["Plan", "Wrong", "app_of", "options_of", "plan_of"]


class Wrong(Exception):
    """What the test asks for makes no sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a test is explored."""

    schedules: int
    strategy: str
    seed: int
    """Decides which schedules are tried, and all chance of each."""
    allow_outcomes: bool | Sequence[object]
    """Whether outcomes may differ, or the outputs that are fine."""
    counts_findings: bool
    """Whether findings fail the test."""
    words: str | None
    """The only schedule to play; None to search."""


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_schedule(value: object) -> bool:
    if callable(value):
        return True
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str | bytes)
        and all(map(_is_int, cast("Sequence[object]", value)))
    )


_STRATEGIES = ("random", "pct", "exhaustive", "orders")


def _is_faults(value: object) -> bool:
    return value in {"all", "none"} if isinstance(value, str) else hasattr(value, "duplicates")


_CHECKS: dict[str, tuple[Callable[[object], bool], str]] = {
    "app": (lambda value: value is not None, "an app, module:attribute, or a path"),
    "start": (lambda value: isinstance(value, datetime), "a datetime"),
    "seed": (_is_int, "an int"),
    "findings": (_is_text, "text: default, error, warn or ignore"),
    "guard": (_is_text, "text: warn, error or off"),
    "replay": (_is_text, "text: every, search, all or off"),
    "schedule": (_is_schedule, "a list of ints, or a function (about, options) -> index"),
    "max_steps": (_is_int, "an int"),
    "freeze": (lambda value: isinstance(value, bool), "True or False"),
    "settings": (lambda value: hasattr(value, "max_short_timer_us"), "a wfsim.HostSettings"),
    "timer_triggers": (lambda value: isinstance(value, bool), "True or False"),
    "allow_network": (lambda value: isinstance(value, bool | list), "a list of URLs, or True"),
    "explore": (lambda value: _is_int(value) and cast("int", value) >= 0, "an int of at least 0"),
    "faults": (_is_faults, "'all', 'none' or a wfsim.explore.Faults"),
    "strategy": (lambda value: value in _STRATEGIES, f"one of {', '.join(_STRATEGIES)}"),
    "allow_outcomes": (lambda value: isinstance(value, bool | list), "a list of outputs, or True"),
}
_FOR_EXPLORING = ("explore", "strategy", "allow_outcomes")
"""Arguments that a simulation does not know."""


def options_of(item: pytest.Item) -> dict[str, Any]:
    """Return the arguments for `Simulation`, except for the app.

    Raises:
        Wrong: a marker is wrong.
    """
    inis = {name: item.config.getini(f"wfsim_{name}") for name in ("findings", "guard")}
    options = {**inis, **_marked(item)}
    for name in ("app", *_FOR_EXPLORING):
        options.pop(name, None)
    if options.get("faults") == "none":
        del options["faults"]
    seed = item.config.getoption("--wfsim-seed")
    if seed is not None:
        options["seed"] = seed
    return options


def plan_of(item: pytest.Item) -> Plan | None:
    """Return how a test is to be explored; None if it is to run once, as any other.

    Raises:
        Wrong: a marker, or an option of the command line, is wrong.
    """
    marked = _marked(item)
    if not marked.get("explore"):
        return None
    if "schedule" in marked:
        raise Wrong(
            "@pytest.mark.wfsim(explore=…) tries many schedules, and takes no schedule=. Play one "
            "with --wfsim-schedule, or leave explore= out."
        )
    count = item.config.getoption("--wfsim-explore")
    words = item.config.getoption("--wfsim-schedule")
    if count == 0 and words is None:
        return None
    options = options_of(item)
    return Plan(
        schedules=marked["explore"] if count is None else count,
        strategy=marked.get("strategy", "random"),
        seed=options.get("seed", 0),
        allow_outcomes=marked.get("allow_outcomes", False),
        counts_findings=options["findings"] in {"default", "error"},
        words=words,
    )


def _marked(item: pytest.Item) -> dict[str, Any]:
    """Merge the markers of the test, its class and its module; the closest one wins."""
    merged: dict[str, Any] = {}
    for marker in reversed(list(item.iter_markers("wfsim"))):
        if marker.args:
            raise Wrong(
                f"@pytest.mark.wfsim takes keyword arguments only, and got {marker.args[0]!r}. "
                "Write for example app=…."
            )
        for name, value in marker.kwargs.items():
            _check(name, value)
        merged |= marker.kwargs
    return merged


def _check(name: str, value: object) -> None:
    if name not in _CHECKS:
        near = difflib.get_close_matches(name, _CHECKS, n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]!r}?" if near else f"It takes {', '.join(_CHECKS)}."
        raise Wrong(f"@pytest.mark.wfsim has no argument {name!r}. {hint}")
    is_right, wanted = _CHECKS[name]
    if not is_right(value):
        raise Wrong(f"@pytest.mark.wfsim({name}={value!r}) must be {wanted}.")


def app_of(item: pytest.Item) -> object:
    """Return the app: what the closest marker names, else the ini option.

    Raises:
        Wrong: neither names one, or there is nothing at the path.
    """
    app = _marked(item).get("app")
    root = item.config.rootpath
    if app is None:
        named = item.config.getini("wfsim_app")
        if not named:
            raise Wrong(
                "Which function app? Either mark the test, @pytest.mark.wfsim(app=…), or give all "
                "tests one\nin the ini file: wfsim_app = function_app.py (a path from the root "
                "folder, or module:attribute)."
            )
        return _found(named, [root], "wfsim_app = ")
    if isinstance(app, str | PathLike):
        return _found(fspath(cast("str", app)), [item.path.parent, root], "app=")
    return app


def _found(named: str, folders: list[Path], what: str) -> str:
    """Make a path absolute; leave module:attribute as it is."""
    path, colon, attribute = named.rpartition(":")
    if not colon or len(path) < 2 or (folders[0] / named).exists():
        path, attribute = named, ""
    elif not path.endswith(".py"):
        return named
    for folder in folders:
        if (folder / path).exists():
            return f"{folder / path}:{attribute}" if attribute else str(folder / path)
    places = " and ".join(map(str, dict.fromkeys(folders)))
    raise Wrong(
        f"{what}{named!r} names no file or folder in {places}. Give a path from there, an "
        "absolute one, or module:attribute."
    )
