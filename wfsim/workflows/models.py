"""What models say in a check: a resumed run hears for the same question the same answer.

A step that was under way when the process died asks its model again. The model of a script that is
a list of turns would then be one turn ahead; a real one would answer as before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from wfsim.chat import ChatRequest, Script
from wfsim.chat.script import Taken
from wfsim.chat.turns import Turn
from wfsim.errors import ScriptError
from wfsim.snapshot.naming import Naming
from wfsim.snapshot.plain import plain
from wfsim.workflows.gate import Gate, Unit

__all__ = ["Question", "RecordingScript", "replaying"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What was asked of a model, and the turn that answered it."""

    key: str
    turn: Any
    order: int
    unit: Unit | None = None
    """The step or executor that asked; None outside of one, or where orders are not explored."""
    call_ids: tuple[str, ...] = ()
    """Of the calls in the turn."""


class RecordingScript(Script):
    """A script that remembers which question it answered how.

    Args:
        source: See `Script`.
        name: The agent.
        place: Returns the next place in the order of all that happens.
    """

    def __init__(self, source: Any, *, name: str, place: Callable[[], int]) -> None:  # noqa: ANN401
        super().__init__(source, name=name)
        self._place = place
        self.questions: list[Question] = []
        self.again: list[Question] = []
        """What will be answered as before if it is asked again, each once."""
        self.recut: Callable[[str, int, Turn], Turn] | None = None
        """Takes the agent, which of its turns it is and the turn, and cuts a stream otherwise."""
        self._turns = 0

    async def answer(self, request: ChatRequest) -> Taken:
        """Record a request and return the turn that answers it."""
        order, key = self._place(), _key(request)
        taken = self._as_before(request, key)
        if taken is None:
            self._turns += 1
            number = self._turns
            taken = await super().answer(request)
            if request.stream and self.recut is not None:
                taken = replace(taken, turn=self.recut(request.agent, number, taken.turn))
        self.questions.append(
            Question(
                key=key,
                turn=taken.turn,
                order=order,
                unit=Gate.current(),
                call_ids=taken.call_ids,
            )
        )
        return taken

    def _as_before(self, request: ChatRequest, key: str) -> Taken | None:
        for question in self.again:
            if question.key == key:
                self.again.remove(question)
                return Taken(request=request, turn=question.turn, call_ids=question.call_ids)
        return None


def replaying(questions: Sequence[Question], *, since: int) -> Callable[[ChatRequest], Any]:
    """Return a script that answers as it was answered before.

    Args:
        questions: What was asked in the uninterrupted run.
        since: Questions from this place on are expected again, each once.
    """
    left = [question for question in questions if question.order > since]

    def answer(request: ChatRequest) -> Any:  # noqa: ANN401
        key = _key(request)
        for question in left:
            if question.key == key:
                left.remove(question)
                return question.turn
        known = [question for question in questions if question.key == key]
        if not known:
            raise ScriptError("the uninterrupted run never asked this")
        return known[-1].turn

    return answer


def _key(request: ChatRequest) -> str:
    asked = [request.instructions, request.messages]
    return json.dumps(plain(asked, Naming(blank=True)), sort_keys=True)
