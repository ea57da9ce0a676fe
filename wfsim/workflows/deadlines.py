"""Answers that come by themselves when nobody gives one in time."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wfsim.errors import UsageError, nearest
from wfsim.workflows.requests import OpenRequest, is_named, names_of

if TYPE_CHECKING:
    from wfsim.workflows.legs import Player

__all__ = ["Deadline", "check_used"]


@dataclass(slots=True, kw_only=True)
class Deadline:
    """What happens to requests of a name that stay open too long."""

    name: str
    after_us: int
    answer: Any
    """The answer; an exception that the run ends with; or a function of the request that returns
    the one or raises the other."""
    met: set[str] = field(default_factory=set[str])
    """The requests that it watches or watched, by run and id."""

    def watches(self, request: OpenRequest) -> bool:
        """Return whether it is about this request."""
        return is_named(request, self.name)

    def fires_for(self, player: Player, request: OpenRequest) -> Callable[[], None]:
        """Return what is to be called when the time is over."""
        return lambda: self._fire(player, request)

    @staticmethod
    def _is_open(player: Player, request: OpenRequest) -> bool:
        # A run that was restored elsewhere waits no more.
        is_latest = player.flow.players[-1] is player
        return is_latest and player.failure is None and player.pending.get(request.id) is request

    def _fire(self, player: Player, request: OpenRequest) -> None:
        if not self._is_open(player, request):
            return
        try:
            answer = _made(self.answer, request)
        except Exception as error:  # noqa: BLE001 - it is the answer
            answer = error
        if inspect.isawaitable(answer):
            player.flow.spawn(self._await(player, request, answer), name="on_timeout")
        else:
            self._give(player, request, answer)

    async def _await(self, player: Player, request: OpenRequest, answer: Any) -> None:  # noqa: ANN401
        try:
            answer = await answer
        except Exception as error:  # noqa: BLE001 - it is the answer
            answer = error
        self._give(player, request, answer)

    def _give(self, player: Player, request: OpenRequest, answer: Any) -> None:  # noqa: ANN401
        if not self._is_open(player, request):
            return
        if isinstance(answer, Exception):
            player.failure = answer
        else:
            player.flow.respond(player, request, answer, by="on_timeout")


def _made(answer: Any, request: OpenRequest) -> Any:  # noqa: ANN401
    if isinstance(answer, type):
        return answer()  # an exception by its class
    return answer(request) if callable(answer) else answer


def check_used(deadlines: list[Deadline], asked: list[OpenRequest]) -> None:
    """Refuse a deadline for requests that were never made.

    Raises:
        UsageError: there is one.
    """
    for deadline in deadlines:
        if not deadline.met:
            known = {name for request in asked for name in names_of(request)}
            raise UsageError(
                f"on_timeout({deadline.name!r}, …) was for a request that was never made."
                f"{nearest(deadline.name, known)}"
            )
