"""HTTP functions: which one answers, who may call it, and what its answer becomes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from wfsim.errors import UsageError
from wfsim.web import Request
from wfsim.workers.azure_functions._sdk import Registered
from wfsim.workers.azure_functions.functions import _sdk
from wfsim.workers.azure_functions.functions.invoke import Given
from wfsim.workers.azure_functions.functions.routes import match_template, path_segments
from wfsim.workers.azure_functions.functions.templates import Template, parse_template

__all__ = ["FUNCTION_KEY", "HTTP", "MASTER_KEY", "Endpoint", "Endpoints", "given_of", "may_call"]

FUNCTION_KEY: Final = "function-key"
"""Opens functions of the auth level FUNCTION."""
MASTER_KEY: Final = "master-key"
"""Opens every function."""

HTTP: Final = "httpTrigger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A function at its route."""

    function: Registered
    template: Template
    methods: tuple[str, ...]
    """In upper case; none for all."""
    level: str
    """"ANONYMOUS", "FUNCTION" or "ADMIN"."""


class Endpoints:
    """The routes of an app.

    The host puts functions in the order of their names and takes the first route that matches: a
    literal route has no precedence over one with parameters.

    Args:
        functions: The app's functions; those without HTTP trigger are left out.
    """

    def __init__(self, functions: Iterable[Registered]) -> None:
        self.all: list[Endpoint] = []
        self.problems: list[tuple[Registered, str]] = []
        """Functions whose routes are unusable, and why."""
        for function in sorted(functions, key=lambda item: item.function_name.upper()):
            if function.trigger.get("type") == HTTP:
                self._add(function)

    def _add(self, function: Registered) -> None:
        trigger = function.trigger
        route = str(trigger.get("route") or function.function_name)
        try:
            template = parse_template(route)
        except UsageError as error:
            problem = (
                f"The route {route!r} of {function.function_name!r} is no template that the host "
                f"takes: {error}"
            )
            self.problems.append((function, problem))
            return
        endpoint = Endpoint(
            function=function,
            template=template,
            methods=tuple(str(method).upper() for method in trigger.get("methods") or ()),
            level=str(trigger.get("authLevel") or "FUNCTION").upper(),
        )
        self.all.append(endpoint)

    def find(self, method: str, path: str) -> tuple[Endpoint, dict[str, str]] | None:
        """Return the function for a method and a raw path, and its route's parameters."""
        segments = path_segments(path)
        if segments is None:
            return None
        for endpoint in self.all:
            if endpoint.methods and method.upper() not in endpoint.methods:
                continue
            values = match_template(endpoint.template, segments)
            if values is not None:
                return endpoint, values
        return None


def may_call(request: Request, level: str) -> bool:
    """Whether a request's key opens a function of that auth level."""
    key = request.header("x-functions-key")
    if key is None:
        key = request.parameter("code")
    match level:
        case "ANONYMOUS":
            return True
        case "ADMIN":
            return key == MASTER_KEY
        case _:
            return key in {FUNCTION_KEY, MASTER_KEY}


def given_of(request: Request, values: dict[str, str]) -> Given:
    """Return an HTTP request as the host sends it to the worker."""
    # Of a parameter without a value the worker hears nothing; empty headers do arrive.
    query = {name: text for name, text in _joined(request.query).items() if text}
    data = _sdk.http_datum(
        method=request.method,
        url=request.url,
        headers={name.lower(): text for name, text in _joined(request.headers).items()},
        query=query,
        params=values,
        body=request.body,
    )
    target = re.sub(r"^[^/]*//[^/]*", "", request.url) or "/"
    return Given(data=data, metadata={}, shown=f"{request.method} {target}")


def _joined(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Join the values of each name with commas, ignoring the names' case."""
    found: dict[str, tuple[str, list[str]]] = {}
    for name, value in pairs:
        found.setdefault(name.casefold(), (name, []))[1].append(value)
    return {name: ",".join(values) for name, values in found.values()}
