"""What wfsim.chat touches of agent_framework's insides, all of it in one place.

* `BaseChatClient._inner_get_response`: the one method in which a client asks its model. `record`
  makes a copy of the client with another one, so that the function loop, middleware and telemetry
  around it stay as they are.

`tests/chat/test_sdk_contract.py` fails when a release moves it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

from agent_framework import BaseChatClient

__all__ = ["Ask", "with_model_wrapped"]

_Client = TypeVar("_Client", bound=BaseChatClient[Any])

Ask = Callable[..., Any]
"""Asks the model: takes messages, stream and options, and returns an awaitable or a stream."""


class _Wrapped:
    """Mixed into a client's class: asks the model through a function."""

    _wfsim_wrap: Callable[[Ask], Ask]

    def _inner_get_response(self, **asked: Any) -> Any:  # noqa: ANN401 - the framework's own
        ask: Ask = cast("Any", super())._inner_get_response
        return self._wfsim_wrap(ask)(**asked)


def with_model_wrapped(client: _Client, wrap: Callable[[Ask], Ask]) -> _Client:
    """Return a copy of a client that asks its model through `wrap`."""
    made: Any = object.__new__(_wrapped_kind(type(client)))
    # A class of its own, not an attribute of the copy: whoever exchanges the method in a class
    # further down, as wfsim.agents does for an agent with a script, must win.
    made.__dict__ = {**vars(client), "_wfsim_wrap": wrap}
    return cast("_Client", made)


@cache
def _wrapped_kind(kind: type[Any]) -> type[Any]:
    return type(kind.__name__, (_Wrapped, kind), {"__module__": kind.__module__})
