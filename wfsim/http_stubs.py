"""Stubbed HTTP: what the outside world answers to `call_http`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, cast

from wfsim.clock import parse_duration
from wfsim.errors import UsageError, WfsimError
from wfsim.stubs import UNSET, Unset
from wfsim.web import Pairs, Request, Response
from wfsim.workers.azure_functions.durable_http import Given
from wfsim.workers.azure_functions.urls import UrlPattern

__all__ = ["HeaderValues", "HttpAnswer", "HttpStub", "HttpStubs"]

HeaderValues = Mapping[str, str | Sequence[str]]
"""Headers by name; one that comes several times has a list."""

_METHOD: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OK: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """One answer of a stubbed URL.

    Args:
        status: The status code.
        json: The body, as a JSON value.
        body: The body, as text (UTF-8) or bytes.
        headers: Response headers. The orchestrator sees none that describe the body, as it does
            not in production.
        takes: How long the answer takes, in virtual time.
        fails: The text of a transport error, such as "Connection refused": there is no response,
            and the task fails.
        calls: A function of the request, sync or async. It returns the answer: an `HttpAnswer`, a
            `Response`, a dict or list (JSON), text or bytes. What it raises is a transport error.
    """

    status: int = _OK
    json: object = UNSET
    body: str | bytes | None = None
    headers: HeaderValues | None = None
    takes: timedelta | str | None = None
    fails: str | None = None
    calls: Callable[[Request], object] | None = None

    def __post_init__(self) -> None:
        given = [
            name
            for name, is_given in (
                ("status", self.status != _OK),
                ("json", self.json is not UNSET),
                ("body", self.body is not None),
                ("headers", self.headers is not None),
                ("fails", self.fails is not None),
                ("calls", self.calls is not None),
            )
            if is_given
        ]
        for alone in ("fails", "calls"):
            others = [name for name in given if name != alone]
            if alone in given and others:
                raise UsageError(
                    f"An HTTP stub with {alone}= has no response of its own, but got "
                    f"{' and '.join(others)} besides. For answers call by call give answers=[…]."
                )
        if "json" in given and "body" in given:
            raise UsageError("An HTTP stub takes json= or body=, but got both.")
        self._check_types()
        _ = self.given  # what cannot be sent is the test's mistake: say so here, not later

    def _check_types(self) -> None:
        # What a test gives need not be of the type that is written here.
        status, body, fails = cast("tuple[object, ...]", (self.status, self.body, self.fails))
        if not isinstance(status, int) or isinstance(status, bool) or not 100 <= status <= 599:
            raise UsageError(f"status={status!r} of an HTTP stub must be an int from 100 to 599.")
        if not isinstance(body, str | bytes | None):
            raise UsageError(f"body={body!r} must be text or bytes; json= takes values.")
        if not isinstance(fails, str | None) or fails == "":
            raise UsageError(f"fails={fails!r} must be the text of a transport error.")
        if self.calls is not None and not callable(self.calls):
            raise UsageError(f"calls={self.calls!r} must be a function of the request.")

    @property
    def given(self) -> Given:
        """What the requester gets, unless `calls` decides it."""
        takes_us = 0 if self.takes is None else parse_duration(self.takes, what="takes")
        if self.fails is not None:
            return Given(failure=self.fails, takes_us=takes_us)
        headers = _pairs(self.headers)
        response = Response(status=self.status, headers=headers)
        if self.json is not UNSET:
            response = _json_response(self.json, status=self.status, headers=headers)
        elif self.body is not None:
            body = self.body.encode() if isinstance(self.body, str) else self.body
            has_kind = isinstance(self.body, bytes) or response.header("Content-Type") is not None
            kind = () if has_kind else (("Content-Type", "text/plain; charset=utf-8"),)
            response = Response(status=self.status, headers=(*kind, *headers), body=body)
        return Given(response=response, takes_us=takes_us)


def _json_response(value: object, *, status: int, headers: Pairs) -> Response:
    try:
        response = Response.of_json(value, status=status, headers=headers)
    except (TypeError, ValueError) as error:
        raise UsageError(f"json={value!r} of an HTTP stub is not JSON: {error}.") from None
    if any(name.casefold() == "content-type" for name, _ in headers):
        return Response(status=status, headers=headers, body=response.body)
    return response


def _pairs(headers: HeaderValues | None) -> Pairs:
    if headers is None:
        return ()
    if not isinstance(headers, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageError(f"headers={headers!r} of an HTTP stub must be a dict of text.")
    pairs: list[tuple[str, str]] = []
    for name, value in headers.items():
        values: Sequence[object] = value if isinstance(value, list | tuple) else [value]
        if not isinstance(name, str) or not all(isinstance(item, str) for item in values):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageError(f"The header {name!r}: {value!r} of an HTTP stub must be text.")
        pairs.extend((name, cast("str", item)) for item in values)
    return tuple(pairs)


@dataclass(slots=True)
class HttpStub:
    """A stubbed URL and the requests that it got."""

    method: str
    """In upper case; "*" for any."""
    url: str | re.Pattern[str]
    answers: Sequence[HttpAnswer]
    """One per request; the last one repeats."""
    calls: list[Request] = field(default_factory=list[Request])
    """The requests, oldest first."""


class HttpStubs:
    """The stubbed URLs of one simulation; of several that match, the latest answers."""

    def __init__(self) -> None:
        self._stubs: list[tuple[HttpStub, UrlPattern]] = []

    def add(  # noqa: PLR0913 - keyword-only, each with a default
        self,
        method: str,
        url: str | re.Pattern[str],
        *,
        status: int = _OK,
        json: object | Unset = UNSET,
        body: str | bytes | None = None,
        headers: HeaderValues | None = None,
        takes: timedelta | str | None = None,
        fails: str | None = None,
        calls: Callable[[Request], object] | None = None,
        answers: Sequence[HttpAnswer] | None = None,
    ) -> HttpStub:
        """Stub a URL; see `HttpAnswer` for what it may answer.

        Args:
            method: Whatever its case; "*" stands for every method.
            url: All of it, `*` for any text; without "?" the query does not matter. Or a compiled
                regular expression.
            status: See `HttpAnswer`.
            json: See `HttpAnswer`.
            body: See `HttpAnswer`.
            headers: See `HttpAnswer`.
            takes: See `HttpAnswer`.
            fails: See `HttpAnswer`.
            calls: See `HttpAnswer`.
            answers: One per request instead; the last one repeats.

        Raises:
            UsageError: the arguments make no sense, or contradict each other.
        """
        one = HttpAnswer(
            status=status,
            json=json,
            body=body,
            headers=headers,
            takes=takes,
            fails=fails,
            calls=calls,
        )
        stub = HttpStub(_method(method), url, _answers(f"{method} {url}", one, answers))
        self._stubs.append((stub, UrlPattern(url)))
        return stub

    def answer(self, request: Request) -> Given | Awaitable[Given] | None:
        """Answer a request, or return None where no stub matches."""
        for stub, pattern in reversed(self._stubs):
            if stub.method in {"*", request.method} and pattern.matches(request.url):
                answer = stub.answers[min(len(stub.calls), len(stub.answers) - 1)]
                stub.calls.append(request)
                return answer.given if answer.calls is None else _called(answer, request)
        return None

    def known(self) -> Sequence[str]:
        """Name what is stubbed, latest first, for messages."""
        return [f"{stub.method} {pattern}" for stub, pattern in reversed(self._stubs)]


def _method(method: str) -> str:
    if not isinstance(method, str) or not _METHOD.fullmatch(method):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageError(f"An HTTP stub needs a method such as 'GET', or '*', and got {method!r}.")
    return method.upper()


def _answers(
    what: str, one: HttpAnswer, answers: Sequence[HttpAnswer] | None
) -> Sequence[HttpAnswer]:
    if answers is None:
        return (one,)
    if one != HttpAnswer():
        raise UsageError(
            f"The stub of {what} gets answers= and one answer besides. Put that one into the list."
        )
    if not answers:
        raise UsageError(f"The stub of {what} has an empty list of answers; give one.")
    for answer in answers:
        if not isinstance(answer, HttpAnswer):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageError(f"The stub of {what} has the answer {answer!r}; give HttpAnswer(…).")
    return tuple(answers)


# --- functions as answers -----------------------------------------------------------------------


def _called(answer: HttpAnswer, request: Request) -> Given | Awaitable[Given]:
    """Call a stub's function; the answer's own `takes` comes on top of what it takes."""
    function = cast("Callable[[Request], object]", answer.calls)
    late_us = answer.given.takes_us
    try:
        made = function(request)
    except Exception as error:  # noqa: BLE001 - a transport error is an outcome
        return _failed(error, late_us)
    if inspect.isawaitable(made):
        return _awaited(made, request, late_us)
    return _made(made, request, late_us)


async def _awaited(made: Awaitable[Any], request: Request, late_us: int) -> Given:
    try:
        value = await made
    except Exception as error:  # noqa: BLE001 - a transport error is an outcome
        return _failed(error, late_us)
    return _made(value, request, late_us)


def _failed(error: Exception, late_us: int) -> Given:
    if isinstance(error, WfsimError):
        raise error  # the stub called wfsim in a way that makes no sense
    return Given(failure=str(error) or type(error).__name__, error=error, takes_us=late_us)


def _made(value: object, request: Request, late_us: int) -> Given:
    """Return what a stub's function means by its result."""
    match value:
        case Response():
            given = Given(response=value)
        case HttpAnswer(calls=None):
            given = value.given
        case dict() | list():
            given = HttpAnswer(json=cast("object", value)).given
        case str() | bytes():
            given = HttpAnswer(body=value).given
        case _:
            raise UsageError(
                f"The function that answers {request.method} {request.url} returned {value!r}. "
                "Return an HttpAnswer, a Response, a dict or list, text or bytes."
            )
    return Given(response=given.response, failure=given.failure, takes_us=given.takes_us + late_us)
