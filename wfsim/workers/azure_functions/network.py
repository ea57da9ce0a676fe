"""The real network, for simulations that allow it by name.

Nothing else of wfsim reaches out of the process. A request blocks in real time, and takes no
virtual time.
"""

from __future__ import annotations

import http.client
import urllib.error
from collections.abc import Sequence
from typing import IO
from urllib.request import (
    BaseHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
)
from urllib.request import Request as UrlRequest

from wfsim.errors import UsageError
from wfsim.web import Request, Response
from wfsim.workers.azure_functions.urls import UrlPattern, origin_of

__all__ = ["AllowedNetwork"]

_TIMEOUT = 100.0
"""Seconds that .NET's client waits for an answer unless told otherwise."""


class AllowedNetwork:
    """Sends requests whose URLs are allowed.

    Args:
        allowed: URL patterns, see `UrlPattern`; or True for every URL.

    Raises:
        UsageError: it is neither.
    """

    def __init__(self, allowed: Sequence[str] | bool) -> None:  # noqa: FBT001 - the field's value
        if isinstance(allowed, str | bytes):
            raise UsageError(f"allow_network={allowed!r} must be a list: [{allowed!r}].")
        if isinstance(allowed, bool):
            allowed = ["*"] if allowed else []
        self._patterns = [UrlPattern(pattern, what="allow_network") for pattern in allowed]
        self._opener = OpenerDirector()
        # Only what HTTP needs: the usual opener would read files and FTP servers as well.
        for handler in (
            ProxyHandler(),
            HTTPHandler(),
            HTTPSHandler(),
            HTTPErrorProcessor(),
            _Redirects(self),
            _AsTheyCome(),
        ):
            self._opener.add_handler(handler)

    def allows(self, url: str) -> bool:
        """Whether a request to a URL may leave the simulation."""
        return any(pattern.matches(url) for pattern in self._patterns)

    def fetch(self, request: Request) -> Response:
        """Send a request and wait for the answer, in real time.

        Raises:
            OSError: there is no answer; its text says why, as .NET would.
            UsageError: the URL, or one that the answer redirects to, is not allowed.
        """
        if not self.allows(request.url):
            raise UsageError(f"{request.method} {request.url} is not in allow_network.")
        joined: dict[str, str] = {}
        for name, value in request.headers:
            joined[name] = f"{joined[name]}, {value}" if name in joined else value
        out = UrlRequest(  # noqa: S310 - the opener knows no scheme but http and https
            request.url, data=request.body or None, headers=joined, method=request.method
        )
        try:
            with self._opener.open(out, timeout=_TIMEOUT) as answer:
                return Response(
                    status=answer.status,
                    headers=tuple(answer.headers.items()),
                    body=answer.read(),
                )
        except (OSError, http.client.HTTPException) as error:
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            cause = reason if isinstance(reason, Exception) else error
            raise ConnectionError(_words(cause, request.url)) from cause


class _Redirects(HTTPRedirectHandler):
    """Follows redirects as .NET does, but not to where the simulation may not go."""

    def __init__(self, network: AllowedNetwork) -> None:
        self._network = network

    def redirect_request(
        self,
        req: UrlRequest,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> UrlRequest | None:
        """Return the request that follows a redirect, or None to take the answer as it is."""
        if not self._network.allows(newurl):
            raise UsageError(
                f"{req.get_method()} {req.full_url} redirects to {newurl}, which allow_network "
                "does not name."
            )
        try:
            return super().redirect_request(req, fp, code, msg, headers, newurl)
        except urllib.error.HTTPError:
            return None  # a 307 to a POST, for one


class _AsTheyCome(BaseHandler):
    """Hands out 4xx and 5xx like any other answer."""

    def http_error_default(
        self,
        req: UrlRequest,  # noqa: ARG002
        fp: IO[bytes],
        code: int,  # noqa: ARG002
        msg: str,  # noqa: ARG002
        headers: http.client.HTTPMessage,  # noqa: ARG002
    ) -> IO[bytes]:
        """Return the answer."""
        return fp


def _words(cause: Exception, url: str) -> str:
    if isinstance(cause, TimeoutError):
        return (
            "The request was canceled due to the configured HttpClient.Timeout of "
            f"{_TIMEOUT:g} seconds elapsing."
        )
    said = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    scheme, _, host = origin_of(url).partition("://")
    port = "" if host.rpartition(":")[2].isdigit() else f":{443 if scheme == 'https' else 80}"
    return f"{said} ({host}{port})"
