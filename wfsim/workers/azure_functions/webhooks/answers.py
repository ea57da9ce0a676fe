"""The shapes of the extension's answers: plain statuses, JSON, and its error bodies."""

from __future__ import annotations

from collections.abc import Iterable

from wfsim.errors import InstanceError
from wfsim.history.jsontext import write
from wfsim.web import Response

__all__ = [
    "ARGUMENT_EXCEPTION",
    "JSON_EXCEPTION",
    "bad_argument",
    "failure",
    "invalid_json",
    "message",
    "plain",
    "refusal",
    "reply",
    "unknown_function",
]

ARGUMENT_EXCEPTION = "System.ArgumentException"
JSON_EXCEPTION = "Newtonsoft.Json.JsonReaderException"
_STATE_EXCEPTION = "System.InvalidOperationException"

_EXTENSION = "Microsoft.Azure.WebJobs.Extensions.DurableTask"
_STACK = f"   at {_EXTENSION}.HttpApiHandler.HandleRequestAsync(HttpRequestMessage request)"
_BAD_ARGUMENTS = "One or more of the arguments submitted is incorrect"
_WENT_WRONG = "Something went wrong while processing your request"


def plain(status: int) -> Response:
    """Return an answer without a body."""
    return Response(status=status)


def reply(value: object, *, status: int = 200, headers: Iterable[tuple[str, str]] = ()) -> Response:
    """Return an answer with a JSON body."""
    kind = ("Content-Type", "application/json; charset=utf-8")
    # Half of a surrogate pair is no UTF-8; written as an escape it is still JSON.
    body = write(value).encode("utf-8", "backslashreplace")
    return Response(status=status, headers=(kind, *headers), body=body)


def message(status: int, text: str) -> Response:
    """Return an error that came from no exception."""
    return reply({"Message": text}, status=status)


def failure(status: int, title: str, *, text: str, kind: str) -> Response:
    """Return an error with the exception that it came from.

    Args:
        status: The HTTP status.
        title: What the host says about it.
        text: The exception's message.
        kind: The exception's .NET type.
    """
    body = {
        "Message": title,
        "ExceptionMessage": text,
        "ExceptionType": kind,
        "StackTrace": _STACK,
    }
    return reply(body, status=status)


def bad_argument(text: str, *, kind: str = ARGUMENT_EXCEPTION) -> Response:
    """Return what the host says to an argument that it does not like."""
    return failure(400, _BAD_ARGUMENTS, text=text, kind=kind)


def invalid_json(error: ValueError) -> Response:
    """Return what the host says to a body that is not JSON."""
    return failure(400, "Invalid JSON content", text=str(error), kind=JSON_EXCEPTION)


def refusal(error: InstanceError, *, kind: str = _STATE_EXCEPTION) -> Response:
    """Return the host's answer to an operation that the hub refused (semantics 6.2).

    Args:
        error: The hub's error.
        kind: The .NET type of the exception behind a server error.
    """
    if error.status_code == 400:
        return bad_argument(error.host_text)
    if error.status_code == 500:
        return failure(500, _WENT_WRONG, text=error.host_text, kind=kind)
    if error.host_text and error.status_code not in {404, 410}:
        return message(error.status_code, error.host_text)
    return plain(error.status_code)


def unknown_function(name: str, known: Iterable[str], *, kind: str) -> str | None:
    """Return what the host says to a name that it does not know, or None if it does.

    Args:
        name: What was asked for; names are compared without their case.
        known: The registered names of that kind.
        kind: "orchestrator" or "entity".
    """
    names = tuple(known)
    if name.casefold() in {item.casefold() for item in names}:
        return None
    listed = "', '".join(names)
    info = (
        f"The following are the known {kind} functions: '{listed}'."
        if names
        else f"No {kind} functions are currently registered!"
    )
    return (
        f"The function '{name}' doesn't exist, is disabled, or is not an {kind} function. "
        f"Additional info: {info}"
    )
