"""What clients may ask of the server itself, below /admin/wfsim/: to look, and to move time."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

from wfsim.clock import format_duration, iso, parse_duration, parse_when
from wfsim.errors import UsageError, WorkflowError, nearest
from wfsim.report.timeline import render_timeline
from wfsim.serve.driver import Driver
from wfsim.trace import Finding
from wfsim.web import Request, Response

__all__ = ["PREFIX", "Control"]

PREFIX: Final = "/admin/wfsim"
_NARROWEST, _WIDEST = 40, 1_000

_Answer = Callable[[Request], Awaitable[Response]]


class Control:
    """Answers the control endpoints.

    Args:
        driver: Runs the world.
    """

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._world = driver.world
        self._routes: dict[str, tuple[str, _Answer]] = {
            "now": ("GET", self._now),
            "advance": ("POST", self._advance),
            "pending": ("GET", self._pending),
            "timeline": ("GET", self._timeline),
            "findings": ("GET", self._findings),
        }

    def route_of(self, path: str) -> str | None:
        """Return what a path asks for, None if it is not for the control endpoints."""
        folded = path.casefold()
        if folded == PREFIX or folded.startswith(f"{PREFIX}/"):
            return folded[len(PREFIX) :].strip("/")
        return None

    async def answer(self, request: Request, route: str) -> Response:
        """Answer a request for a route as `route_of` names it."""
        if route not in self._routes:
            hint = nearest(route, self._routes)
            return _refusal(404, f"There is nothing at {PREFIX}/{route}.{hint}")
        method, answer = self._routes[route]
        if request.method != method and not (method == "GET" and request.method == "HEAD"):
            text = f"{PREFIX}/{route} takes {method}, not {request.method}."
            return _refusal(405, text, headers=(("Allow", method),))
        await self._driver.catch_up()
        try:
            return await answer(request)
        except UsageError as error:
            return _refusal(400, str(error))

    async def _now(self, _request: Request) -> Response:
        clock = self._world.clock
        return Response.of_json(
            {
                "now": iso(clock.now_us),
                "elapsed": format_duration(clock.elapsed_us),
                "clock": self._driver.clock.name,
            }
        )

    async def _advance(self, request: Request) -> Response:
        if self._driver.clock.name == "real":
            text = (
                "Time passes by itself here and cannot be moved. Start the server with "
                "--clock virtual, or --clock auto."
            )
            return _refusal(409, text)
        by, to = _wanted(request.body)
        try:
            if by is not None:
                await self._driver.advance(by_us=parse_duration(by, what="'by'"))
            else:
                instant_us = parse_when(_instant(to), self._world.clock, what="'to'")
                await self._driver.advance(to_us=instant_us)
        except WorkflowError as error:
            return _refusal(409, str(error))
        return await self._now(request)

    async def _pending(self, _request: Request) -> Response:
        now_us = self._world.clock.now_us
        hub = self._world.hub
        found = [(entry.due_us, entry.label, entry.is_background) for entry in hub.agenda.pending()]
        sleeper_us = self._world.loop.next_due_us()
        if sleeper_us is not None:
            found.append((sleeper_us, "a coroutine sleeps", False))
        found.sort(key=lambda item: item[0])
        return Response.of_json(
            [
                {
                    "in": format_duration(max(0, due_us - now_us)),
                    "at": iso(due_us),
                    "what": label,
                    "is_schedule": is_background,
                }
                for due_us, label, is_background in found
            ]
        )

    async def _timeline(self, request: Request) -> Response:
        width = request.parameter("width")
        columns = None
        if width is not None:
            if not (width.isascii() and width.isdecimal() and len(width) <= 4):
                raise UsageError(f"width={width!r} is no number of columns.")
            columns = min(max(int(width), _NARROWEST), _WIDEST)
        trace = self._world.hub.trace
        lines = [render_timeline(trace, width=columns)]
        if trace.dropped:
            lines.insert(0, f"… {trace.dropped} older records are forgotten (see --keep)")
        text = "\n".join(line for line in lines if line)
        return Response(
            status=200,
            headers=(("Content-Type", "text/plain; charset=utf-8"),),
            body=f"{text}\n".encode("utf-8", "backslashreplace") if text else b"",
        )

    async def _findings(self, _request: Request) -> Response:
        return Response.of_json([_finding(item) for item in self._world.hub.trace.findings])


def _wanted(body: bytes) -> tuple[str | None, str | None]:
    """Return how far, or to when, time is to move.

    Raises:
        UsageError: the body says neither, or both.
    """
    try:
        asked = cast("object", json.loads(body))
    except (ValueError, RecursionError):
        asked = None
    if isinstance(asked, dict):
        fields = cast("dict[str, object]", asked)
        value = next(iter(fields.values()), None)
        if len(fields) == 1 and isinstance(value, str) and fields.keys() <= {"by", "to"}:
            return (value, None) if "by" in fields else (None, value)
    raise UsageError('Send {"by": "24h"} or {"to": "2000-01-31T12:00:00Z"} as JSON.')


def _instant(text: str | None) -> str:
    """Return text that can only mean an instant: a length of time goes by another name.

    Raises:
        UsageError: it is something else.
    """
    if text is None or not text.strip()[:4].isdecimal():
        raise UsageError(f"'to' is an instant such as '2000-01-31T12:00:00Z', not {text!r}.")
    return text


def _refusal(status: int, text: str, *, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    return Response.of_json({"error": text}, status=status, headers=headers)


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "title": finding.title,
        "certain": finding.is_certain,
        "message": finding.message,
        "way_out": finding.way_out,
        "instance_id": finding.instance_id,
        "file": finding.place.near if finding.place else None,
        "line": finding.place.line if finding.place else None,
    }
