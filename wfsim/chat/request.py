"""One request to the model, as a record: what a test asserts on, and what error messages quote."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, cast

from agent_framework import Content, FunctionTool, Message, normalize_tools

from wfsim.chat.values import shorten
from wfsim.quick import quick

__all__ = ["ChatRequest", "calls_in", "parameters_of", "request_of", "tool_name"]

_SHOWN_MESSAGES: Final = 12
_LONGEST_LINE: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """What an agent, or whoever holds the client, asks the model."""

    number: int
    """Counts the requests to one script, from 1."""
    agent: str
    """Who asks; empty where the script has no name."""
    messages: tuple[Message, ...]
    tools: tuple[Any, ...]
    """What the model may call: `FunctionTool` objects, and mappings for hosted tools."""
    options: Mapping[str, Any]
    """Everything else, such as `instructions`, `response_format`, `tool_choice`, `temperature`."""
    stream: bool
    at: datetime
    """In virtual time; outside of a simulation always 2000-01-01."""

    @property
    def text(self) -> str:
        """What the user said last."""
        said = [message.text for message in self.messages if message.role == "user"]
        return said[-1] if said else ""

    @property
    def instructions(self) -> str:
        """The agent's instructions, empty where there are none."""
        return str(self.options.get("instructions") or "")

    @property
    def tool_names(self) -> tuple[str, ...]:
        """Names of the tools that the model may call; hosted tools are not called by name."""
        return tuple(name for tool in self.tools if (name := tool_name(tool)))

    @property
    def tool_results(self) -> Mapping[str, str]:
        """What the tools answered since the model spoke last, by their names."""
        names = {call.call_id: call.name for call in calls_in(self.messages)}
        found: dict[str, str] = {}
        for message in reversed(self.messages):
            results = [item for item in message.contents if item.type == "function_result"]
            if not results:
                break
            for item in results:
                found.setdefault(names.get(item.call_id) or str(item.call_id), _result_text(item))
        return found

    def transcript(self) -> str:
        """Return the conversation so far as text, one line for each thing that was said."""
        lines = [f"instructions: {self.instructions}"] if self.instructions else []
        names = {call.call_id: call.name or "?" for call in calls_in(self.messages)}
        left_out = len(self.messages) - _SHOWN_MESSAGES
        if left_out > 0:
            lines.append(f"… {left_out} earlier messages …")
        for message in self.messages[-_SHOWN_MESSAGES:]:
            lines += [f"{message.role}: {line}" for line in _lines_of(message, names)]
        return "\n".join(_cut(line) for line in lines) or "(nothing has been said)"


_REQUEST: Final = quick(ChatRequest)


def request_of(
    messages: Sequence[Message],
    options: Mapping[str, Any],
    *,
    number: int,
    agent: str,
    stream: bool,
    at: datetime,
) -> ChatRequest:
    """Return a record of a request; what the framework does to its own lists later is not in it."""
    rest = dict(options)
    rest.pop("tools", None)
    return _REQUEST(
        number=number,
        agent=agent,
        messages=tuple([_snapshot(message) for message in messages]),
        tools=tuple(_tools_in(options.get("tools"))),
        options=MappingProxyType(rest),
        stream=stream,
        at=at,
    )


def _snapshot(message: Message) -> Message:
    # The function loop replaces approvals by results inside the list of contents. A shallow copy by
    # hand, because `copy.copy` takes as long as everything else that is done for a request.
    made = object.__new__(type(message))
    made.__dict__ = {**vars(message), "contents": list(message.contents)}
    return made


def _tools_in(given: object) -> list[Any]:
    if not given:
        return []
    tools = [*cast("Sequence[Any]", given)] if isinstance(given, list) else [given]
    if all(isinstance(tool, (FunctionTool, Mapping)) for tool in tools):
        return tools
    return list(normalize_tools(cast("Any", given)))


def tool_name(tool: object) -> str:
    """Return the name by which the model calls a tool, empty for one that the provider runs."""
    if not isinstance(tool, Mapping):
        return str(getattr(tool, "name", "") or "")
    fields = cast("Mapping[str, Any]", tool)
    function = fields.get("function")
    if isinstance(function, Mapping):
        return str(cast("Mapping[str, Any]", function).get("name", ""))
    return str(fields.get("name", "")) if "parameters" in fields else ""


def parameters_of(tool: object) -> Mapping[str, Any] | None:
    """Return the JSON schema of a tool's arguments, or None where it has none."""
    found: object
    if isinstance(tool, FunctionTool):
        found = tool.parameters()
    elif isinstance(tool, Mapping):
        fields = cast("Mapping[str, Any]", tool)
        function = fields.get("function", fields)
        found = cast("Mapping[str, Any]", function).get("parameters")
    else:
        found = None
    return cast("Mapping[str, Any]", found) if isinstance(found, Mapping) else None


def calls_in(messages: Sequence[Message]) -> Iterator[Content]:
    """Yield every call of a tool in a conversation, also those that wait for an approval."""
    for message in messages:
        for item in message.contents:
            if item.type == "function_call":
                yield item
            elif item.function_call is not None:
                yield item.function_call


def _lines_of(message: Message, names: Mapping[str | None, str]) -> Iterator[str]:
    for item in message.contents:
        match item.type:
            case "text":
                yield item.text or ""
            case "text_reasoning":
                yield f"(thinks) {item.text}"
            case "function_call":
                yield f"calls {_call_text(item)}"
            case "function_result":
                yield f"{names.get(item.call_id, item.call_id)} gave {_result_text(item)}"
            case "function_approval_request":
                yield f"asks to approve {_call_text(item.function_call)}"
            case "function_approval_response":
                verb = "approves" if item.approved else "refuses"
                yield f"{verb} {_call_text(item.function_call)}"
            case "error":
                yield f"(error) {item.message}"
            case other:
                yield f"[{other}]"


def _call_text(call: Content | None) -> str:
    if call is None:
        return "?"
    arguments = call.arguments
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, default=repr)
    return f"{call.name}({text})"


def _result_text(item: Content) -> str:
    return item.result if isinstance(item.result, str) else shorten(item.result)


def _cut(line: str) -> str:
    line = line.replace("\n", "\n  ")
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1]}…"
