"""Routes of many orchestrations: list them page by page, and purge those of a time."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from itertools import islice

from wfsim.web import Response
from wfsim.workers.azure_functions.webhooks.answers import bad_argument, plain, reply
from wfsim.workers.azure_functions.webhooks.call import Call, Desk
from wfsim.workers.azure_functions.webhooks.instances import forget
from wfsim.workers.azure_functions.webhooks.status import View, body_of, views

__all__ = ["CONTINUATION", "instances", "page_of", "purge"]

CONTINUATION = "x-ms-continuation-token"
_PAGE = 100


def instances(desk: Desk, call: Call) -> Response:
    """List instances, entities among them, one page of them in the order of their ids."""
    prefix = call.text("instanceIdPrefix") or ""
    statuses = call.statuses()
    found = (
        view
        for view in _created(desk, call)
        if view.instance_id.startswith(prefix) and (not statuses or view.status in statuses)
    )
    paged = page_of(call, found)
    if isinstance(paged, Response):
        return paged
    page, headers = paged
    show_input = call.flag("showInput", default=True)
    return reply([body_of(view, show_input=show_input) for view in page], headers=headers)


def purge(desk: Desk, call: Call) -> Response:
    """Delete the instances that were created in a window of time.

    Only final statuses count in the filter, and a filter of none is no filter: asked for what is
    Running the host deletes everything (semantics 6.2).
    """
    if call.moment_us("createdTimeFrom") is None:
        return reply("Please provide value for 'createdTimeFrom' parameter.", status=400)
    statuses = {status for status in call.statuses() if status.is_final}
    doomed = [view for view in _created(desk, call) if not statuses or view.status in statuses]
    for view in doomed:
        forget(desk.hub, view)
    return reply({"instancesDeleted": len(doomed)}) if doomed else plain(404)


def _created(desk: Desk, call: Call) -> Iterator[View]:
    """Yield what was created in the window that the query names, bounds included."""
    start_us, end_us = call.moment_us("createdTimeFrom"), call.moment_us("createdTimeTo")
    for view in views(desk.hub):
        is_early = start_us is not None and view.created_us < start_us
        is_late = end_us is not None and view.created_us > end_us
        if not is_early and not is_late:
            yield view


def page_of(
    call: Call, found: Iterable[View]
) -> tuple[list[View], tuple[tuple[str, str], ...]] | Response:
    """Return one page of what was found, with the header that leads to the next.

    Args:
        call: The request; `top` is the size of a page, a header says where it begins.
        found: In the order of ids.
    """
    after = ""
    token = call.request.header(CONTINUATION)
    if token:
        try:
            after = base64.b64decode(token, validate=True).decode()
        except (binascii.Error, ValueError):
            return bad_argument(f"The continuation token {token!r} is not one of this host's.")
    size = call.integer("top", default=_PAGE)
    if size < 1:
        size = _PAGE
    page = list(islice((view for view in found if view.instance_id > after), size + 1))
    following = ""
    if len(page) > size:
        page.pop()
        following = base64.b64encode(page[-1].instance_id.encode()).decode()
    return page, ((CONTINUATION, following),)
