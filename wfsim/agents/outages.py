"""What if a model failed, or timed out, where a script has it answer?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from wfsim.clock import to_us
from wfsim.hub.faults import WHAT_IF_FAILURE, WHAT_IF_TIMEOUT_US, Failing, FaultChoices

if TYPE_CHECKING:
    from wfsim.chat import ChatRequest, Fail

__all__ = ["Outages"]

_SECOND_US: Final = 1_000_000
_TAKES: Final = f"{WHAT_IF_TIMEOUT_US // _SECOND_US}s"


class Outages:
    """Asks, for each turn of each agent, whether its model fails instead.

    A turn that fails is not used up. The framework's agents in entities ask at once once more when
    a model fails, without a stream: as long as the outage goes on, the same question fails again.

    Args:
        faults: Answers, and knows how many failures there may be.
    """

    def __init__(self, faults: FaultChoices) -> None:
        self._faults = faults
        self._turns = Counter[str]()
        self._down: dict[str, tuple[Failing, int]] = {}
        """Questions that fail, how, and until when."""

    def __call__(self, request: ChatRequest) -> Fail | None:
        """Return how the model fails, or None where it answers."""
        agent, now_us = request.agent or "ScriptedChatClient", to_us(request.at)
        question = f"{agent}\n{request.transcript()}"
        failing, until_us = self._down.get(question, ("", 0))
        if not failing or now_us > until_us:
            failing = self._faults.model_failure(agent, self._turns[agent] + 1)
        if not failing:
            self._turns[agent] += 1
            return None
        takes_us = WHAT_IF_TIMEOUT_US if failing == "time out" else 0
        self._down[question] = failing, now_us + takes_us
        return _failure(failing)


def _failure(failing: Failing) -> Fail:
    from wfsim.chat import Fail  # noqa: PLC0415 - imports the framework

    if failing == "time out":
        return Fail(TimeoutError, message=WHAT_IF_FAILURE, takes=_TAKES)
    return Fail("ServiceUnavailableError", message=WHAT_IF_FAILURE)
