"""The environment that an app sees: `local.settings.json`, and what `func start` adds to it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from wfsim.errors import AppLoadError
from wfsim.workers.azure_functions.jsonc import read_jsonc

__all__ = ["SETTINGS_FILE", "Environment", "app_environment", "local_settings"]

SETTINGS_FILE: Final = "local.settings.json"


def local_settings(folder: Path | None) -> Mapping[str, str]:
    """Return the `Values` of an app's `local.settings.json`, as text; none without a file.

    Raises:
        AppLoadError: the file is broken or encrypted, or a value is neither text nor a number or
            flag.
    """
    file = None if folder is None else folder / SETTINGS_FILE
    if file is None or not file.is_file():
        return {}
    document = {key.casefold(): value for key, value in read_jsonc(file).items()}
    if str(document.get("isencrypted")).casefold() == "true":
        raise AppLoadError(
            f"{file} is encrypted, with a key that only this machine's Functions tools have. "
            "Run `func settings decrypt` in the app's folder."
        )
    values = document.get("values")
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise AppLoadError(f'"Values" in {file} must be an object of text, and is {values!r}.')
    settings: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, dict | list):
            raise AppLoadError(
                f'"Values" in {file}: {name!r} must be text, and is {value!r}. Nested settings '
                f"are written as '{name}__key'."
            )
        if value is not None:  # a null sets nothing
            settings[name] = str(value).lower() if isinstance(value, bool) else value
    return settings


def app_environment(folder: Path | None, *, address: str = "localhost:7071") -> Environment:
    """Return the environment in which `func start` would run the app of a folder.

    Args:
        folder: The app's folder, where it has one.
        address: Host and port under which the app is reached.

    Raises:
        AppLoadError: its `local.settings.json` is broken.
    """
    return Environment(
        {
            "AZURE_FUNCTIONS_ENVIRONMENT": "Development",
            "FUNCTIONS_WORKER_RUNTIME": "python",
            "WEBSITE_HOSTNAME": address,
            **local_settings(folder),
        }
    )


class Environment:
    """Variables that stand in `os.environ` while a simulation needs them.

    A variable that is set outside of all simulations wins, as it does with `func start`; where
    several simulations are open, the one that was applied last does. They may be restored in any
    order.

    Args:
        values: The variables.
    """

    _applied: Final[list[Environment]] = []
    """Those that are applied now, latest last."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)
        self.in_place: dict[str, str] = {}
        """Those that were free to set when this was applied last."""

    @property
    def names(self) -> frozenset[str]:
        """What the variables are called: settings of the app, the same on all its workers."""
        return frozenset(self._values)

    def apply(self) -> None:
        """Set the variables; again, to let these win over those of other simulations."""
        if self._applied and self._applied[-1] is self:
            return
        owned = _owned(self._applied)
        mine = {
            name: value
            for name, value in self._values.items()
            if name in owned or name not in os.environ
        }
        if self in self._applied:
            self._applied.remove(self)
        self._applied.append(self)
        self.in_place = mine
        os.environ.update(mine)

    def on_top(self) -> AbstractContextManager[None]:
        """Set the variables for one operation; what was in force before comes back."""
        return _OnTop(self)

    def push(self) -> Environment:
        """Set the variables until `pop`, which wants what this returns: what was in force."""
        before = self._applied[-1] if self._applied else self
        self.apply()
        return before

    def pop(self, before: Environment) -> None:
        """Put that in force again, which may have been restored meanwhile."""
        if before in self._applied:
            before.apply()

    def restore(self) -> None:
        """Take them away; what another open simulation has set comes back."""
        if self not in self._applied:
            return
        self._applied.remove(self)
        for name in self.in_place:
            below = [layer for layer in self._applied if name in layer.in_place]
            if below:
                os.environ[name] = below[-1].in_place[name]
            else:
                os.environ.pop(name, None)

    def merged(self) -> dict[str, str]:
        """Return the environment that the app sees."""
        owned = _owned(self._applied)
        outer = {name: value for name, value in os.environ.items() if name not in owned}
        return {**self._values, **outer}


class _OnTop:
    """An environment in force for one operation."""

    __slots__ = ("_before", "_environment")

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def __enter__(self) -> None:
        self._before = self._environment.push()

    def __exit__(self, *_: object) -> None:
        self._environment.pop(self._before)


def _owned(layers: list[Environment]) -> set[str]:
    return {name for layer in layers for name in layer.in_place}
