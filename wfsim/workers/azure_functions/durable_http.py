"""The host's own activity behind `context.call_http` (semantics 2.12).

It sends the request, and the orchestrator gets the response whatever its status is. There is no
polling of a 202: the Python SDK never asks for it.
"""

from __future__ import annotations

import asyncio
import codecs
import inspect
import json
import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast

from wfsim.clock import Stall, current_stall
from wfsim.errors import UsageError
from wfsim.history.jsontext import write
from wfsim.hub.worker import ActivityCall, ActivityOutcome
from wfsim.loop import VirtualLoop
from wfsim.web import Request, Response
from wfsim.workers.azure_functions.activities import payload_of
from wfsim.workers.azure_functions.urls import normal_url, origin_of

__all__ = ["DurableHttp", "Given", "Network", "Stubs", "request_of", "result_of"]

Finish = Callable[[ActivityOutcome], None]

_TOKEN: Final = "managed-identity-token"  # noqa: S105 - stands for one, and opens nothing
_CONTENT_HEADERS: Final = frozenset(
    {
        "allow",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-length",
        "content-location",
        "content-md5",
        "content-range",
        "content-type",
        "expires",
        "last-modified",
    }
)
"""Headers that .NET keeps with the body, so that the durable response does not show them."""
_FORM: Final = "application/x-www-form-urlencoded"
_MEDIA_TYPE: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CHARSET: Final = re.compile(r'charset\s*=\s*"?([^\s";]+)', re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What came of a request: a response, or the text of a transport error."""

    response: Response | None = None
    failure: str = ""
    error: BaseException | None = None
    """The original exception behind the failure, for people."""
    takes_us: int = 0
    """How much later it arrives."""


class Stubs(Protocol):
    """Stubbed answers to HTTP requests."""

    def answer(self, request: Request) -> Given | Awaitable[Given] | None:
        """Answer a request, or return None where no stub matches."""
        ...

    def known(self) -> Sequence[str]:
        """Name what is stubbed, for messages."""
        ...


class Network(Protocol):
    """The real network, as far as it is allowed."""

    def allows(self, url: str) -> bool:
        """Whether a request to a URL may leave the simulation."""
        ...

    def fetch(self, request: Request) -> Response:
        """Send a request and wait for the answer, in real time.

        Raises:
            OSError: there is no answer; its text says why.
        """
        ...


class _RefusedError(Exception):
    """The host's client does not send such a request; the text is .NET's."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


class DurableHttp:
    """Answers the requests of `call_http`: a stub, else the app itself, else the network.

    Args:
        loop: The simulation's loop.
        origins: Where the app's own host listens, such as "http://localhost:7071".
        answer: The app's own host.
        stubs: Answers of the test's own; they come first.
        network: What lies beyond, where the test allows it.
        escape: Takes an error that is the test's to know, and not an outcome of the request, where
            it shows after `start` has returned.
        strict: Whether a request that nothing answers is the test's mistake. Otherwise it fails as
            on a machine without network, for a host that has to go on.
    """

    def __init__(
        self,
        *,
        loop: VirtualLoop,
        origins: Callable[[], Collection[str]],
        answer: Callable[[Request], Awaitable[Response]],
        stubs: Stubs,
        network: Network | None = None,
        escape: Callable[[BaseException], None] | None = None,
        strict: bool = True,
    ) -> None:
        self._loop = loop
        self._origins = origins
        self._answer = answer
        self._stubs = stubs
        self._network = network
        self._escape = escape
        self._strict = strict

    def start(self, call: ActivityCall, finish: Finish) -> None:
        """Send one request; the end may lie at a later instant of virtual time.

        Raises:
            UsageError: nothing answers this request.
        """
        try:
            request = request_of(cast("Mapping[str, Any]", payload_of(call)))
        except _RefusedError as refused:
            finish(_refused(refused))
            return
        stall = Stall()
        token = current_stall.set(stall)
        try:
            given = self._given(call, request)
            if inspect.isawaitable(given):
                # The task copies this context, so that its own blocking calls count as its own.
                # A coroutine is the task itself: inside of another it would never be awaited, and
                # Python says so, where the simulation ends before the task has begun.
                work = given if inspect.iscoroutine(given) else _awaited(given)
                task = self._loop.create_task(work, name=f"{request.method} {request.url}")
                task.add_done_callback(lambda done: self._settle(done, finish, stall))
                return
        finally:
            current_stall.reset(token)
        finish(_outcome(given, stall))

    def _settle(self, task: asyncio.Task[Given], finish: Finish, stall: Stall) -> None:
        error = None if task.cancelled() else task.exception()
        if task.cancelled():
            finish(_outcome(Given(failure="A task was canceled."), stall))
        elif error is None:
            finish(_outcome(task.result(), stall))
        elif self._escape is not None:
            self._escape(error)
        else:
            raise error

    def _given(self, call: ActivityCall, request: Request) -> Given | Awaitable[Given]:
        stubbed = self._stubs.answer(request)
        if stubbed is not None:
            return stubbed
        if origin_of(request.url) in {origin_of(origin) for origin in self._origins()}:
            return self._ask_app(request)
        if self._network is not None and self._network.allows(request.url):
            return self._ask_network(self._network, request)
        if not self._strict:
            beyond = f"{origin_of(request.url)}/*"
            return Given(failure=f"wfsim has no network; start it with --allow-network '{beyond}'.")
        raise UsageError(self._unanswered(call, request))

    async def _ask_app(self, request: Request) -> Given:
        return Given(response=await self._answer(request))

    def _ask_network(self, network: Network, request: Request) -> Given:
        try:
            return Given(response=network.fetch(request))
        except OSError as error:
            return Given(failure=str(error), error=error)

    def _unanswered(self, call: ActivityCall, request: Request) -> str:
        known = self._stubs.known()
        stubbed = f" Stubbed: {'; '.join(known[:4])}{'; …' if len(known) > 4 else ''}." * bool(
            known
        )
        beyond = f"{origin_of(request.url)}/*"
        return (
            f"{call.orchestrator} {call.instance_id!r} calls {request.method} {request.url}, and "
            f"nothing answers: a simulation has no network.{stubbed}\n"
            f"Answer it with sim.stub_http({request.method!r}, {request.url!r}, json=…); to let "
            f"it out of the simulation, make that with allow_network=[{beyond!r}]."
        )


async def _awaited(given: Awaitable[Given]) -> Given:
    return await given


# --- the request --------------------------------------------------------------------------------


def request_of(asked: Mapping[str, Any]) -> Request:
    """Return the request that the host sends for what `call_http` was given.

    Raises:
        _RefusedError: .NET's client refuses it before anything is sent.
    """
    headers = cast("dict[str, object]", asked.get("headers") or {})
    content = asked.get("content")
    kind = ""
    sent: list[tuple[str, str]] = []
    for name, value in headers.items():
        if name.casefold() == "content-type":
            kind = str(value)
        elif name.casefold() in _CONTENT_HEADERS:
            raise _RefusedError(
                "System.InvalidOperationException",
                f"Misused header name, '{name}'. Make sure request headers are used with "
                "HttpRequestMessage, response headers with HttpResponseMessage, and content "
                "headers with HttpContent objects.",
            )
        else:
            sent.append((name, str(value)))
    if "multipart" in kind:
        raise _RefusedError(
            "Microsoft.Azure.WebJobs.Extensions.DurableTask.FunctionFailedException",
            "Multipart content is not supported with CallHttpAsync.",
        )
    if content is not None:
        sent.append(("Content-Type", _content_type(kind)))
    if asked.get("tokenSource") is not None:
        sent = [pair for pair in sent if pair[0].casefold() != "authorization"]
        sent.append(("Authorization", f"Bearer {_TOKEN}"))
    return Request(
        method=str(asked["method"]).upper(),
        url=_url(str(asked["uri"])),
        headers=tuple(sent),
        body=b"" if content is None else str(content).encode("utf-8", "replace"),
    )


def _content_type(kind: str) -> str:
    if not kind:
        return "text/plain"
    if kind.casefold() == _FORM:
        return f"{kind}; charset=utf-8"
    if not _MEDIA_TYPE.fullmatch(kind):
        # The extension hands all of it to a constructor that takes the bare type, so
        # "application/json; charset=utf-8" fails.
        raise _RefusedError("System.FormatException", f"The format of value '{kind}' is invalid.")
    return kind


def _url(text: str) -> str:
    url = normal_url(text)
    scheme, colon, _ = url.partition("://")
    if not colon or not origin_of(url):
        raise _RefusedError(
            "System.InvalidOperationException",
            "An invalid request URI was provided. Either the request URI must be an absolute URI "
            "or BaseAddress must be set.",
        )
    if scheme not in {"http", "https"}:
        raise _RefusedError(
            "System.NotSupportedException", f"The '{scheme}' scheme is not supported."
        )
    return url


# --- the outcome --------------------------------------------------------------------------------


def result_of(response: Response) -> dict[str, object]:
    """Return a response as the orchestrator gets it: status, response headers and body text."""
    headers: dict[str, tuple[str, list[str]]] = {}
    for name, value in response.headers:
        if name.casefold() not in _CONTENT_HEADERS:
            headers.setdefault(name.casefold(), (name, []))[1].append(value)
    return {
        "statusCode": response.status,
        "headers": {
            name: values[0] if len(values) == 1 else values for name, values in headers.values()
        },
        "content": _text_of(response),
    }


def _text_of(response: Response) -> str:
    match = _CHARSET.search(response.header("Content-Type") or "")
    encoding = "utf-8-sig" if match is None else match[1]
    try:
        codecs.lookup(encoding)
    except LookupError:
        encoding = "utf-8-sig"
    return response.body.decode(encoding, "replace")


def _outcome(given: Given, stall: Stall) -> ActivityOutcome:
    took_us = stall.us + given.takes_us
    if given.response is not None:
        return ActivityOutcome(result=write(result_of(given.response)), took_us=took_us)
    # No "Activity function … failed" here: the host words these failures elsewhere.
    details = json.dumps(
        {
            "$type": "System.Net.Http.HttpRequestException, System.Net.Http",
            "ClassName": "System.Net.Http.HttpRequestException",
            "Message": given.failure,
            "Data": None,
            "InnerException": None,
            "HelpURL": None,
            "StackTraceString": None,
            "RemoteStackTraceString": None,
            "RemoteStackIndex": 0,
            "ExceptionMethod": None,
            "HResult": -2147467259,
            "Source": "System.Net.Http",
            "WatsonBuckets": None,
        }
    )
    error = given.error or ConnectionError(given.failure)
    return ActivityOutcome(failure=(given.failure, details), error=error, took_us=took_us)


def _refused(refused: _RefusedError) -> ActivityOutcome:
    details = f"Unhandled exception while executing task: {refused.kind}: {refused}"
    return ActivityOutcome(failure=(str(refused), details), error=ValueError(str(refused)))
