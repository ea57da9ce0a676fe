"""How messages of the framework are shown: who says what, and each message once.

What dates or numbers a message is left out, for it differs from run to run: ids of messages and
responses, when they were made, which ids calls have. So is what a usual answer ends with. A message
that has been shown goes by its name, such as `<message:2>`, wherever it comes again: agents hand on
whole conversations.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from agent_framework import (
    AgentExecutorResponse,
    AgentResponse,
    AgentResponseUpdate,
    ChatResponse,
    ChatResponseUpdate,
    Content,
    Message,
)

from wfsim.snapshot.naming import AsIs, Naming, Reader, Verbatim
from wfsim.snapshot.plain import plain

__all__ = ["MESSAGES", "arguments_of", "gist", "parsed", "pieces", "rest_of", "same", "who"]

_NAMES: Final = frozenset(
    (
        *("message_id", "response_id", "created_at", "agent_id", "conversation_id"),
        *("raw_representation", "model", "model_id", "continuation_token", "merge_mode"),
    )
)
"""What names and dates a message or a response, and what belongs to the framework's own work."""
_IDS: Final = frozenset((*_NAMES, "call_id", "id", "type"))
_FLAGS: Final = ("hosted", "informational_only")
"""False by default, where a release has them."""
_MORE: Final = "additional_properties"
_SAID: Final = ("role", "author_name", "contents")
_USUAL: Final = (None, "stop", "tool_calls")
_EMPTY: Final[tuple[object, ...]] = (None, "", [], {}, ())


def same(value: object) -> str:
    """Return a text that is equal for values that say the same."""
    return json.dumps(plain(value, AsIs(readers=MESSAGES)), sort_keys=True)


def gist(message: Message) -> str:
    """Return a text that is equal for messages that say the same, whoever is their author."""
    return same([str(message.role), _said(message.contents), rest_of(message, _SAID)])


def who(message: Message) -> str:
    """Return who says a message."""
    return f"{message.role} {message.author_name}" if message.author_name else str(message.role)


def arguments_of(call: Content) -> object:
    """Return what a tool is called with, as data where it is JSON."""
    return parsed(call.arguments)


def parsed(text: object) -> object:
    """Return a JSON object written as text as data, and everything else as it is."""
    if not isinstance(text, str):
        return text
    try:
        value: object = json.loads(text)
    except ValueError:
        return text
    return cast("object", value) if isinstance(value, dict) else text


# --- messages -----------------------------------------------------------------------------------


def _message(message: Message, naming: Naming) -> object:
    """Return a message with its name, or the name alone where it has been shown."""
    name, is_new = naming.nth("message", same(_Told(message)))
    if not is_new:
        return name
    label = Verbatim(f"{naming.text(who(message))} {name}")
    return {label: _said(message.contents), **rest_of(message, _SAID)}


class _Told:
    """A message without its name."""

    def __init__(self, message: Message) -> None:
        self.message = message


def _told(told: _Told, naming: Naming) -> object:  # noqa: ARG001 - a reader
    message = told.message
    rest = rest_of(message, _SAID)
    return [who(message), _said(message.contents), rest]


def _said(contents: Sequence[Content]) -> object:
    """Return what is said: a text where that is all, else each content."""
    said = [_text_or_self(item) for item in contents]
    return said[0] if len(said) == 1 and isinstance(said[0], str) else said


def _text_or_self(item: Content) -> object:
    is_bare = item.type == "text" and not rest_of(item, ("text",))
    return (item.text or "") if is_bare else item


def _content(item: Content, naming: Naming) -> object:
    if item.type == "text" and not rest_of(item, ("text",)):
        return item.text or ""
    if item.type == "function_call":
        rest = rest_of(item, ("name", "arguments"))
        return {"calls": item.name, "as": _call(item, naming), **_arguments(item), **rest}
    if item.type == "function_result":
        rest = rest_of(item, ("result", "items"))
        return {"result": item.result, "of": _call(item, naming), **_items(item), **rest}
    return {"content": str(item.type), **rest_of(item, ())}


def _call(item: Content, naming: Naming) -> object:
    return naming.nth("call", str(item.call_id))[0] if item.call_id else None


def _arguments(item: Content) -> Mapping[str, object]:
    return {} if item.arguments in _EMPTY else {"arguments": parsed(item.arguments)}


def _items(item: Content) -> Mapping[str, object]:
    """Return a result's items where they say more than the result."""
    items = cast("Sequence[Content] | None", getattr(item, "items", None))
    if not items or [_text_or_self(each) for each in items] == [item.result]:
        return {}
    return {"items": list(items)}


def rest_of(thing: object, said: Sequence[str]) -> dict[str, object]:
    """Return what else an object of the framework says, without ids and dates.

    Args:
        thing: A message, a content, a response.
        said: What has been shown of it.
    """
    fields = cast("Mapping[str, Any]", vars(thing))
    return {
        name: shown
        for name, value in fields.items()
        if not (name in _IDS or name in said or name.startswith("_"))
        and (shown := _without_notes(value) if name == _MORE else value) not in _EMPTY
        and not (shown is False and name in _FLAGS)
    }


def _without_notes(more: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return additional properties without the framework's own, such as who added a message."""
    return {name: value for name, value in (more or {}).items() if not name.startswith("_")}


# --- responses ----------------------------------------------------------------------------------


def _response(response: AgentResponse[Any] | ChatResponse[Any], naming: Naming) -> object:  # noqa: ARG001 - a reader
    return {type(response).__name__: list(response.messages), **_ending(response)}


def _ending(response: object) -> dict[str, object]:
    rest = rest_of(response, ("messages", *_SAID))
    if rest.get("finish_reason") in _USUAL:
        rest.pop("finish_reason", None)
    return rest


def _executor_response(response: AgentExecutorResponse, naming: Naming) -> object:  # noqa: ARG001 - a reader
    rest = {name: value for name, value in vars(response).items() if name != "executor_id"}
    return {"AgentExecutorResponse": response.executor_id, **rest}


def _update(update: AgentResponseUpdate | ChatResponseUpdate, naming: Naming) -> object:  # noqa: ARG001 - a reader
    said = [_text_or_self(item) for item in update.contents]
    by = [name for name in (update.role, update.author_name) if name]
    return {type(update).__name__: said, **({"by": " ".join(by)} if by else {}), **_ending(update)}


# --- streams ------------------------------------------------------------------------------------


class _Pieces:
    """A message that came in pieces."""

    def __init__(self, updates: Sequence[AgentResponseUpdate]) -> None:
        self.updates = updates
        messages = AgentResponse.from_updates(updates).messages  # type: ignore[arg-type,unused-ignore]
        self.message = messages[0] if len(messages) == 1 else None

    def read(self, naming: Naming) -> object:
        said = [_text_or_self(item) for update in self.updates for item in update.contents]
        rest = [ending for update in self.updates if (ending := _ending(update))]
        first = self.updates[0]
        by = [name for name in (first.role, first.author_name) if name]
        label = naming.text(" ".join(by) or "?")
        if self.message is not None and self.message.contents:
            # The whole message follows, and is known by then.
            name, is_new = naming.nth("message", same(_Told(self.message)))
            label = f"{label} {name if is_new else f'like {name}'}"
        return {Verbatim(label): said, **({"endings": rest} if rest else {})}


def pieces(updates: Sequence[AgentResponseUpdate]) -> object:
    """Return what stands for consecutive updates of a stream: the pieces of each message."""
    found: list[list[AgentResponseUpdate]] = []
    for update in updates:
        before = found[-1][-1] if found else None
        if before is not None and _key(before) == _key(update):
            found[-1].append(update)
        else:
            found.append([update])
    made = [_Pieces(group) for group in found]
    return made[0] if len(made) == 1 else made


def _key(update: AgentResponseUpdate) -> tuple[object, ...]:
    return update.role, update.author_name, update.message_id, update.response_id


MESSAGES: Final[Mapping[type, Reader]] = {
    AgentExecutorResponse: _executor_response,
    AgentResponse: _response,
    AgentResponseUpdate: _update,
    ChatResponse: _response,
    ChatResponseUpdate: _update,
    Content: _content,
    Message: _message,
    _Pieces: lambda made, naming: made.read(naming),
    _Told: _told,
}
"""Readers for what agents and models say."""
