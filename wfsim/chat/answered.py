"""What a model answered, as the data of a script's turn."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from agent_framework import ChatResponse, Content

from wfsim.chat.redact import Redactor

__all__ = ["failed_turn", "turn_data"]

_USAGE: Final = {
    "input_token_count": "input",
    "output_token_count": "output",
    "total_token_count": "total",
}
_NOT_SAID: Final = {
    "function_approval_request",
    "function_call",
    "function_result",
    "text",
    "text_reasoning",
    "usage",
}


def turn_data(
    response: ChatResponse[Any], redactor: Redactor, *, structured: bool
) -> Mapping[str, Any]:
    """Return a response as a turn in YAML would say it.

    Args:
        response: What the model answered.
        redactor: Takes secrets out.
        structured: Whether a structured reply was asked for; it is then written as a value.
    """
    contents = [item for message in response.messages for item in message.contents]
    calls = _calls(contents)
    said = "".join(item.text or "" for item in contents if item.type == "text")
    turn: dict[str, Any] = {}
    if calls:
        if said:
            turn["text"] = said
        turn.update({"tool_call": calls[0]} if len(calls) == 1 else {"tool_calls": calls})
    else:
        turn["reply"] = _value(said) if structured else said
    thought = "".join(item.text or "" for item in contents if item.type == "text_reasoning")
    if thought:
        turn["reasoning"] = thought
    if rest := _rest(contents):
        turn["contents"] = rest
    if usage := _usage(response.usage_details):
        turn["usage"] = usage
    usual = "tool_calls" if calls else "stop"
    if response.finish_reason not in {None, usual}:
        turn["finish_reason"] = str(response.finish_reason)
    return cast("Mapping[str, Any]", redactor.data(turn))


def failed_turn(error: Exception, redactor: Redactor, *, said: str = "") -> Mapping[str, Any]:
    """Return an error as a turn, by the name of its class; `said` is what a stream had brought."""
    # The framework's exceptions carry the provider's own one behind their text.
    text = error.args[0] if error.args and isinstance(error.args[0], str) else str(error)
    fail: dict[str, Any] = {"type": type(error).__name__.lstrip("_")}
    if text:
        fail["message"] = redactor.error(text)
    seconds = _retry_after(error)
    if seconds is not None:
        fail["retry_after"] = seconds
    if said:
        fail["text"] = redactor.text(said)
    return {"fail": fail if len(fail) > 1 else fail["type"]}


def _retry_after(error: BaseException | None) -> float | None:
    while error is not None:
        found = getattr(error, "retry_after", None)
        headers = getattr(getattr(error, "response", None), "headers", None)
        if found is None and isinstance(headers, Mapping):
            found = cast("Mapping[str, Any]", headers).get("retry-after")
        try:
            if found is not None:
                return float(found)
        except (TypeError, ValueError):
            pass  # a date, which is no number of seconds
        error = error.__cause__ or error.__context__
    return None


def _calls(contents: Sequence[Content]) -> list[dict[str, Any]]:
    """Return the calls that are still to be made; some clients make them themselves."""
    done = {item.call_id for item in contents if item.type == "function_result"}
    return [
        {"name": call.name, "arguments": _arguments(call)}
        for item in contents
        if (call := item if item.type == "function_call" else item.function_call) is not None
        and call.call_id not in done
        and not getattr(call, "informational_only", False)
    ]


def _arguments(call: Content) -> object:
    if not isinstance(call.arguments, str):
        return dict(call.arguments or {})
    try:
        arguments: object = json.loads(call.arguments or "{}")
    except json.JSONDecodeError:
        return call.arguments
    return cast("object", arguments) if isinstance(arguments, dict) else call.arguments


def _value(text: str) -> object:
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError:
        return text
    return cast("object", value) if isinstance(value, (dict, list)) else text


def _rest(contents: Sequence[Content]) -> list[dict[str, Any]]:
    return [
        item.to_dict(exclude={"raw_representation", "additional_properties"})
        for item in contents
        if item.type not in _NOT_SAID
    ]


def _usage(details: Mapping[str, Any] | None) -> dict[str, int]:
    usage = {
        _USAGE.get(name, name): count
        for name, count in sorted((details or {}).items())
        if isinstance(count, int) and not isinstance(count, bool)
    }
    if usage.get("total") == usage.get("input", 0) + usage.get("output", 0):
        usage.pop("total", None)
    return usage
