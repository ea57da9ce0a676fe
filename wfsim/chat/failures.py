"""What a provider fails with: exceptions by name, with the attributes that retries look at.

Provider clients of the framework wrap what goes wrong in its `ChatClientException`; a name that
is found nowhere makes a class below it. `from wfsim.chat.failures import RateLimitError` gives that
class to `pytest.raises`.
"""

from __future__ import annotations

import builtins
import difflib
from typing import Final

import agent_framework.exceptions as framework
from agent_framework.exceptions import ChatClientException

from wfsim.chat.times import Duration
from wfsim.clock import format_duration, parse_duration
from wfsim.errors import UsageError

__all__ = ["failure_named"]

_STATUS: Final = {
    "APIStatusError": 500,
    "AuthenticationError": 401,
    "BadRequestError": 400,
    "ConflictError": 409,
    "InternalServerError": 500,
    "NotFoundError": 404,
    "OverloadedError": 529,
    "PermissionDeniedError": 403,
    "RateLimitError": 429,
    "ServiceUnavailableError": 503,
    "UnprocessableEntityError": 422,
}
"""HTTP statuses behind the names that provider SDKs share."""

_ALIASES: Final = {"timeout": "TimeoutError"}
_NEAR: Final = 0.9
_SECOND_US: Final = 1_000_000

_made: dict[str, type[Exception]] = {}


def failure_named(
    error: object, *, message: str = "", retry_after: float | Duration | None = None
) -> Exception:
    """Return an exception to raise.

    Args:
        error: An exception, its class, or the name of one.
        message: Its text; by default it says that the failure is scripted.
        retry_after: Seconds, or text such as "20s"; it becomes an attribute, and part of the
            default text.

    Raises:
        UsageError: there is no such exception, or its class cannot be called with a text alone.
    """
    seconds = None if retry_after is None else _seconds(retry_after)
    if isinstance(error, Exception):
        if message:
            raise UsageError(
                f"Fail({error!r}) already has its text, so message={message!r} has no place. "
                "Give the class, or leave message= out."
            )
        return _with_hint(error, seconds)
    kind = _class_of(error)
    text = message or f"scripted {kind.__name__}"
    if seconds is not None and not message:
        text = f"{text}; retry after {format_duration(round(seconds * _SECOND_US))}"
    try:
        made = kind(text)
    except TypeError as wrong:
        raise UsageError(
            f"{kind.__name__} cannot be made of a text alone ({wrong}). "
            f"Give an instance: Fail({kind.__name__}(…))."
        ) from None
    return _with_hint(made, seconds)


def _with_hint(error: Exception, seconds: float | None) -> Exception:
    if seconds is not None:
        error.retry_after = seconds  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    return error


def _seconds(retry_after: float | Duration) -> float:
    if isinstance(retry_after, (int, float)) and not isinstance(retry_after, bool):
        if not 0 <= retry_after < float("inf"):
            raise UsageError(f"retry_after= is a number of seconds, not {retry_after!r}.")
        return float(retry_after)
    return parse_duration(retry_after, what="retry_after") / _SECOND_US


def _class_of(error: object) -> type[Exception]:
    if isinstance(error, type) and issubclass(error, Exception):
        return error
    if not isinstance(error, str):
        raise UsageError(
            f"A Fail takes an exception, its class or its name, not {error!r}. "
            "For example Fail('RateLimitError', retry_after=20)."
        )
    name = _ALIASES.get(error.lower(), error)
    for home in (builtins, framework):
        found = getattr(home, name, None)
        if isinstance(found, type) and issubclass(found, Exception):
            return found
    return _provider_error(name)


def _provider_error(name: str) -> type[Exception]:
    """Return the class of a provider's error, the same one for each name."""
    if not name.isidentifier() or name.startswith("_"):
        raise UsageError(f"A Fail takes the name of an exception class, not {name!r}.")
    near = difflib.get_close_matches(name, _known(), n=1, cutoff=_NEAR)
    if near and near[0] != name:
        raise UsageError(f"There is no exception {name!r}. Did you mean {near[0]!r}?")
    if name not in _made:
        status = {"status_code": _STATUS[name]} if name in _STATUS else {}
        about = "An error of a model's provider, made by name for a script."
        members = {"__doc__": about, "__module__": __name__, **status}
        _made[name] = type(name, (ChatClientException,), members)
    return _made[name]


def _known() -> list[str]:
    homes = (*vars(builtins).values(), *vars(framework).values())
    kinds = [kind for kind in homes if isinstance(kind, type) and issubclass(kind, Exception)]
    return sorted({*(kind.__name__ for kind in kinds), *_STATUS})


def __getattr__(name: str) -> type[Exception]:
    """Return the class of a provider's error, for `pytest.raises`, and for pickle."""
    if name in _made or (name[:1].isupper() and name.endswith(("Error", "Exception"))):
        return _provider_error(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
