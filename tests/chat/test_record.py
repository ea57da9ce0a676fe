"""Recording a real client: what is written, and that it plays as it was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from agent_framework import ChatResponse, ChatResponseUpdate, Content, Message, ResponseStream
from agent_framework.exceptions import ChatClientException
from hypothesis import given
from hypothesis import strategies as st

from tests.chat.support import RealClient, Verdict, get_weather, run, says, user
from wfsim.chat import Script, ScriptedChatClient, load_script, record
from wfsim.chat.answered import failed_turn, turn_data
from wfsim.chat.redact import Redactor
from wfsim.chat.write import script_text, write
from wfsim.errors import UsageError

HEADER = "# Recorded by wfsim.chat.record: what the model answered, request by request.\n"


def call(call_id: str, city: str) -> Content:
    return Content.from_function_call(call_id, "get_weather", arguments=f'{{"city":"{city}"}}')


def real() -> RealClient:
    """A provider that calls tools, thinks, counts tokens, and fails once."""
    return RealClient(
        says(
            Content.from_text("Let me look."),
            call("call_8f3e", "Oslo"),
            call("call_9a1b", "Rome"),
            finish_reason="tool_calls",
        ),
        ChatClientException("busy", OSError("429")),
        says(
            Content.from_text_reasoning(text="Both are sunny."),
            Content.from_text("Oslo: sunny.\n"),
            Content.from_text("Rome: sunny."),
            Content.from_usage({"input_token_count": 12, "output_token_count": 6}),
            finish_reason="length",
        ),
        says(Content.from_text('{"spam": false, "reason": "a question"}')),
    )


WRITTEN = (
    HEADER
    + """\
- text: Let me look.
  tool_calls:
    - name: get_weather
      arguments: {city: Oslo}
    - name: get_weather
      arguments: {city: Rome}
- fail: {type: ChatClientException, message: busy}
- reply: |-
    Oslo: sunny.
    Rome: sunny.
  reasoning: Both are sunny.
  usage: {input: 12, output: 6}
  finish_reason: length
- reply: {spam: false, reason: a question}
"""
)


async def talk(client: Any, *, stream: bool) -> list[Any]:
    """Ask everything, with a retry, and return what comes of it."""
    agent = client.as_agent(tools=[get_weather])
    options: Any = {"response_format": Verdict}
    found: list[Any] = []
    for text, asked in (("Weather?", None), ("Weather?", None), ("Spam?", options)):
        try:
            if stream:
                answer = await agent.run(text, stream=True, options=asked).get_final_response()
            else:
                answer = await agent.run(text, options=asked)
        except ChatClientException as error:
            found.append(str(error.args[0]))
            continue
        found.append(
            (
                [_facts(item) for message in answer.messages for item in message.contents]
                # Of a structured reply the value counts; a recording has no spaces in its JSON.
                * (asked is None),
                dict(answer.usage_details or {}).get("input_token_count"),
                answer.value,
            )
        )
    return found


def _facts(item: Content) -> Any:
    arguments = item.parse_arguments() if item.type == "function_call" else None
    return item.type, item.text, item.name, arguments, item.result


@pytest.mark.parametrize("stream", [False, True])
def test_a_recording_plays_as_it_was(tmp_path: Path, stream: bool) -> None:
    """What was recorded, streamed or not, gives the same answers when it is played."""
    path = tmp_path / "new" / "writer.yaml"
    recorded = run(talk(record(real(), path), stream=stream))
    assert path.read_text(encoding="utf-8") == WRITTEN
    for way in (False, True):
        with ScriptedChatClient(path) as client:
            assert run(talk(client, stream=way)) == recorded
    assert run(talk(real(), stream=stream)) == recorded


def test_the_client_stays_as_it_is(tmp_path: Path) -> None:
    """The copy has the client's type and settings; the client itself records nothing."""
    client = RealClient(
        says(Content.from_text("a")), function_invocation_configuration={"enabled": False}
    )
    copy = record(client, tmp_path / "a.yaml")
    assert isinstance(copy, RealClient)
    assert copy.function_invocation_configuration["enabled"] is False
    run(client.get_response(user("Hi")))
    assert list(tmp_path.iterdir()) == []


def test_turns_stand_in_the_order_of_their_requests(tmp_path: Path) -> None:
    """Of requests at the same time, the earlier one comes first in the file, whenever it ends."""
    path = tmp_path / "a.yaml"

    class Slow:
        additional_properties: dict[str, Any] = {}  # noqa: RUF012 - the framework's protocol

        async def get_response(self, messages: Any, **options: Any) -> ChatResponse[Any]:
            await asyncio.sleep({"first": 2, "second": 1}[messages[0].text])
            return ChatResponse(messages=[Message("assistant", [messages[0].text])])

        def close(self) -> str:
            return "closed"

    async def both() -> list[str]:
        client = record(Slow(), path)
        asked = [client.get_response(user(text)) for text in ("first", "second")]
        second = asyncio.ensure_future(asked[1])
        first = asyncio.ensure_future(asked[0])
        await second
        early = path.read_text(encoding="utf-8")
        await first
        assert client.close() == "closed"
        return [early, path.read_text(encoding="utf-8")]

    # The futures start in the order in which they are made: "second" asks first.
    assert run(both()) == [
        f"{HEADER}- reply: second\n",
        f"{HEADER}- reply: second\n- reply: first\n",
    ]


def test_a_broken_stream_is_written_with_what_it_brought(tmp_path: Path) -> None:
    """A stream that fails in the middle is a failure with the text until then."""

    class Breaks(RealClient):
        def _inner_get_response(self, **_: Any) -> Any:
            async def updates() -> AsyncIterator[ChatResponseUpdate]:
                yield ChatResponseUpdate(contents=[Content.from_text("It is ")], role="assistant")
                yield ChatResponseUpdate(contents=[Content.from_text("go")])
                raise ConnectionResetError("peer went away")

            async def made() -> Any:
                return ResponseStream(updates(), finalizer=ChatResponse.from_updates)

            return made()

    path = tmp_path / "a.yaml"

    async def read(client: Any) -> str:
        said = ""
        try:
            async for update in client.get_response(user("Hi"), stream=True):
                said += update.text
        except ConnectionResetError as error:
            return f"{said} / {error}"
        return said

    config: Any = {"function_invocation_configuration": {"enabled": False}}
    assert run(read(record(Breaks(**config), path))) == "It is go / peer went away"
    assert path.read_text(encoding="utf-8") == (
        f"{HEADER}- fail:\n    type: ConnectionResetError\n"
        "    message: peer went away\n    text: It is go\n"
    )
    with ScriptedChatClient(path) as client:
        assert run(read(client)) == "It is go / peer went away"


class _Limited(Exception):
    """A provider's own error."""

    def __init__(self) -> None:
        super().__init__("Slow down. Incorrect API key provided: sk-abc123456789.")
        self.response = type("Response", (), {"headers": {"retry-after": "20"}})()


def test_errors_are_written_by_type_without_secrets(tmp_path: Path) -> None:
    """An error keeps the name of its class, what it says about retries, and no key."""
    path = tmp_path / "a.yaml"
    client = record(RealClient(_Limited()), path)
    with pytest.raises(_Limited):
        run(client.get_response(user("Hi")))
    assert path.read_text(encoding="utf-8") == (
        f"{HEADER}- fail:\n    type: Limited\n"
        "    message: 'Slow down. Incorrect API key provided: [redacted].'\n"
        "    retry_after: 20.0\n"
    )
    load_script(path)


def test_what_a_provider_says_about_retries() -> None:
    """The time to wait is found behind the framework's own error, if it is a number."""
    behind = _Limited()
    error = ChatClientException("busy", behind)
    error.__cause__ = behind
    assert failed_turn(error, Redactor({})) == {
        "fail": {"type": "ChatClientException", "message": "busy", "retry_after": 20.0}
    }
    behind.response.headers["retry-after"] = "Fri, 31 Dec 1999 23:59:59 GMT"
    assert failed_turn(behind, Redactor({}))["fail"].keys() == {"type", "message"}
    assert failed_turn(TimeoutError(), Redactor({})) == {"fail": "TimeoutError"}


def test_arguments_are_written_as_they_are() -> None:
    """Arguments in pieces, as a mapping or broken are written so that they can be played."""
    arguments: list[Any] = [{"a": 1}, None, "", '{"a":', "[1]"]
    contents = [
        Content.from_function_call(f"c{n}", "f", arguments=a) for n, a in enumerate(arguments)
    ]
    response: ChatResponse[Any] = ChatResponse(messages=[Message("assistant", contents)])
    turn = turn_data(response, Redactor({}), structured=True)
    assert [call["arguments"] for call in turn["tool_calls"]] == [{"a": 1}, {}, {}, '{"a":', "[1]"]


@pytest.mark.parametrize(
    ("said", "written"),
    [("{", "{"), ('"a"', '"a"'), ("[1]", [1]), ('{"a": 1}', {"a": 1})],
)
def test_structured_replies_are_written_as_values(said: str, written: Any) -> None:
    """Objects and lists are written as such, everything else as the text that it was."""
    response: ChatResponse[Any] = ChatResponse(messages=[Message("assistant", [said])])
    assert turn_data(response, Redactor({}), structured=True) == {"reply": written}
    assert turn_data(response, Redactor({}), structured=False) == {"reply": said}


def test_usage_is_written_shortly() -> None:
    """The total is left out where it is the sum of the others."""
    details: Any = {
        "total_token_count": 5,
        "input_token_count": 3,
        "output_token_count": 2,
        "x": None,
    }
    response: ChatResponse[Any] = ChatResponse(messages=[], usage_details=details)
    turn = turn_data(response, Redactor({}), structured=False)
    assert turn == {"reply": "", "usage": {"input": 3, "output": 2}}


def test_secrets_of_the_environment_are_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an environment variable with a secret's name holds is written nowhere."""
    monkeypatch.setenv("MODEL_API_KEY", "correct horse battery")
    path = tmp_path / "a.yaml"
    answer = says(Content.from_text("Your key is correct horse battery."))
    response = run(record(RealClient(answer), path).get_response(user("Hi")))
    assert response.messages[0].text == "Your key is correct horse battery."
    assert path.read_text(encoding="utf-8") == f"{HEADER}- reply: Your key is [redacted].\n"


def test_other_content_is_written_too(tmp_path: Path) -> None:
    """Images and the like are written with their fields; calls that were made already are not."""
    path = tmp_path / "a.yaml"
    answer = says(
        call("a", "Oslo"),
        Content.from_function_result("a", result="Sunny"),
        Content.from_text("See:"),
        Content.from_uri("https://example.org/a.png", media_type="image/png"),
    )
    config: Any = {"function_invocation_configuration": {"enabled": False}}
    run(record(RealClient(answer, **config), path).get_response(user("Hi")))
    (turn,) = load_script(path)
    assert [item.type for item in turn.contents] == ["uri"]  # type: ignore[union-attr]
    assert turn.text == "See:"  # type: ignore[union-attr]


def test_a_script_of_an_app_wins_over_a_recorded_client(tmp_path: Path) -> None:
    """Where another class exchanges how the model is asked, that is in force."""

    class Exchanged:
        def _inner_get_response(self, **_: Any) -> Any:
            async def answer() -> ChatResponse[Any]:
                return ChatResponse(messages=[Message("assistant", ["scripted"])])

            return answer()

    recorded = record(RealClient(), tmp_path / "a.yaml")
    both = type("Both", (Exchanged, type(recorded)), {})
    client: Any = object.__new__(both)
    vars(client).update(vars(recorded))
    assert run(client.get_response(user("Hi"))).text == "scripted"


@pytest.mark.parametrize(
    ("client", "path", "message"),
    [
        (RealClient(), "a.json", "A recording is a YAML file, but 'a.json' does not end in .yaml."),
        (7, "a.yaml", "record() takes a chat client, which has get_response(), not 7."),
    ],
)
def test_what_cannot_be_recorded(client: Any, path: str, message: str) -> None:
    """Only chat clients are recorded, only to YAML."""
    with pytest.raises(UsageError) as caught:
        record(client, path)
    assert str(caught.value) == message


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    """Writing goes to a file beside, which takes the place of the old one."""
    path = tmp_path / "a.yaml"
    path.write_text("old", encoding="utf-8")
    before = path.stat().st_ino
    write(path, "new")
    assert path.read_text(encoding="utf-8") == "new"
    assert path.stat().st_ino != before
    assert [item.name for item in tmp_path.iterdir()] == ["a.yaml"]


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30
) | st.sampled_from(
    [
        "no",
        "1e5",
        "-3",
        "12:30",
        "null",
        "~",
        "a: b",
        "- x",
        "#",
        "a\n\n b \n",
        "\ttab",
        "'",
        "\r\n",
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.slow
@given(st.lists(st.dictionaries(st.sampled_from(["reply", "b"]), VALUES, min_size=1), max_size=3))
def test_whatever_is_written_is_read_again(turns: list[dict[str, Any]]) -> None:
    """Any JSON value survives being written and read, whatever it looks like."""
    import tempfile

    from wfsim.errors import ScriptError
    from wfsim.yamltext import FileKind, read

    script = FileKind(name="script", holds="turns", error=ScriptError)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.yaml"
        write(path, script_text(turns))
        assert read(path, script).data == turns


def test_an_empty_recording_is_an_empty_script(tmp_path: Path) -> None:
    """No turns are a list without any."""
    path = tmp_path / "a.yaml"
    write(path, script_text([]))
    assert Script(path).unused() == []
