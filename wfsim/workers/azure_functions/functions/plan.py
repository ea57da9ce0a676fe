"""Reads a function's signature and bindings as the Functions worker does when it loads it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from wfsim.errors import AppLoadError
from wfsim.workers.azure_functions._sdk import Registered
from wfsim.workers.azure_functions.functions import _sdk

__all__ = ["RETURN", "Bound", "Plan", "plan_of"]

RETURN: Final = "$return"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """One parameter and what it is bound to."""

    name: str
    kind: str
    """Type of the binding as the app declares it."""
    codec: str
    """Type of the binding whose converter the worker uses: plain text and bytes are generic."""
    description: Mapping[str, Any]
    pytype: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to call a function."""

    trigger: Bound
    inputs: tuple[Bound, ...]
    outputs: tuple[Bound, ...]
    returned: Bound | None
    """What the return value goes to."""
    wants_context: bool


def plan_of(function: Registered) -> Plan:
    """Plan the calls of a function.

    Raises:
        AppLoadError: the worker would not load it, in the worker's words.
    """
    name = function.function_name
    try:
        hints = _sdk.hints_of(function.call)
    except Exception as error:
        raise _refusal(name, f"its annotations cannot be read: {error}") from error
    bindings = {str(item["name"]): item for item in (function.trigger, *function.bindings)}
    parameters = list(inspect.signature(function.call).parameters)
    wants_context = "context" in parameters and "context" not in bindings
    if wants_context:
        parameters.remove("context")
        _check_context(name, hints.get("context"))
    declared = [item for item in bindings if item != RETURN]
    _check_names(name, parameters, declared)
    bound = {item: _bound(name, bindings[item], hints) for item in declared}
    trigger = bound.pop(str(function.trigger["name"]))
    return Plan(
        trigger=trigger,
        inputs=tuple(item for item in bound.values() if not _is_output(item.description)),
        outputs=tuple(item for item in bound.values() if _is_output(item.description)),
        returned=_returned(bindings, hints),
        wants_context=wants_context,
    )


def _refusal(name: str, why: str) -> AppLoadError:
    return AppLoadError(f"cannot load the {name} function: {why}")


def _is_output(description: Mapping[str, Any]) -> bool:
    return str(description.get("direction")).upper() == "OUT"


def _check_context(name: str, annotation: object) -> None:
    if annotation is not None and getattr(annotation, "__name__", "") != "Context":
        raise _refusal(
            name,
            'the "context" parameter is expected to be of type azure.functions.Context, '
            f"got {annotation!r}",
        )


def _check_names(name: str, parameters: list[str], declared: list[str]) -> None:
    unbound = sorted(set(parameters) - set(declared))
    if unbound:
        raise _refusal(
            name,
            "the following parameters are declared in Python but not in function.json: "
            f"{', '.join(map(repr, unbound))}. Bind each with a decorator.",
        )
    missing = sorted(set(declared) - set(parameters))
    if missing:
        raise _refusal(
            name,
            "the following parameters are declared in function.json but not in Python: "
            f"{', '.join(map(repr, missing))}. Add each to the function.",
        )


def _bound(function: str, description: Mapping[str, Any], hints: Mapping[str, Any]) -> Bound:
    name, kind = str(description["name"]), str(description["type"])
    is_output = _is_output(description)
    annotation = hints.get(name)
    inner = _sdk.out_type(annotation)
    pytype = annotation if inner is None else inner[0]
    codec = kind
    if annotation is not None:
        _check_direction(function, name, is_output=is_output, is_out=inner is not None)
        if pytype is not None and not _sdk.is_type(pytype):
            raise _refusal(
                function, f"binding {name} has invalid non-type annotation {annotation!r}"
            )
        if pytype in {str, bytes} and not _sdk.has_implicit_output(kind):
            codec = _sdk.GENERIC
        if isinstance(pytype, type) and not _sdk.accepts(codec, pytype, output=is_output):
            raise _refusal(
                function,
                f'type of {name} binding in function.json "{kind}" does not match its Python '
                f'annotation "{pytype.__name__}"',
            )
    return Bound(name=name, kind=kind, codec=codec, description=description, pytype=pytype)


def _check_direction(function: str, name: str, *, is_output: bool, is_out: bool) -> None:
    if is_output and not is_out:
        raise _refusal(
            function,
            f'binding {name} is declared to have the "out" direction, but its annotation in '
            "Python is not a subclass of azure.functions.Out",
        )
    if is_out and not is_output:
        raise _refusal(
            function,
            f'binding {name} is declared to have the "in" direction in function.json, but its '
            "annotation is azure.functions.Out in Python",
        )


def _returned(bindings: Mapping[str, Mapping[str, Any]], hints: Mapping[str, Any]) -> Bound | None:
    explicit = bindings.get(RETURN)
    implicit = [item for item in bindings.values() if _sdk.has_implicit_output(str(item["type"]))]
    description = explicit or (implicit[-1] if implicit else None)
    if description is None:
        return None
    kind = str(description["type"])
    return Bound(
        name=RETURN, kind=kind, codec=kind, description=description, pytype=hints.get("return")
    )
