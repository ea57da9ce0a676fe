"""Is this turn one that the model could take in answer to this request?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from agent_framework import FunctionTool
from pydantic import BaseModel, TypeAdapter, ValidationError

from wfsim.chat.request import ChatRequest, parameters_of, tool_name
from wfsim.chat.schema import complaints
from wfsim.chat.turns import Reply, ToolCall, ToolCalls, Turn
from wfsim.chat.values import shorten
from wfsim.errors import nearest

__all__ = ["complaint_about"]


def complaint_about(turn: Turn, request: ChatRequest) -> str:
    """Return why a turn does not fit a request, empty if it does."""
    if isinstance(turn, Reply):
        return _about_reply(turn, request) if turn.check else ""
    if isinstance(turn, ToolCalls):
        for call in turn.calls:
            text = _about_call(call, request) if call.check else ""
            if text:
                return text
    return ""


def _about_call(call: ToolCall, request: ChatRequest) -> str:
    if _forbids_tools(request.options.get("tool_choice")):
        return (
            f"the script calls {call.name!r}, but the request allows no tools: its tool_choice is "
            "'none', as in the last request of a function loop that has reached its limit. "
            "Script a Reply for it, or ToolCall(…, check=False) for a model that calls all the same"
        )
    tool = next((tool for tool in request.tools if tool_name(tool) == call.name), None)
    if tool is None:
        return _no_tool(call.name, request)
    wrong = _wrong_arguments(call, tool)
    if not wrong:
        return ""
    lines = "".join(f"\n  {line}" for line in wrong)
    return (
        f"the script calls {call.name!r} with arguments that do not fit the tool:{lines}\n"
        "Mend them, or script ToolCall(…, check=False) for a model that gets them wrong"
    )


def _forbids_tools(choice: object) -> bool:
    if isinstance(choice, Mapping):
        choice = cast("Mapping[str, object]", choice).get("mode")
    return choice == "none"


def _no_tool(name: str, request: ChatRequest) -> str:
    hosted = [
        str(cast("Mapping[str, Any]", tool).get("type", "?"))
        for tool in request.tools
        if not tool_name(tool) and isinstance(tool, Mapping)
    ]
    if name in hosted:
        return (
            f"the script calls {name!r}, a hosted tool, which the provider runs by itself. "
            "Script its outcome: Reply(text, contents=[…])"
        )
    hint = nearest(name, request.tool_names) if request.tool_names else " It offers no tools."
    return (
        f"the script calls {name!r}, but the request offers no such tool.{hint} "
        "ToolCall(…, check=False) lets the model call it all the same"
    )


def _wrong_arguments(call: ToolCall, tool: object) -> list[str]:
    arguments = _parsed(call)
    if isinstance(arguments, str):
        return [arguments]
    schema = parameters_of(tool) or {}
    if isinstance(tool, FunctionTool) and tool.input_model is not None:
        return _by_model(arguments, tool.input_model, schema)
    return complaints(arguments, schema)


def _parsed(call: ToolCall) -> dict[str, Any] | str:
    if not isinstance(call.arguments, str):
        return dict(call.arguments)
    try:
        arguments: object = json.loads(call.arguments or "{}")
    except json.JSONDecodeError as error:
        return f"they are not JSON: {error}"
    if not isinstance(arguments, dict):
        return f"they must be a JSON object, not {shorten(arguments)}"
    return cast("dict[str, Any]", arguments)


def _by_model(
    arguments: dict[str, Any], model: type[BaseModel], schema: Mapping[str, Any]
) -> list[str]:
    """Check as the framework does; besides, it drops arguments that the tool does not have."""
    wrong: list[str] = []
    named, fields = cast("Mapping[str, Any]", schema.get("properties") or {}), model.model_fields
    unknown = [name for name in arguments if name not in named and name not in fields]
    if unknown and not schema.get("additionalProperties"):
        known = {*named, *fields}
        wrong = [f"{name}: there is no such argument.{nearest(name, known)}" for name in unknown]
    try:
        model.model_validate(arguments)
    except ValidationError as error:
        wrong += _lines(error)
    return wrong


def _about_reply(turn: Reply, request: ChatRequest) -> str:
    form = request.options.get("response_format")
    if form is None:
        return ""
    wrong = _wrong_value(turn.text, form)
    if not wrong:
        return ""
    lines = "".join(f"\n  {line}" for line in wrong)
    name = getattr(form, "__name__", "the JSON schema")
    return (
        f"the script replies {shorten(turn.text)}, which does not fit the request's "
        f"response_format, {name}:{lines}\n"
        "Mend it, or script Reply(…, check=False) for a model that gets it wrong"
    )


def _wrong_value(text: str, form: object) -> list[str]:
    if isinstance(form, Mapping):
        try:
            value: object = json.loads(text)
        except json.JSONDecodeError as error:
            return [f"it is not JSON: {error}"]
        return complaints(value, _schema_in(cast("Mapping[str, Any]", form)))
    if isinstance(form, type) and issubclass(form, BaseModel):
        try:
            TypeAdapter(form).validate_json(text)
        except ValidationError as error:
            return _lines(error)
    return []


def _schema_in(form: Mapping[str, Any]) -> Mapping[str, Any]:
    """Find the schema in a mapping: bare, or in one of the envelopes that providers use."""
    for key in ("json_schema", "format", "schema"):
        inner = form.get(key)
        if isinstance(inner, Mapping):
            return _schema_in(cast("Mapping[str, Any]", inner))
    return {"type": "object"} if form.get("type") == "json_object" else form


def _lines(error: ValidationError) -> list[str]:
    return [_line(item["loc"], item["msg"], item["input"], item["type"]) for item in error.errors()]


def _line(place: tuple[int | str, ...], message: str, given: object, kind: str) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    name = "".join(parts).removeprefix(".") or "the value"
    if kind == "missing":
        return f"{name}: it is missing"
    return f"{name}: {message[0].lower()}{message[1:]}, not {shorten(given)}"
