"""Who answers a workflow's requests in a check: what the test planned, or what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from wfsim.errors import UsageError
from wfsim.snapshot.naming import Naming
from wfsim.snapshot.plain import plain
from wfsim.workflows.requests import OpenRequest, is_named

__all__ = ["Answers", "Given", "Plan", "Recorded"]

Answers = Mapping[str, Any] | Callable[[OpenRequest], Any]
"""What answers requests: by their names, a list for one after the other; or a function."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A request and its answer."""

    request: OpenRequest
    value: Any
    order: int
    """Its place among all that happened."""


class Plan:
    """The answers of a test.

    Args:
        answers: See `check_resume`.

    Raises:
        UsageError: they are neither a mapping nor a function.
    """

    def __init__(self, answers: Answers | None) -> None:
        if answers is not None and not isinstance(answers, Mapping) and not callable(answers):
            raise UsageError(
                f"answers={answers!r} must be a mapping from requests to answers, or a function of "
                "the request."
            )
        self._answers: Mapping[str, Any] = answers if isinstance(answers, Mapping) else {}
        self._ask = None if isinstance(answers, Mapping) else answers
        self._used: dict[str, int] = {}

    def choose(self, pending: Sequence[OpenRequest]) -> tuple[OpenRequest, Any] | None:
        """Return the next request to answer, and the answer; None if there is no more to say.

        Raises:
            UsageError: a list of answers has come to its end.
        """
        if self._ask is not None:
            return (pending[0], self._ask(pending[0])) if pending else None
        for request in pending:
            name = self._name_for(request)
            if name is not None:
                return request, self._value(name, request)
        return None

    def _name_for(self, request: OpenRequest) -> str | None:
        names = [name for name in self._answers if is_named(request, name)]
        return min(names, key=lambda name: name == "*") if names else None

    def _value(self, name: str, request: OpenRequest) -> Any:  # noqa: ANN401
        planned: object = self._answers[name]
        if not isinstance(planned, list):
            return planned
        values = cast("list[object]", planned)
        used = self._used.get(name, 0)
        if used == len(values):
            raise UsageError(
                f"There is no answer left for {request}: answers[{name!r}] has {len(values)}. "
                "Add one, or give a single answer that holds for all."
            )
        self._used[name] = used + 1
        return values[used]


class Recorded:
    """The answers that the uninterrupted run got, for one that was resumed.

    Args:
        given: What was answered, in order.
        since: Requests that were answered before this place are done with.
    """

    def __init__(self, given: Sequence[Given], *, since: int) -> None:
        self._left = [item for item in given if item.order > since]
        self.strange: list[OpenRequest] = []
        """Requests that the uninterrupted run never made, or never answered."""

    def choose(self, pending: Sequence[OpenRequest]) -> tuple[OpenRequest, Any] | None:
        """Return the next request to answer, in the order in which they were answered."""
        by_id = {request.id: request for request in pending}
        for item in self._left:
            request = by_id.get(item.request.id) or self._alike(item.request, pending)
            if request is not None:
                self._left.remove(item)
                return request, item.value
        self.strange = list(pending)
        return None

    @staticmethod
    def _alike(wanted: OpenRequest, pending: Sequence[OpenRequest]) -> OpenRequest | None:
        key = text_of(wanted)
        return next((request for request in pending if text_of(request) == key), None)


def text_of(request: OpenRequest) -> str:
    """Return what makes a request what it is, its id aside."""
    return f"{request.executor} {plain(request.data, Naming(blank=True))}"
