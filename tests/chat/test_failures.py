"""What a scripted provider fails with."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from agent_framework.exceptions import ChatClientException, ChatClientInvalidAuthException

from tests.chat.support import run, user
from wfsim.chat import Fail, ScriptedChatClient
from wfsim.chat.failures import RateLimitError
from wfsim.errors import UsageError


class Sealed(Exception):
    """Takes more than a text, as those of provider SDKs do."""

    def __init__(self, message: str, *, response: object) -> None:
        super().__init__(message)
        self.response = response


def raised(turn: Fail) -> Any:
    """Return what the client raises."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the tests look at it
        run(ScriptedChatClient([turn]).get_response(user("Hi")))
    return caught.value


@pytest.mark.parametrize(
    ("turn", "kind", "text"),
    [
        (Fail("timeout"), TimeoutError, "scripted TimeoutError"),
        (Fail("ConnectionError", message="gone"), ConnectionError, "gone"),
        (Fail("ChatClientInvalidAuthException"), ChatClientInvalidAuthException, None),
        (Fail(ValueError, message="odd"), ValueError, "odd"),
        (Fail(OSError("broken pipe")), OSError, "broken pipe"),
        (Fail("RateLimitError"), ChatClientException, "scripted RateLimitError"),
        (
            Fail("RateLimitError", retry_after=20),
            RateLimitError,
            "scripted RateLimitError; retry after 20s",
        ),
        (Fail("RateLimitError", message="Slow down", retry_after=20), RateLimitError, "Slow down"),
    ],
)
def test_failures_by_instance_class_and_name(turn: Fail, kind: Any, text: str | None) -> None:
    """A failure is an exception, its class, or a name of Python, the framework or a provider."""
    error = raised(turn)
    assert isinstance(error, kind)
    if text is not None:
        assert str(error) == text


@pytest.mark.parametrize(("given", "seconds"), [(20, 20.0), (0.5, 0.5), ("1m 30s", 90.0)])
def test_retry_after(given: Any, seconds: float) -> None:
    """What a retry looks at is an attribute in seconds, beside the HTTP status."""
    error = raised(Fail("RateLimitError", retry_after=given))
    assert (error.retry_after, error.status_code) == (seconds, 429)
    own = OSError("busy")
    assert raised(Fail(own, retry_after=given)) is own
    assert own.retry_after == seconds


def test_a_provider_error_has_one_class() -> None:
    """Each name stands for one class, which can be imported, caught and pickled."""
    error = raised(Fail("QuotaExceededError", message="no more"))
    from wfsim.chat.failures import QuotaExceededError

    assert type(error) is QuotaExceededError
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy)) == (QuotaExceededError, "no more")


def test_other_names_of_the_module_are_missing() -> None:
    """Only names of exceptions make classes."""
    from wfsim.chat import failures

    assert not hasattr(failures, "rate_limit")


@pytest.mark.parametrize(
    ("error", "options", "message"),
    [
        ("TimeoutErorr", {}, "There is no exception 'TimeoutErorr'. Did you mean 'TimeoutError'?"),
        ("rate limit", {}, "A Fail takes the name of an exception class, not 'rate limit'."),
        (
            429,
            {},
            (
                "A Fail takes an exception, its class or its name, not 429. "
                "For example Fail('RateLimitError', retry_after=20)."
            ),
        ),
        (
            ValueError("x"),
            {"message": "y"},
            (
                "Fail(ValueError('x')) already has its text, so message='y' has no place. "
                "Give the class, or leave message= out."
            ),
        ),
        (
            Sealed,
            {},
            (
                "Sealed cannot be made of a text alone (Sealed.__init__() missing 1 required "
                "keyword-only argument: 'response'). Give an instance: Fail(Sealed(…))."
            ),
        ),
        ("timeout", {"retry_after": -1}, "retry_after= is a number of seconds, not -1."),
        (
            KeyboardInterrupt,
            {},
            (
                "A Fail takes an exception, its class or its name, not <class "
                "'KeyboardInterrupt'>. For example Fail('RateLimitError', retry_after=20)."
            ),
        ),
    ],
)
def test_what_is_no_failure(error: Any, options: Any, message: str) -> None:
    """A failure that cannot be made is refused where it is written."""
    with pytest.raises(UsageError) as caught:
        Fail(error, **options)
    assert str(caught.value) == message
