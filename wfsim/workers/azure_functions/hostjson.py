"""What `host.json` sets, and what overrides it.

To the host every setting is text at a path such as `extensions:durableTask:hubName`, whatever its
case and wherever it comes from: the file, or an environment variable that begins with
`AzureFunctionsJobHost__`, which wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from wfsim.errors import AppLoadError
from wfsim.hub.settings import HostSettings
from wfsim.workers.azure_functions.jsonc import Json, read_jsonc

__all__ = ["HOST_FILE", "read_host_json"]

HOST_FILE: Final = "host.json"

_PREFIX: Final = "azurefunctionsjobhost"
_DURABLE: Final = "extensions:durabletask"
_HUB_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{2,49}")
_LONGEST_DEFAULT_HUB: Final = 45
_WITHOUT_LONG_TIMERS: Final = frozenset({"mssql", "netherite", "azuremanaged"})
"""Storage providers that set timers of any length (semantics 1.1)."""
_MATCHES: Final = ("None", "Strict", "CurrentOrOlder")
_FAILURES: Final = ("Reject", "Fail")
_STATES: Final = ("NonRunningStates", "AnyState")
_LARGEST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """One setting: its text (None for a null), and where it stands."""

    text: str | None
    shown: str
    """The key as it is written."""
    source: str
    """The file, or the kind of source."""
    is_scalar: bool = True


def read_host_json(folder: Path | None, environ: Mapping[str, str]) -> HostSettings:
    """Return the settings of an app's host.

    Args:
        folder: The app's folder; one without a `host.json` gives the defaults.
        environ: The environment that the app sees, with what `local.settings.json` adds.

    Raises:
        AppLoadError: the file is broken, or a setting has a value that the host refuses.
    """
    found: dict[str, _Setting] = {}
    file = None if folder is None else folder / HOST_FILE
    if file is not None and file.is_file():
        for path, setting in _flattened(read_jsonc(file), str(file)):
            found[path.casefold()] = setting
    for name, value in environ.items():
        if name[: len(_PREFIX)].casefold() != _PREFIX:
            continue
        path = re.sub("__", ":", name).casefold()
        if path.startswith(f"{_PREFIX}:"):
            found[path.removeprefix(f"{_PREFIX}:")] = _Setting(
                text=value, shown=name, source="the environment"
            )
    return _Settings(found, environ).host_settings()


def _flattened(value: Json, source: str, path: str = "") -> Iterator[tuple[str, _Setting]]:
    match value:
        case dict():
            yield path, _Setting(text="{…}", shown=path, source=source, is_scalar=False)
            for key, item in value.items():
                yield from _flattened(item, source, f"{path}:{key}" if path else key)
        case list():
            yield path, _Setting(text="[…]", shown=path, source=source, is_scalar=False)
        case bool():
            yield path, _Setting(text=str(value).lower(), shown=path, source=source)
        case _:
            yield path, _Setting(text=value, shown=path, source=source)


class _Settings:
    """Settings by path, read as the type that each is meant to have."""

    def __init__(self, found: Mapping[str, _Setting], environ: Mapping[str, str]) -> None:
        self._found = found
        self._environ = environ

    def host_settings(self) -> HostSettings:
        """Return them all; what is not set keeps its default."""
        # The same name may stand in several places; each reader refuses what it cannot take.
        settings = HostSettings(hub_name=self._hub_name())
        given: dict[str, Any] = {
            "store_inputs": self._flag(f"{_DURABLE}:storeInputsInOrchestrationHistory"),
            "default_version": self._text(f"{_DURABLE}:defaultVersion"),
            "version_match": self._one_of(f"{_DURABLE}:versionMatchStrategy", _MATCHES),
            "version_failure": self._one_of(f"{_DURABLE}:versionFailureStrategy", _FAILURES),
            "overridable_states": self._one_of(
                f"{_DURABLE}:overridableExistingInstanceStates", _STATES
            ),
            "max_entity_batch": self._number(f"{_DURABLE}:maxEntityOperationBatchSize", least=1),
            "http_sleep_ms": self._number(
                f"{_DURABLE}:httpSettings:defaultAsyncRequestSleepTimeMilliseconds", least=0
            ),
            "route_prefix": self._text("extensions:http:routePrefix"),
        }
        if self._provider() in _WITHOUT_LONG_TIMERS:
            settings = replace(settings, max_short_timer_us=None, long_timer_interval_us=None)
        return replace(settings, **{k: value for k, value in given.items() if value is not None})

    def _provider(self) -> str:
        return (self._text(f"{_DURABLE}:storageProvider:type") or "azureStorage").casefold()

    def _hub_name(self) -> str:
        path = f"{_DURABLE}:hubName"
        name = self._text(path)
        if not name:
            return _default_hub(self._variable("WEBSITE_SITE_NAME"))
        if len(name) > 2 and name[0] == name[-1] == "%":
            resolved = self._variable(name[1:-1])
            if not resolved:
                raise self._refused(
                    path,
                    f"names a setting that there is not: set {name[1:-1]} in "
                    "local.settings.json or the environment",
                )
            name = resolved
        if self._provider() == "azurestorage" and not _HUB_NAME.fullmatch(name):
            raise self._refused(
                path,
                f"is no name of a task hub ({name!r}): it takes letters and digits only, begins "
                "with a letter, and has 3 to 45 characters",
            )
        return name

    def _variable(self, name: str) -> str | None:
        folded = {key.casefold(): value for key, value in self._environ.items()}
        return self._environ.get(name, folded.get(name.casefold()))

    # --- one setting ----------------------------------------------------------------------------

    def _text(self, path: str) -> str | None:
        setting = self._found.get(path.casefold())
        if setting is None:
            return None
        if not setting.is_scalar:
            raise self._refused(path, "must be text")
        return setting.text

    def _flag(self, path: str) -> bool | None:
        text = self._text(path)
        if not text:
            return None
        if text.strip().casefold() not in {"true", "false"}:
            raise self._refused(path, "must be true or false")
        return text.strip().casefold() == "true"

    def _number(self, path: str, *, least: int) -> int | None:
        text = self._text(path)
        if not text:
            return None
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if not least <= number <= _LARGEST:
            raise self._refused(path, f"must be a whole number of at least {least}")
        return number

    def _one_of(self, path: str, names: Sequence[str]) -> str | None:
        text = self._text(path)
        if not text:
            return None
        known = {name.casefold(): name for name in names}
        if text.strip().casefold() not in known:
            raise self._refused(path, f"must be one of {', '.join(names)}")
        return known[text.strip().casefold()]

    def _refused(self, path: str, why: str) -> AppLoadError:
        setting = self._found[path.casefold()]
        return AppLoadError(f"{setting.shown} = {setting.text!r} ({setting.source}) {why}.")


def _default_hub(site: str | None) -> str:
    """Return the hub's name where none is set: the site's, made fit, or the extension's own."""
    if not site:
        return HostSettings().hub_name
    name = "".join(character for character in site if character.isalnum())
    if not name:
        return "DefaultTaskHub"
    name = f"{'t' if name[0].isnumeric() else ''}{name}"[:_LONGEST_DEFAULT_HUB]
    return name if len(name) > 2 else f"{name}Hub"
