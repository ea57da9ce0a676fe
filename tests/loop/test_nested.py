"""Several context managers as one: held against `contextlib.ExitStack`."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfsim.nested import NOTHING, Nested

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


class Broken(Exception):
    """What a part raises."""


class Part:
    """Notes when it is entered and left, and with what; may fail at either."""

    def __init__(self, log: list[str], name: int, fails: str) -> None:
        self.log, self.name, self.fails = log, name, fails

    def __enter__(self) -> None:
        if self.fails == "enter":
            raise Broken(f"enter {self.name}")
        self.log.append(f"enter {self.name}")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.log.append(f"exit {self.name}")
        if self.fails == "exit":
            raise Broken(f"exit {self.name}")


def stacked(*parts: AbstractContextManager[Any]) -> AbstractContextManager[None]:
    """The model."""

    @contextmanager
    def entered() -> Generator[None]:
        with ExitStack() as stack:
            for part in parts:
                stack.enter_context(part)
            yield

    return entered()


def played(make: Callable[..., Any], failures: list[str], *, body_fails: bool) -> list[str]:
    """Enter and leave parts, and return what happened."""
    log: list[str] = []
    parts = [Part(log, number, fails) for number, fails in enumerate(failures)]
    try:
        with make(*parts):
            log.append("body")
            _body(fails=body_fails)
    except Broken as error:
        log.append(f"raised {error}")
    return log


def _body(*, fails: bool) -> None:
    if fails:
        raise Broken("body")


@given(st.lists(st.sampled_from(["", "", "enter", "exit"]), max_size=5), st.booleans())
def test_parts_are_entered_and_left_like_those_of_an_exit_stack(
    failures: list[str], body_fails: bool
) -> None:
    """In order and in reverse, all of them, whatever fails; the last failure is raised."""
    ours = played(Nested, failures, body_fails=body_fails)
    assert ours == played(stacked, failures, body_fails=body_fails)


def test_a_part_that_does_nothing_may_be_left_out() -> None:
    """`NOTHING` is one, alone and among others."""
    log: list[str] = []
    with NOTHING, Nested(NOTHING, Part(log, 1, ""), nullcontext(), NOTHING):
        log.append("body")
    assert log == ["enter 1", "body", "exit 1"]


def test_parts_hear_what_went_wrong() -> None:
    """They get what Python hands to a context manager, and cannot swallow it."""

    class Listening(AbstractContextManager[None]):
        def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
            heard.append(kind)

    heard: list[type[BaseException] | None] = []
    with Nested(Listening()):
        pass
    with pytest.raises(Broken), Nested(Listening()):
        raise Broken
    assert heard == [None, Broken]
