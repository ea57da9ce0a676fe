"""Turns as records: what they refuse, and how they show themselves."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from agent_framework import Content

from tests.chat.support import Verdict
from wfsim.chat import Fail, Reply, ToolCall, ToolCalls
from wfsim.errors import UsageError

CALL = ToolCall("f")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Reply({"a": 1}),  # type: ignore[arg-type]
            "A Reply says text, not {'a': 1}. Give a structured value as Reply(value=…).",
        ),
        (lambda: Reply("x", value=1), "A Reply says text or value=, but this one has both."),
        (
            lambda: Reply(value=object()),
            (
                "The value of a Reply must be JSON, but it is not: Unable to serialize unknown "
                "type: <class 'object'>."
            ),
        ),
        (lambda: Reply("x", chunks=0), "The chunks= of a Reply is a size of 1 or more, not 0."),
        (
            lambda: Reply("ab", chunks="ab"),
            "The chunks= of a Reply is a size in characters, or a list of texts, not 'ab'.",
        ),
        (
            lambda: Reply("ab", chunks=["a", 1]),  # type: ignore[list-item]
            "The chunks= of a Reply are texts, not ['a', 1].",
        ),
        (
            lambda: Reply("ab", chunks=["a", "c"]),
            "The chunks= of a Reply must add up to its text.\n  text:   'ab'\n  chunks: 'ac'",
        ),
        (
            lambda: Reply("x", finish_reason="tool_call"),
            "There is no finish_reason 'tool_call'. Did you mean 'tool_calls'?",
        ),
        (
            lambda: Reply("x", finish_reason=""),
            "The finish_reason of a Reply is text such as 'stop', not ''.",
        ),
        (
            lambda: Reply("x", usage=3),  # type: ignore[arg-type]
            "usage= is a mapping such as {'input': 12, 'output': 3}, not 3.",
        ),
        (
            lambda: Reply("x", usage={"input": 1.5}),  # type: ignore[dict-item]
            "usage= counts tokens in whole numbers, but 'input' is 1.5.",
        ),
        (
            lambda: Reply("x", contents="y"),  # type: ignore[arg-type]
            "contents= is a list of Content objects, not 'y'.",
        ),
        (
            lambda: Reply("x", contents=[3]),  # type: ignore[list-item]
            "contents= holds Content objects or mappings, not 3.",
        ),
        (
            lambda: Reply("x", takes=3),  # type: ignore[arg-type]
            (
                "A plain number has no unit, but the takes is 3. "
                "Write '3s' for seconds, or give a timedelta."
            ),
        ),
        (
            lambda: Reply("x", chunk_takes="3 parsecs"),
            (
                "There is no unit of time 'parsecs' in the chunk_takes '3 parsecs'. "
                "Did you mean 'secs'?"
            ),
        ),
        (lambda: ToolCall(""), "A ToolCall starts with the tool's name, not ''."),
        (
            lambda: ToolCall("f", [1]),  # type: ignore[arg-type]
            "The arguments of ToolCall('f') are a mapping of names, or JSON text, not [1].",
        ),
        (
            lambda: ToolCall("f", {"a": object()}),
            (
                "The arguments of ToolCall('f') must be JSON, but it is not: "
                "Unable to serialize unknown type: <class 'object'>."
            ),
        ),
        (ToolCalls, "ToolCalls takes at least one ToolCall, and got none."),
        (lambda: ToolCalls("f"), "ToolCalls takes ToolCall objects, not 'f'."),  # type: ignore[arg-type]
        (
            lambda: ToolCalls(ToolCall("f", id="a"), ToolCall("g", id="a")),
            "Calls made at once have ids of their own, but these have ['a', 'a'].",
        ),
        (
            lambda: ToolCalls(CALL, chunks=["{", "}"]),  # type: ignore[arg-type]
            "The chunks= of ToolCalls is a size in characters, not ['{', '}'].",
        ),
        (
            lambda: Fail("timeout", after_chunks=1),
            (
                "A Fail with after_chunks= breaks a stream, so it needs the text of its chunks. "
                "Give text= as well."
            ),
        ),
        (
            lambda: Fail("timeout", text="a b", after_chunks=-1),
            "after_chunks= is a number of chunks, not -1.",
        ),
    ],
)
def test_turns_refuse_what_makes_no_sense(make: Any, message: str) -> None:
    """A turn that cannot be is refused where it is written, with the way out."""
    with pytest.raises(UsageError) as caught:
        make()
    assert str(caught.value) == message


def test_content_that_is_none() -> None:
    """A mapping that is no content says what the framework says."""
    with pytest.raises(UsageError, match=r"^No Content can be made of {'text': 'x'}: "):
        Reply("x", contents=[{"text": "x"}])


@pytest.mark.parametrize(
    ("turn", "shown"),
    [
        (Reply("Hi", takes="3s", chunks=2), "Reply('Hi', chunks=2, takes='3s')"),
        (Reply(value={"a": 1}), "Reply({'a': 1})"),
        (
            ToolCalls(ToolCall("f", {"a": 1}), ToolCall("g", id="x", check=False), text="Hm."),
            (
                "ToolCalls(ToolCall('f', arguments={'a': 1}), "
                "ToolCall('g', id='x', check=False), text='Hm.')"
            ),
        ),
        (Fail("RateLimitError", retry_after=2), "Fail('RateLimitError', retry_after=2)"),
    ],
)
def test_turns_show_what_was_given(turn: object, shown: str) -> None:
    """The repr of a turn leaves out what is the default."""
    assert repr(turn) == shown


def test_turns_can_be_changed_with_replace() -> None:
    """`dataclasses.replace` gives a turn with other fields, structured replies included."""
    assert dataclasses.replace(Reply("Hi"), takes="3s") == Reply("Hi", takes="3s")
    said = Reply(value=Verdict(spam=True, reason="x"))
    assert dataclasses.replace(said, takes="3s").text == said.text


def test_turns_keep_their_own_arguments() -> None:
    """What a test does later with a mapping that it gave changes no turn."""
    arguments: dict[str, Any] = {"cities": ["Oslo"]}
    call = ToolCall("f", arguments)
    arguments["cities"].append("Rome")
    assert call.arguments == {"cities": ["Oslo"]}
    image = Content.from_uri("https://example.org/a.png", media_type="image/png")
    turn = Reply("x", contents=[image])
    image.additional_properties["seen"] = True
    assert turn.contents[0].additional_properties == {}  # type: ignore[union-attr]
