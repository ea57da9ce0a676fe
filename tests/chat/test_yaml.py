"""Scripts in YAML: what they say, and what is said about those that make no sense."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.chat.support import get_weather, run
from tests.house.source import ROOT
from wfsim.chat import (
    Fail,
    Reply,
    Script,
    ScriptedChatClient,
    ScriptError,
    ToolCall,
    ToolCalls,
    When,
    load_script,
    turns_of,
)

FIXTURES = ROOT / "fixtures" / "chat"


def test_a_script_is_read_as_turns() -> None:
    """Each kind of turn in YAML is the record of that name."""
    assert load_script(FIXTURES / "weather.yaml") == [
        ToolCalls(
            ToolCall("get_weather", {"city": "Oslo"}),
            ToolCall("get_weather", {"city": "Rome", "unit": "fahrenheit"}),
            text="Let me look.",
            usage={"input": 120, "output": 31},
        ),
        Fail("RateLimitError", retry_after=20, takes="2s"),
        Reply(
            "Oslo: sunny.\nRome: sunny, too.\n",
            reasoning="Both are sunny.",
            chunks=8,
            chunk_takes="50ms",
            takes="1.5s",
        ),
        Reply(value={"spam": False, "reason": "a question"}),
    ]


def test_a_script_is_read_as_rules() -> None:
    """`when` makes a rule; `answers` are used up, `answer` is not."""
    assert load_script(FIXTURES / "rules.yaml") == [
        When({"tool_result": "get_weather"}, Reply("Take a hat.")),
        When("weather", [ToolCalls(ToolCall("get_weather", {"city": "Oslo"})), Fail("timeout")]),
        When("*", Reply("I only know the weather.")),
    ]


def test_a_script_may_be_a_path() -> None:
    """A client takes the path of a script."""
    client = ScriptedChatClient(FIXTURES / "rules.yaml")
    agent = client.as_agent(tools=[get_weather])
    assert run(agent.run("Who are you?")).text == "I only know the weather."
    assert run(agent.run("And the weather?")).messages[-1].text == "Take a hat."


@pytest.mark.parametrize(
    ("data", "turns"),
    [
        ("Hi", [Reply("Hi")]),
        ({"reply": "Hi"}, [Reply("Hi")]),
        ([{"reply": None}], [Reply("")]),
        ([{"reply": [1, 2]}], [Reply(value=[1, 2])]),
        ([{"reply": 5, "check": False}], [Reply(value=5, check=False)]),
        ([{"reply": "a b", "chunks": ["a", " b"]}], [Reply("a b", chunks=["a", " b"])]),
        ([{"tool_call": {"name": "f"}}], [ToolCalls(ToolCall("f"))]),
        (
            [{"tool_call": {"name": "f", "arguments": "{", "id": "x", "check": False}}],
            [ToolCalls(ToolCall("f", "{", id="x", check=False))],
        ),
        ([{"fail": "timeout"}], [Fail("timeout")]),
        (
            [{"fail": {"type": "OSError", "message": "x", "text": "a b", "after_chunks": 1}}],
            [Fail("OSError", message="x", text="a b", after_chunks=1)],
        ),
    ],
)
def test_turns_of_data(data: Any, turns: list[Any]) -> None:
    """Plain data stands for turns; one alone is a list of one."""
    assert turns_of(data, "x") == turns


def load_text(folder: Path, text: str) -> str:
    """Return what is wrong with a script, without its folder."""
    path = folder / "script.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScriptError) as caught:
        load_script(path)
    return str(caught.value).replace(str(path), "script.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "script.yaml:1: the script is empty. It needs a list of turns."),
        (
            "reply: Hi",
            "script.yaml:1: a script is a list, each turn behind a dash, not {'reply': 'Hi'}.",
        ),
        (
            "- reply: Hi\n  takse: 3s\n",
            "script.yaml:2: turns[0].takse: there is no key 'takse' here. Did you mean 'takes'?",
        ),
        (
            "- Hi\n- tool_call:\n    name: f\n    argumets: {}\n",
            (
                "script.yaml:4: turns[1].tool_call.argumets: there is no key 'argumets' here. "
                "Did you mean 'arguments'?"
            ),
        ),
        (
            "- replay: Hi\n",
            (
                "script.yaml:1: turns[0]: a turn has one of reply, tool_call, tool_calls or "
                "fail, but this one has replay. Did you mean 'reply'?"
            ),
        ),
        (
            "- {}\n",
            (
                "script.yaml:1: turns[0]: a turn has one of reply, tool_call, tool_calls or "
                "fail, but this one has nothing."
            ),
        ),
        (
            "- {reply: a, fail: b}\n",
            (
                "script.yaml:1: turns[0]: a turn has one of reply, tool_call, tool_calls or "
                "fail, but this one has reply and fail."
            ),
        ),
        (
            "- 5\n",
            (
                "script.yaml:1: turns[0]: a turn is text, or a mapping with reply, tool_call, "
                "tool_calls or fail, not 5."
            ),
        ),
        (
            "- tool_call: {arguments: {}}\n",
            "script.yaml:1: turns[0].tool_call.name: the key 'name' is missing.",
        ),
        (
            "- tool_call: get_weather\n",
            (
                "script.yaml:1: turns[0].tool_call: give a mapping with some of name, arguments, "
                "id, check, not 'get_weather'."
            ),
        ),
        ("- tool_calls: []\n", "script.yaml:1: turns[0].tool_calls: this is empty."),
        (
            "- reply: Hi\n  takes: 3\n",
            "script.yaml:2: turns[0].takes: give text, not 3; quotes make text of anything.",
        ),
        (
            "- Hi\n- reply: Hi\n  takes: 3 parsecs\n",
            (
                "script.yaml:2: turns[1]: There is no unit of time 'parsecs' in the takes '3 "
                "parsecs'. Did you mean 'secs'?"
            ),
        ),
        (
            "- reply: Hi\n  usage: {input: many}\n",
            "script.yaml:2: turns[0].usage.input: input should be a valid integer, not 'many'.",
        ),
        (
            "- fail: TimeoutErorr\n",
            (
                "script.yaml:1: turns[0]: There is no exception 'TimeoutErorr'. "
                "Did you mean 'TimeoutError'?"
            ),
        ),
        (
            "- fail: {type: OSError, retry: 3}\n",
            (
                "script.yaml:1: turns[0].fail.retry: there is no key 'retry' here. "
                "Did you mean 'retry_after'?"
            ),
        ),
        (
            "- tool_call: {name: f, arguments: 3}\n",
            "script.yaml:1: turns[0].tool_call.arguments: give a mapping, or JSON text, not 3.",
        ),
        (
            "- reply: a\n  chunks: many\n",
            "script.yaml:2: turns[0].chunks: give a size, or a list of texts, not 'many'.",
        ),
        (
            "- fail: {type: OSError, retry_after: [1]}\n",
            "script.yaml:1: turns[0].fail.retry_after: give seconds, or text such as 20s, not [1].",
        ),
        (
            "- fail: 3\n",
            (
                "script.yaml:1: turns[0].fail: give a mapping with some of type, message, "
                "retry_after, text, after_chunks, not 3."
            ),
        ),
        (
            "- {when: 3, answer: a}\n",
            "script.yaml:1: turns[0].when: give text, or a mapping, not 3.",
        ),
        (
            "- when: x\n",
            (
                "script.yaml:1: turns[0]: a rule has answers:, a list that is used up, or "
                "answer:, a turn for every time."
            ),
        ),
        (
            "- when: x\n  answers: [a, 7]\n",
            (
                "script.yaml:2: turns[0].answers[1]: a turn is text, or a mapping with reply, "
                "tool_call, tool_calls or fail, not 7."
            ),
        ),
        (
            "- when: {text_contain: x}\n  answer: a\n",
            (
                "script.yaml:1: turns[0].when: There is no condition 'text_contain'. "
                "Did you mean 'text_contains'?"
            ),
        ),
        (
            "- when: x\n  answer: a\n- b\n",
            "script.yaml:1: turns: either all of these are rules with when:, or none is.",
        ),
        (
            "- [a\n",
            (
                "script.yaml:2: this is not YAML: expected ',' or ']', but got '<stream end>', "
                "while parsing a flow sequence that begins in line 1."
            ),
        ),
        ("- a\n- b: 1\n  b: 2\n", "script.yaml:3: the key 'b' stands here twice."),
        ("- {1: a}\n", "script.yaml:1: a key must be text, as in JSON, not '1'; put it in quotes."),
        (
            "- !!python/none x\n",
            "script.yaml:1: the tag '!!python/none' says nothing that JSON can say; leave it out.",
        ),
        (
            "- &a [*a]\n",
            "script.yaml:1: this contains itself, through an alias; JSON cannot say that.",
        ),
        (
            "- a\n- \x07\n",
            "script.yaml:2: this is not YAML: a character that YAML does not allow, U+0007.",
        ),
        ("[" * 500, "script.yaml:1: the YAML is nested too deeply."),
        ("- !!int x\n", "script.yaml:1: 'x' cannot be read as !!int."),
    ],
)
def test_what_is_wrong_with_a_script(tmp_path: Path, text: str, message: str) -> None:
    """Each mistake is told with its line, its place and the nearest thing that would do."""
    assert load_text(tmp_path, text) == message


def test_several_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Up to five complaints are shown, the others counted."""
    lines = load_text(tmp_path, "".join(f"- {number}\n" for number in range(7))).splitlines()
    assert [line.partition(" ")[0] for line in lines] == [
        *(f"script.yaml:{number}:" for number in range(1, 6)),
        "…",
    ]
    assert lines[-1] == "… and 2 more."


def test_the_place_is_told_as_the_caller_wants_it() -> None:
    """Data that is part of something else is named as that says."""
    with pytest.raises(ScriptError) as caught:
        turns_of([{"reply": "a"}, {"fail": 3}], "stubs.agents.W", prefix=lambda place: f"{place} ")
    assert str(caught.value).startswith("(1, 'fail') stubs.agents.W[1].fail: ")


def test_files_that_are_not_there(tmp_path: Path) -> None:
    """A missing file names the nearest one beside it."""
    with pytest.raises(ScriptError, match=r"^There is no script at .* There is none in that"):
        Script(tmp_path / "wether.yaml")
    (tmp_path / "weather.yaml").write_text("- Hi", encoding="utf-8")
    with pytest.raises(ScriptError, match=r"Did you mean 'weather\.yaml'\?$"):
        Script(f"{tmp_path}/wether.yaml")
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(ScriptError, match=r"' is a folder; give the script's YAML file\.$"):
        Script(tmp_path / "folder.yaml")


def test_text_in_another_encoding(tmp_path: Path) -> None:
    """Scripts are UTF-8."""
    path = tmp_path / "script.yaml"
    path.write_bytes(b"- \xe6\n")
    with pytest.raises(ScriptError, match=r"this is not text in UTF-8; save it as such\.$"):
        Script(path)


@pytest.mark.slow
def test_too_many_values(tmp_path: Path) -> None:
    """Aliases of aliases that stand for millions of values are refused."""
    lines = ["- &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9]"]
    lines += [f"- &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 8)]
    text = load_text(tmp_path, "\n".join(lines))
    assert text.endswith("with its aliases this stands for more than 1,000,000 values.")


def test_text_that_looks_like_something_else(tmp_path: Path) -> None:
    """`no`, times and dates are text; only what JSON knows is not."""
    path = tmp_path / "script.yaml"
    path.write_text(
        "- reply: [no, 12:30, 2000-01-01, 0150, true, 1e3, 1.5, null]", encoding="utf-8"
    )
    (turn,) = load_script(path)
    assert turn == Reply(value=["no", "12:30", "2000-01-01", "0150", True, 1000.0, 1.5, None])
