"""A durable agent's state, as a dialogue."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from wfsim.agents import conversation_of

AT = "2000-01-01T00:00:00+00:00"


def said(role: str, *contents: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A message of the durable schema."""
    return {"role": role, "contents": list(contents), **more}


STATE: dict[str, Any] = {
    "schemaVersion": "1.1.0",
    "data": {
        "conversationHistory": [
            {
                "$type": "request",
                "correlationId": "c1",
                "createdAt": AT,
                "orchestrationId": "trip",
                "messages": [said("user", {"$type": "text", "text": "Weather in Oslo?"})],
            },
            {
                "$type": "response",
                "correlationId": "c1",
                "createdAt": AT,
                "usage": {"inputTokenCount": 7},
                "messages": [
                    said(
                        "assistant",
                        {"$type": "reasoning", "text": "a tool knows"},
                        {
                            "$type": "functionCall",
                            "name": "get_weather",
                            "arguments": {"city": "Oslo"},
                        },
                        authorName="Weather",
                    ),
                    said("tool", {"$type": "functionResult", "result": "rain"}),
                    said(
                        "assistant",
                        {"$type": "text", "text": "It "},
                        {"$type": "text", "text": "rains."},
                        {"$type": "usage"},
                        {"$type": "hostedFile"},
                    ),
                ],
            },
            {
                "$type": "response",
                "correlationId": "c2",
                "createdAt": AT,
                "messages": [
                    said("assistant", {"$type": "error", "message": "slow down", "errorCode": "X"})
                ],
            },
        ]
    },
}


def test_a_conversation_reads_as_a_dialogue() -> None:
    """Printed, it shows who said what, with calls of tools, their results and errors."""
    assert str(conversation_of(STATE)).splitlines() == [
        "user: Weather in Oslo?",
        'assistant: (a tool knows) → get_weather({"city": "Oslo"})',
        "tool: ← rain",
        "assistant: It  rains. [hostedFile]",
        "assistant: ✗ X: slow down",
    ]


def test_entries_keep_what_belongs_together() -> None:
    """Each request and response knows its time, its caller, its tokens and whether it failed."""
    conversation = conversation_of(STATE)
    asked, answered, failed = conversation.entries
    assert (asked.kind, asked.orchestration_id, asked.text) == (
        "request",
        "trip",
        "Weather in Oslo?",
    )
    assert asked.at == datetime(2000, 1, 1, tzinfo=UTC)
    assert (answered.kind, answered.text, answered.usage) == (
        "response",
        "It rains.",
        {"inputTokenCount": 7},
    )
    assert answered.correlation_id == asked.correlation_id
    assert [entry.is_error for entry in conversation.entries] == [False, False, True]
    assert failed.text == ""
    assert conversation.messages[1].author == "Weather"
    assert conversation.schema_version == "1.1.0"


def test_no_state_is_an_empty_conversation() -> None:
    """A session in which nothing was said has no entries and no text."""
    assert conversation_of(None).entries == ()
    assert str(conversation_of({})) == ""
