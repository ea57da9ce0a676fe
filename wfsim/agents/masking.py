"""What Agent Framework itself changes at every replay, though no app can help it."""

from __future__ import annotations

import json
from typing import Any, Final, cast

__all__ = ["AGENT_ENTITY_PREFIX", "mask_agent_request"]

AGENT_ENTITY_PREFIX: Final = "dafx-"
"""How the names of the entities begin that hold agents' sessions."""

_CLOCK: Final = "created_at"


def mask_agent_request(action: dict[str, Any]) -> dict[str, Any]:
    """Return an orchestrator's action without the clock that the framework read for it.

    A request to an agent carries the wall time at which it was made, read inside the orchestrator
    (`RunRequest.created_at`): it differs at every replay, of every app. What else the request says
    must not.
    """
    target = action.get("instanceId")
    if not (isinstance(target, str) and target.startswith(f"@{AGENT_ENTITY_PREFIX}")):
        return action
    payload = action.get("input")
    if not isinstance(payload, str):
        return action
    try:
        request: object = json.loads(payload)
    except ValueError:
        return action
    if not isinstance(request, dict) or _CLOCK not in request:
        return action
    kept = {key: value for key, value in cast("dict[str, Any]", request).items() if key != _CLOCK}
    return {**action, "input": kept}
