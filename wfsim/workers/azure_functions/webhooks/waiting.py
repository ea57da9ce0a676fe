"""Create-and-wait: a client stays on the line until its instance has ended, or it had enough."""

from __future__ import annotations

import asyncio
import math

from wfsim.clock import LATEST_US
from wfsim.history import RuntimeStatus
from wfsim.web import Response
from wfsim.workers.azure_functions.webhooks.answers import bad_argument, reply
from wfsim.workers.azure_functions.webhooks.bodies import forgiving
from wfsim.workers.azure_functions.webhooks.call import Call, Desk
from wfsim.workers.azure_functions.webhooks.instances import check_status, status_of
from wfsim.workers.azure_functions.webhooks.status import view_of

__all__ = ["after_start"]

_US = 1_000_000
_LONGEST_SPAN_S = 922_337_203_685
"""What .NET's type for lengths of time holds."""
_LONGEST_DELAY_S = 4_294_967
"""What one delay of .NET holds."""
_MOST_LOOKS = 1_000
"""How often one request looks at its instance: no interval shall make it look without end."""
_SHORTEST_STEP_S = 0.001

_OUT_OF_RANGE = "System.ArgumentOutOfRangeException"


async def after_start(desk: Desk, call: Call, instance_id: str) -> Response:
    """Return the answer to a start, at once or, if the query asks for it, when the run has ended.

    Args:
        desk: What answers are made from.
        call: The request; `timeout` and `pollingInterval` are in seconds, and only both count.
        instance_id: The new instance.
    """
    timeout, interval = call.seconds("timeout"), call.seconds("pollingInterval")
    if timeout is None or interval is None:
        return check_status(desk, call, instance_id)
    wrong = _wrong(timeout, interval)
    if wrong is not None:
        return wrong
    hub = desk.hub
    deadline_us = min(hub.clock.now_us + int(timeout * _US), LATEST_US)
    step_us = int(max(interval, timeout / _MOST_LOOKS, _SHORTEST_STEP_S) * _US)
    while True:
        view = view_of(hub, instance_id)
        if view is not None and view.status.is_final:
            break
        left_us = deadline_us - hub.clock.now_us
        if left_us <= 0:
            return check_status(desk, call, instance_id)
        await asyncio.sleep(min(left_us, step_us) / _US)
    if view.status is RuntimeStatus.COMPLETED:
        return reply(forgiving(view.output))
    return status_of(hub, call, instance_id, fails=False)


def _wrong(timeout: float, interval: float) -> Response | None:
    """Return the answer to lengths of time that the host does not take."""
    if math.isnan(timeout) or math.isnan(interval):
        return bad_argument("TimeSpan does not accept floating point Not-a-Number values.")
    if max(abs(timeout), abs(interval)) > _LONGEST_SPAN_S:
        text = "TimeSpan overflowed because the duration is too long."
        return bad_argument(text, kind="System.OverflowException")
    if interval > timeout:
        return bad_argument(
            f"Total timeout {timeout:g} should be bigger than retry timeout {interval:g}"
        )
    if timeout > 0 and not 0 <= min(timeout, interval) <= _LONGEST_DELAY_S:
        text = (
            "The value needs to translate in milliseconds to -1 (signifying an infinite timeout), "
            "0 or a positive integer less than or equal to the maximum allowed timer duration. "
            "(Parameter 'delay')"
        )
        return bad_argument(text, kind=_OUT_OF_RANGE)
    return None
