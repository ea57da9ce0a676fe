"""Requests that a scenario has sent: to HTTP functions, and to functions by their triggers."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from wfsim.doors import FunctionCall, HttpResponse
from wfsim.errors import UsageError, WfsimError
from wfsim.scenario.expect import Mismatch
from wfsim.scenario.outcome import AnswerReport

__all__ = ["SentHttp", "SentTrigger"]

_BAD = 400
"""From this status on, an answer is wrong unless somebody expects it."""
_LONGEST_BODY = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SentHttp:
    """A request of a step, and its answer."""

    index: int
    """Of the step."""
    at_us: int
    """When it was sent, since the scenario's start."""
    wanted: int | None
    response: HttpResponse

    @property
    def is_done(self) -> bool:
        """Whether the answer is there."""
        return self.response.is_done

    @property
    def status(self) -> int | None:
        """The answer's status, or None where there is no answer."""
        try:
            return self.response.status_code if self.is_done else None
        except WfsimError:  # it stopped the whole scenario, and is told as that
            return None

    @property
    def report(self) -> AnswerReport:
        """What to tell of it."""
        parts = urlsplit(self.response.request.url)
        query = f"?{parts.query}" if parts.query else ""
        return AnswerReport(
            method=self.response.request.method,
            path=f"{parts.path}{query}",
            status=self.status,
            at_us=self.at_us,
        )

    @property
    def mismatch(self) -> Mismatch | None:
        """What is wrong with the answer."""
        status = self.status
        if status is None:
            got = "no answer"
        elif status == self.wanted or (self.wanted is None and status < _BAD):
            return None
        else:
            text = self.response.text.strip()
            cut = text if len(text) <= _LONGEST_BODY else f"{text[: _LONGEST_BODY - 1]}…"
            got = f"{status}: {cut}" if text else str(status)
        is_silent = "below 400, since the step says nothing of status"
        wanted = is_silent if self.wanted is None else str(self.wanted)
        return Mismatch(key=f"steps[{self.index}].http.status", wanted=wanted, got=got)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentTrigger:
    """A function that a step has called."""

    index: int
    """Of the step."""
    call: FunctionCall

    @property
    def is_done(self) -> bool:
        """Whether the function has ended."""
        return self.call.is_done

    @property
    def problem(self) -> UsageError | None:
        """Why the call made no sense, which only shows as it is made."""
        try:
            _ = self.call.error if self.is_done else None
        except UsageError as error:
            return error
        return None

    @property
    def mismatch(self) -> Mismatch | None:
        """What the function raised."""
        try:
            error = self.call.error if self.is_done else None
        except WfsimError:  # it stopped the whole scenario, and is told as that
            return None
        if self.is_done and error is None:
            return None
        got = "it has not ended" if error is None else f"{type(error).__name__}: {error}"
        return Mismatch(
            key=f"steps[{self.index}].trigger", wanted=f"{self.call.name} to return", got=got
        )
