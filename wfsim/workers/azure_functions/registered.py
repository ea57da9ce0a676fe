"""A function of an app, as the host registers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal, cast

__all__ = ["Kind", "Registered", "described"]

Kind = Literal["orchestrator", "activity", "entity", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """One function of an app, as the host registers it."""

    kind: Kind
    name: str
    """The name that the host knows: the trigger's property, else the function's name."""
    function_name: str
    parameter: str
    """The trigger's parameter of `call`."""
    call: Callable[..., Any]
    trigger: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The trigger as the app declares it: type, name, and what its kind has, such as a route."""
    bindings: tuple[Mapping[str, Any], ...] = ()
    """All other bindings, in the order in which the app adds them."""


def described(binding: Mapping[str, Any]) -> dict[str, Any]:
    """Return a binding's description with the texts that the worker would send to the host."""
    return {key: _plain(value) for key, value in binding.items()}


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever the app gave
    if isinstance(value, Enum):
        return str(value)  # the SDK's enums show their names
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in cast("list[Any]", value)]
    return value
