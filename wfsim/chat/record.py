"""Records a real client: writes a script of what its model answered."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

from agent_framework import BaseChatClient, ChatResponse, ChatResponseUpdate, ResponseStream

from wfsim.chat import _sdk
from wfsim.chat.answered import failed_turn, turn_data
from wfsim.chat.redact import Redactor
from wfsim.chat.write import script_text, write
from wfsim.errors import UsageError

__all__ = ["record"]

_Client = TypeVar("_Client")
_Stream = ResponseStream[ChatResponseUpdate, ChatResponse[Any]]


def record(client: _Client, path: str | Path) -> _Client:
    """Return a client like `client` that also writes a script of what its model answers.

    Give it to an agent in the real client's place. The file is written anew with the first
    answer, and completely with every further one; `Script(path)` plays it. Secrets are replaced
    by "[redacted]", and nothing of the requests is written.

    Args:
        client: A chat client, which stays as it is: any `BaseChatClient`, or an object with the
            same `get_response`.
        path: The YAML file; missing folders are made.

    Raises:
        UsageError: this is no chat client, or the path is not that of a YAML file.
    """
    file = Path(path)
    if file.suffix.lower() not in {".yaml", ".yml"}:
        raise UsageError(f"A recording is a YAML file, but {str(path)!r} does not end in .yaml.")
    recorder = _Recorder(file)
    if isinstance(client, BaseChatClient):
        real = cast("BaseChatClient[Any]", client)
        return cast("_Client", _sdk.with_model_wrapped(real, recorder.wrapped))
    if not callable(getattr(client, "get_response", None)):
        raise UsageError(f"record() takes a chat client, which has get_response(), not {client!r}.")
    return cast("_Client", _Recorded(client, recorder))


class _Recorded:
    """Stands for a client that is none of the framework's; everything else is the client's own."""

    def __init__(self, client: object, recorder: _Recorder) -> None:
        self._client = client
        self.get_response = recorder.wrapped(cast("Any", client).get_response)

    def __getattr__(self, name: str) -> object:
        return getattr(self._client, name)


class _Recorder:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._redactor = Redactor()
        self._asked = 0
        self._turns: dict[int, Mapping[str, Any]] = {}

    def wrapped(self, ask: _sdk.Ask) -> _sdk.Ask:
        """Return a function that asks, and writes what comes back."""

        def asks(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - what the framework passes
            options = cast("Mapping[str, Any]", kwargs.get("options") or {})
            form = options.get("response_format")
            if not kwargs.get("stream"):
                return self._response(lambda: ask(*args, **kwargs), form)
            return self._stream(lambda: ask(*args, **kwargs), form)

        return asks

    async def _response(
        self, ask: Callable[[], Awaitable[ChatResponse[Any]]], form: object
    ) -> ChatResponse[Any]:
        number = self._begin()
        try:
            response = await ask()
        except Exception as error:
            self._keep(number, failed_turn(error, self._redactor))
            raise
        self._keep(number, turn_data(response, self._redactor, structured=form is not None))
        return response

    def _stream(self, ask: Callable[[], _Stream | Awaitable[_Stream]], form: object) -> _Stream:
        final: list[ChatResponse[Any]] = []

        async def updates() -> AsyncGenerator[ChatResponseUpdate]:
            number, said = self._begin(), ""
            try:
                made = ask()
                stream = cast("_Stream", made if isinstance(made, ResponseStream) else await made)
                async for update in stream:
                    said += update.text
                    yield update
                final.append(await stream.get_final_response())
            except Exception as error:
                self._keep(number, failed_turn(error, self._redactor, said=said))
                raise
            self._keep(number, turn_data(final[0], self._redactor, structured=form is not None))

        def finalizer(seen: Any) -> ChatResponse[Any]:  # noqa: ANN401 - the framework's own
            return final[0] if final else ChatResponse.from_updates(seen)

        return ResponseStream(updates(), finalizer=finalizer)

    def _begin(self) -> int:
        self._asked += 1
        return self._asked

    def _keep(self, number: int, turn: Mapping[str, Any]) -> None:
        """Write everything that has been answered, in the order in which it was asked."""
        self._turns[number] = turn
        write(self._path, script_text([self._turns[key] for key in sorted(self._turns)]))
