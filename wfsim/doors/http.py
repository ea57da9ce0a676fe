"""HTTP requests to a simulated app, without a socket."""

from __future__ import annotations

import enum
import json as jsonlib
from asyncio import Task
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from yarl import URL

from wfsim.errors import UsageError
from wfsim.snapshot.exchanges import exchange_fact, exchanges_of
from wfsim.snapshot.naming import Run
from wfsim.snapshot.rules import Rules
from wfsim.snapshot.view import Recorded, register
from wfsim.stubs import UNSET, Unset
from wfsim.web import Pairs, Request, Response

if TYPE_CHECKING:
    from wfsim.world import World

__all__ = ["DEFAULT_TIMEOUT", "Headers", "HttpDoor", "HttpResponse"]

DEFAULT_TIMEOUT: Final = "230s"
"""After so long Azure's load balancer gives up on a request."""

HeaderValues = Mapping[str, str] | Iterable[tuple[str, str]]


class _Key(enum.Enum):
    """Type of the value that says "whatever key the function wants"."""

    RIGHT = "right"


class Headers(Mapping[str, str]):
    """A response's headers: looked up without regard to case, several of one name joined."""

    def __init__(self, pairs: Pairs) -> None:
        self.pairs = pairs

    def __getitem__(self, name: str) -> str:
        values = self.get_all(name)
        if not values:
            raise KeyError(name)
        return ", ".join(values)

    def get_all(self, name: str) -> list[str]:
        """Return every value of a header, such as `Set-Cookie`."""
        return [value for key, value in self.pairs if key.casefold() == name.casefold()]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(key for key, _ in self.pairs))

    def __len__(self) -> int:
        return len(dict.fromkeys(key for key, _ in self.pairs))

    def __repr__(self) -> str:
        return f"Headers({dict(self)!r})"


def _pairs(headers: HeaderValues | None) -> list[tuple[str, str]]:
    if isinstance(headers, Mapping):
        headers = cast("Mapping[str, str]", headers).items()
    pairs = list(headers or ())
    for pair in pairs:
        if len(pair) != 2 or not all(isinstance(part, str) for part in pair):  # pyright: ignore[reportUnnecessaryIsInstance, reportUnnecessaryComparison]
            raise UsageError(f"headers= are names and values, both text, and not {pair!r}.")
    return pairs


class HttpResponse:
    """The answer to a request; still open where it was sent from inside the simulation.

    Args:
        request: What was sent.
        task: The host's work on it.
        start_us: When the simulation began.
    """

    def __init__(self, request: Request, task: Task[Response], start_us: int = 0) -> None:
        self.request = request
        self._task = task
        self.start_us = start_us
        """When the simulation began, in microseconds since 1970."""

    def __repr__(self) -> str:
        state = str(self.status_code) if self.is_done else "no answer yet"
        if self.is_done and self.error is not None:
            state = f"{state}, {type(self.error).__name__}: {self.error}"
        return f"<HttpResponse to {self.request.method} {self.request.url}: {state}>"

    @property
    def is_done(self) -> bool:
        """Whether the answer is there."""
        return self._task.done()

    @property
    def _response(self) -> Response:
        if not self._task.done():
            raise UsageError(
                f"{self.request.method} {self.request.url} has no answer yet. Look at it once time "
                "has moved on, as after sim.run_until_idle()."
            )
        return self._task.result()

    @property
    def exchanged(self) -> tuple[Request | Response, ...]:
        """What was sent, and what came back if it did so."""
        return (self.request, self._response) if self.is_done else (self.request,)

    @property
    def status_code(self) -> int:
        """The status code."""
        return self._response.status

    @property
    def error(self) -> BaseException | None:
        """What the function raised, or why none was found; clients of the host are not told."""
        return self._response.error

    @property
    def headers(self) -> Headers:
        """The headers."""
        return Headers(self._response.headers)

    @property
    def content(self) -> bytes:
        """The body as bytes."""
        return self._response.body

    @property
    def text(self) -> str:
        """The body as text."""
        return self._response.text

    def json(self) -> Any:  # noqa: ANN401 - JSON is any of six types
        """Return the body parsed as JSON.

        Raises:
            UsageError: it is not JSON.
        """
        try:
            return self._response.json()
        except ValueError as error:
            shown = self.text if len(self.text) <= 60 else f"{self.text[:59]}…"
            raise UsageError(
                f"{self.request.method} {self.request.url} answered {self.status_code} with a body "
                f"that is not JSON: {shown!r} ({error})."
            ) from None


def _exchanges(values: Sequence[HttpResponse], rules: Rules) -> Recorded:  # noqa: ARG001 - a builder
    """Return what a stable view shows of requests and their answers."""
    start_us = min(value.start_us for value in values)
    facts = [exchange_fact(message) for value in values for message in value.exchanged]
    return exchanges_of(facts, Run(start_us=start_us, end_us=start_us))


register(HttpResponse)(_exchanges)


class HttpDoor:
    """Sends requests to the app's host: its functions, and the durable extension's webhooks."""

    RIGHT_KEY: Final = _Key.RIGHT

    def __init__(self, world: World) -> None:
        self._world = world

    def request(  # noqa: PLR0913 - keyword-only, each with a default
        self,
        method: str,
        path: str,
        *,
        json: object | Unset = UNSET,
        body: bytes | str | None = None,
        headers: HeaderValues | None = None,
        params: Mapping[str, Any] | None = None,
        key: str | _Key | None = _Key.RIGHT,
        inputs: Mapping[str, object] | None = None,
        timeout: timedelta | str = DEFAULT_TIMEOUT,
    ) -> HttpResponse:
        """Send a request and let time pass until the answer is there.

        From inside the simulation, as in `sim.at("2h", sim.http.post, …)`, nobody may move time:
        then the answer is open when this returns.

        Args:
            method: "GET", "POST", …
            path: Such as "/api/orders?x=1", or a whole URL that the app handed out.
            json: A JSON value to send.
            body: Text or bytes to send instead.
            headers: Names and values.
            params: Query parameters to add.
            key: The function key to send. Left out, the request is allowed in as one with the right
                key is; None sends none.
            inputs: Values of the function's other input bindings, such as a blob, by parameter.
            timeout: The most virtual time to wait.

        Raises:
            UsageError: the request makes no sense.
            FunctionFailed: there was no answer in time.
        """
        request = self._request(method, path, json, body, headers, params, key)
        is_keyless = request.header("x-functions-key") is None and request.parameter("code") is None
        authorize = not (key is _Key.RIGHT and is_keyless)
        task = self._world.spawn(
            self._world.host.answer(request, authorize=authorize, inputs=inputs),
            name=f"{request.method} {request.path}",
        )
        self._world.settle(task, timeout)
        return HttpResponse(request, task, self._world.clock.start_us)

    def get(self, path: str, **options: Any) -> HttpResponse:  # noqa: ANN401 - see request
        """Send a GET request; see `request`."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> HttpResponse:  # noqa: ANN401 - see request
        """Send a POST request; see `request`."""
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> HttpResponse:  # noqa: ANN401 - see request
        """Send a PUT request; see `request`."""
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> HttpResponse:  # noqa: ANN401 - see request
        """Send a PATCH request; see `request`."""
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> HttpResponse:  # noqa: ANN401 - see request
        """Send a DELETE request; see `request`."""
        return self.request("DELETE", path, **options)

    def _request(
        self,
        method: str,
        path: str,
        json: object | Unset,
        body: bytes | str | None,
        headers: HeaderValues | None,
        params: Mapping[str, Any] | None,
        key: str | _Key | None,
    ) -> Request:
        pairs = _pairs(headers)
        if json is not UNSET:
            if body is not None:
                raise UsageError("A request has json= or body=, but got both.")
            try:
                body = jsonlib.dumps(json)
            except (TypeError, ValueError) as error:
                raise UsageError(f"json={json!r} is not JSON: {error}.") from None
            if not any(name.casefold() == "content-type" for name, _ in pairs):
                pairs.append(("Content-Type", "application/json"))
        data = body.encode() if isinstance(body, str) else body or b""
        if data:
            pairs.append(("Content-Length", str(len(data))))
        if isinstance(key, str):
            pairs.append(("x-functions-key", key))
        return Request(
            method=method.upper(), url=self._url(path, params), headers=tuple(pairs), body=data
        )

    def _url(self, path: str, params: Mapping[str, Any] | None) -> str:
        origins = self._world.host.origins
        if path.startswith("/"):
            path = f"{origins[0]}{path}"
        elif "://" not in path:
            raise UsageError(f"A request's path starts with '/', but this is {path!r}.")
        try:
            url = URL(path).with_fragment(None)
            if params:
                url = url.update_query({name: str(value) for name, value in params.items()})
        except (TypeError, ValueError) as error:
            raise UsageError(f"{path!r} is not a URL: {error}.") from None
        if str(url.origin()) not in origins:
            raise UsageError(
                f"{path!r} is not an address of the app, which is at {origins[0]}. Give a path "
                "such as '/api/orders'."
            )
        return str(url)
