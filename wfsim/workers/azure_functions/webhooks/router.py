"""The extension's routes, and who answers each of them (semantics 6.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from wfsim.hub.hub import Hub
from wfsim.web import Request, Response
from wfsim.workers.azure_functions.webhooks import entities, instances, lists
from wfsim.workers.azure_functions.webhooks.answers import plain
from wfsim.workers.azure_functions.webhooks.call import Call, Desk, query_of
from wfsim.workers.azure_functions.webhooks.instances import Started
from wfsim.workers.azure_functions.webhooks.links import Links
from wfsim.workers.azure_functions.webhooks.waiting import after_start

__all__ = ["Webhooks"]

_Handler = Callable[[Desk, Call], Response | Started]


def _make_primary(_desk: Desk, _call: Call) -> Response:
    # There is one app, and it holds the lease already.
    return plain(200)


_ROUTES: tuple[tuple[str, str, _Handler], ...] = (
    ("POST", "orchestrators/{function}", instances.start),
    ("POST", "orchestrators/{function}/{instance}", instances.start),
    ("GET", "instances", lists.instances),
    ("DELETE", "instances", lists.purge),
    ("GET", "instances/{instance}", instances.show),
    ("DELETE", "instances/{instance}", instances.purge),
    ("POST", "instances/{instance}/raiseEvent/{event}", instances.raise_event),
    ("POST", "instances/{instance}/terminate", instances.terminate),
    ("POST", "instances/{instance}/suspend", instances.suspend),
    ("POST", "instances/{instance}/resume", instances.resume),
    ("POST", "instances/{instance}/rewind", instances.rewind),
    ("POST", "instances/{instance}/restart", instances.restart),
    ("GET", "entities", entities.listed),
    ("GET", "entities/{name}", entities.listed),
    ("GET", "entities/{name}/{key}", entities.read),
    ("POST", "entities", entities.operate),
    ("POST", "entities/{name}", entities.operate),
    ("POST", "entities/{name}/{key}", entities.operate),
    ("DELETE", "entities", entities.operate),
    ("DELETE", "entities/{name}", entities.operate),
    ("DELETE", "entities/{name}/{key}", entities.operate),
    ("POST", "makeprimary", _make_primary),
)

_TABLE = tuple((method, tuple(route.split("/")), answer) for method, route, answer in _ROUTES)


class Webhooks:
    """Answers what the durable extension answers.

    Whatever a client sends is answered: a request that makes no sense with a 4xx, one that the
    host cannot take in the present state with the host's own 500 (semantics 6.2).

    Args:
        hub: The task hub.
        orchestrators: Returns the names of the app's orchestrators.
        entities: Returns those of its entities.
        links: Makes the URLs.
    """

    def __init__(
        self,
        hub: Hub,
        *,
        orchestrators: Callable[[], Sequence[str]],
        entities: Callable[[], Sequence[str]],
        links: Links,
    ) -> None:
        self._desk = Desk(hub=hub, links=links, orchestrators=orchestrators, entities=entities)

    async def answer(self, request: Request, route: str) -> Response:
        """Answer a request, at once unless it asks to wait for the end of what it starts.

        Args:
            request: As it came.
            route: Its path below the extension's base, not decoded: the host does not either.
        """
        try:
            route.encode()
            query = query_of(request)
        except ValueError:
            return plain(400)
        segments = route.strip("/").split("/")
        for method, template, handler in _TABLE:
            if method == request.method:
                parts = _parts(template, segments)
                if parts is not None:
                    call = Call(request=request, query=query, parts=parts)
                    answer = handler(self._desk, call)
                    if isinstance(answer, Started):
                        return await after_start(self._desk, call, answer.instance_id)
                    return answer
        return plain(404)


def _parts(template: Sequence[str], segments: Sequence[str]) -> Mapping[str, str] | None:
    """Return what the placeholders of a route stand for, or None if it is another route."""
    if len(template) != len(segments):
        return None
    parts: dict[str, str] = {}
    for name, segment in zip(template, segments, strict=True):
        if name.startswith("{") and segment:
            parts[name[1:-1]] = segment
        elif name.casefold() != segment.casefold():
            return None
    return parts
