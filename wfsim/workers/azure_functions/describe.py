"""The SDK's actions in words."""

from __future__ import annotations

from wfsim.agents.masking import mask_agent_request
from wfsim.history.jsontext import shown
from wfsim.workers.azure_functions.reply import Action

__all__ = ["describe", "normalised"]

_ANY, _ALL = 11, 12


def describe(action: Action) -> str:
    """Return what one action asks for, with what tells it from others of its kind."""
    kind = action["actionType"]
    if kind in {_ANY, _ALL}:
        inner = ", ".join(describe(child) for child in action["compoundActions"])
        if kind == _ALL and len(action["compoundActions"]) == 1:
            return inner  # how the SDK wraps retries and long timers
        return f"task_{'any' if kind == _ANY else 'all'}[{inner}]"
    payload = shown(action.get("input"), wrapped=True, width=60)
    words = {
        0: lambda: f"call_activity {action['functionName']}({payload})",
        1: lambda: f"call_activity_with_retry {action['functionName']}({payload}){_retry(action)}",
        2: lambda: f"call_sub_orchestrator {action['functionName']}({payload}){_child(action)}",
        3: lambda: (
            f"call_sub_orchestrator_with_retry {action['functionName']}({payload})"
            f"{_child(action)}{_retry(action)}"
        ),
        4: lambda: f"continue_as_new({payload})",
        5: lambda: f"create_timer({action['fireAt']})",
        6: lambda: f"wait_for_external_event {action['externalEventName']!r}",
        7: lambda: f"call_entity {action['instanceId']}.{action['operation']}({payload})",
        8: lambda: f"call_http {action['httpRequest']['method']} {action['httpRequest']['uri']}",
        9: lambda: f"signal_entity {action['instanceId']}.{action['operation']}({payload})",
    }.get(kind)
    return words() if words else f"action {kind}"


def _child(action: Action) -> str:
    return f" as {action['instanceId']!r}" if action.get("instanceId") else ""


def _retry(action: Action) -> str:
    options = action["retryOptions"]
    interval = options["firstRetryIntervalInMilliseconds"]
    return f" x {options['maxNumberOfAttempts']} every {interval} ms"


def normalised(action: Action) -> Action:
    """Return the action without what may legally change later.

    That is whether a timer is cancelled, and the wall time that a framework puts into requests to
    its agents.
    """
    plain = mask_agent_request({key: value for key, value in action.items() if key != "isCanceled"})
    if "compoundActions" in plain:
        plain["compoundActions"] = [normalised(child) for child in plain["compoundActions"]]
    return plain
