"""Requests for information that are open, and how a test names one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wfsim.clock import from_us
from wfsim.errors import UsageError, nearest
from wfsim.workflows import _sdk

__all__ = ["OpenRequest", "find", "fitting", "is_named", "type_name"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRequest:
    """Something that a workflow asked for and waits for."""

    id: str
    data: Any
    """What it said when it asked."""
    response_type: Any
    """The type that an answer has to have."""
    executor: str
    """Who asked: an executor, or a functional workflow."""
    since_us: int

    @property
    def since(self) -> datetime:
        """When it was asked, in virtual time."""
        return from_us(self.since_us)

    def __str__(self) -> str:
        return f"{self.id!r} by {self.executor}: {self.data!r} -> {type_name(self.response_type)}"


def type_name(wanted: Any) -> str:  # noqa: ANN401
    """Return how to call a type in a message."""
    return wanted.__qualname__ if isinstance(wanted, type) else str(wanted)


def names_of(request: OpenRequest) -> list[str]:
    """Return the names by which a test may call a request, the most exact first."""
    found = [request.id, request.executor, type(request.data).__name__]
    return list(dict.fromkeys(found))


def is_named(request: OpenRequest, name: str) -> bool:
    """Return whether a name is one of the request's; "*" is everybody's."""
    return name == "*" or name in names_of(request)


def find(name: object, pending: Sequence[OpenRequest], *, title: str) -> OpenRequest:
    """Return the one open request that is meant.

    Args:
        name: A request, its id, the executor that asked, the class of its data, or "*".
        pending: What is open.
        title: Whose requests these are.

    Raises:
        UsageError: none is meant, or more than one.
    """
    if isinstance(name, OpenRequest):
        name = name.id
    if not isinstance(name, str):
        raise UsageError(
            f"A request is named by its id, by who asked or by the class of its data, not {name!r}."
        )
    if not pending:
        raise UsageError(f"{title} waits for no answer, so {name!r} cannot be answered.")
    exact = [request for request in pending if request.id == name]
    meant = exact or [request for request in pending if is_named(request, name)]
    listed = "".join(f"\n  {request}" for request in pending)
    if not meant:
        known = [each for request in pending for each in names_of(request)]
        raise UsageError(
            f"{title} has no open request {name!r}.{nearest(name, known)}\nOpen are:{listed}"
        )
    if len(meant) > 1:
        raise UsageError(
            f"{name!r} names {len(meant)} open requests of {title}. Say which, by its id.\n"
            f"Open are:{listed}"
        )
    return meant[0]


def fitting(request: OpenRequest, value: object) -> Any:  # noqa: ANN401
    """Return an answer as the framework takes it.

    Raises:
        UsageError: it is not of the type that was asked for.
    """
    try:
        return _sdk.coerced(value, request.response_type, request.id)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"The request {request.id!r} by {request.executor} wants "
            f"{type_name(request.response_type)}, but the answer is {value!r}, "
            f"{type_name(type(value))}. Give the type it asks for; raw=True hands it over as it is."
        ) from error
