"""Stubbed activities: what an activity answers instead of, or after, running its body."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from wfsim.clock import format_duration, parse_duration
from wfsim.errors import UsageError
from wfsim.hub.faults import WHAT_IF_FAILURE, WHAT_IF_TIMEOUT_US
from wfsim.hub.hub import Hub
from wfsim.hub.touches import APP
from wfsim.hub.worker import ActivityCall, ActivityOutcome
from wfsim.workers.azure_functions import AzureActivities
from wfsim.workers.azure_functions.activities import payload_of

__all__ = ["UNSET", "ActivityStub", "Answer", "StubbedActivities", "Unset"]


class Unset(enum.Enum):
    """Type of the value that says "not given"."""

    UNSET = "unset"


UNSET = Unset.UNSET

Length = timedelta | str
"""A length of time, such as "3s"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of a stub.

    Args:
        returns: The result, a JSON value.
        raises: The exception that the activity raises, an instance or a class.
        calls: A function of the input that runs in the activity's place, sync or async.
        takes: How long the execution lasts in virtual time, beyond what its body sleeps; a pair is
            the shortest and the longest, of which the quiet world takes the shortest.

    With `takes` alone the app's own activity runs, and its outcome arrives that much later.
    """

    returns: object = UNSET
    raises: BaseException | type[BaseException] | None = None
    calls: Callable[[Any], object] | None = None
    takes: Length | tuple[Length, Length] | None = None

    def __post_init__(self) -> None:
        given = [
            name
            for name, is_given in (
                ("returns", self.returns is not UNSET),
                ("raises", self.raises is not None),
                ("calls", self.calls is not None),
            )
            if is_given
        ]
        if len(given) > 1:
            raise UsageError(
                f"An activity stub takes one of returns, raises and calls, but got "
                f"{' and '.join(given)}. For answers call by call give answers=[…]."
            )
        if not given and self.takes is None:
            raise UsageError(
                "An activity stub needs returns=, raises=, calls= or takes=, and got none."
            )

    @property
    def takes_us(self) -> tuple[int, int]:
        """The shortest and the longest time that the execution lasts, in microseconds.

        Raises:
            UsageError: it is no length of time, or no pair of a shorter and a longer one.
        """
        if self.takes is None:
            return 0, 0
        if not isinstance(self.takes, tuple):
            return (one := parse_duration(self.takes, what="takes")), one
        if len(self.takes) != 2:
            raise UsageError(f"takes={self.takes!r} must be one length of time or a pair of two.")
        shortest, longest = (parse_duration(item, what="takes") for item in self.takes)
        if shortest > longest:
            raise UsageError(f"takes={self.takes!r} must have the shorter time first.")
        return shortest, longest


@dataclass(slots=True)
class ActivityStub:
    """A stubbed activity and the calls that it got."""

    name: str
    answers: Sequence[Answer]
    """One per call; the last one repeats."""
    calls: list[Any] = field(default_factory=list[Any])
    """Input of each execution, oldest first."""


class StubbedActivities:
    """Answers for stubbed activities, and lets the app run the others.

    Args:
        real: Runs the app's own activities.
        hub: Decides how long those take that may take longer or shorter, and which of them fail in
            spite of all; is told what executions share that one stub answers.
    """

    def __init__(self, real: AzureActivities, hub: Hub) -> None:
        self._real = real
        self._hub = hub
        self._stubs: dict[str, ActivityStub] = {}

    def add(self, stub: ActivityStub) -> None:
        """Stub an activity; an earlier stub of that name is replaced."""
        for answer in stub.answers:
            _ = answer.takes_us  # a bad duration is the test's mistake: say so here, not later
        self._stubs[stub.name.casefold()] = stub

    def start(self, call: ActivityCall, finish: Callable[[ActivityOutcome], None]) -> None:
        """Start one execution."""
        stub = self._stubs.get(call.name.casefold()) if self._stubs else None
        faults = self._hub.faults
        failing = "" if faults is None else faults.failure_of(call)
        if failing:
            is_late = failing == "time out"
            finish = _later(finish, WHAT_IF_TIMEOUT_US if is_late else 0)
            self._real.run(call, _time_out if is_late else _fail, finish)
            return
        if stub is None:
            self._real.start(call, finish)
            return
        payload = payload_of(call)
        if len(stub.answers) > 1:
            self._hub.touch(f"the answers of {stub.name}")  # who comes first gets the first
        answer = stub.answers[min(len(stub.calls), len(stub.answers) - 1)]
        stub.calls.append(payload)
        if answer.calls is not None:
            self._hub.touch(APP)
        later = _later(finish, self._length_us(call, answer))
        if answer.returns is UNSET and answer.raises is None and answer.calls is None:
            self._real.start(call, later)
        else:
            self._real.run(call, lambda: _body(answer, payload), later)

    def _length_us(self, call: ActivityCall, answer: Answer) -> int:
        shortest, longest = answer.takes_us
        if shortest == longest:
            return shortest
        lengths = (shortest, longest, (shortest + longest) // 2)
        about = f"duration of activity {call.name} of {call.instance_id}#{call.task_id}"
        return lengths[self._hub.choices.pick(about, [format_duration(us) for us in lengths])]


def _fail() -> object:
    raise RuntimeError(WHAT_IF_FAILURE)


def _time_out() -> object:
    raise TimeoutError(WHAT_IF_FAILURE)


def _body(answer: Answer, payload: object) -> object:
    if answer.raises is not None:
        raise answer.raises
    if answer.calls is not None:
        made = answer.calls(payload)
        return _awaited(made) if inspect.isawaitable(made) else made
    return answer.returns


async def _awaited(made: Any) -> object:  # noqa: ANN401 - any awaitable
    return await made


def _later(
    finish: Callable[[ActivityOutcome], None], takes_us: int
) -> Callable[[ActivityOutcome], None]:
    if takes_us == 0:
        return finish

    def finish_later(outcome: ActivityOutcome) -> None:
        finish(
            ActivityOutcome(
                result=outcome.result,
                failure=outcome.failure,
                error=outcome.error,
                took_us=outcome.took_us + takes_us,
            )
        )

    return finish_later
