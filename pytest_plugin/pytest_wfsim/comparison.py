"""Explains failed comparisons of recorded things: where they part, instead of two long reprs.

pytest loads this module in every run, so it imports wfsim only when two such things are compared.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest

from pytest_wfsim.origins import origins

__all__: list[str] = []

_ITEM = pytest.StashKey[pytest.Item]()
"""The test that runs: its fixtures say how recorded things are shown."""
_OURS = frozenset({"wfsim", "agent_framework"})

_Hook = Generator[None, list[list[str]], list[list[str]]]


class _Explained(Exception):
    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self.lines = lines


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Remember which test runs: whoever explains a comparison is not told."""
    item.config.stash[_ITEM] = item


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_assertrepr_compare(config: pytest.Config, op: str, left: object, right: object) -> _Hook:
    """Leave with the explanation, where there is one, before anybody else makes theirs.

    pytest asks everybody and shows the first answer. Its own would be made all the same, and for
    lists of thousands of events that takes minutes.
    """
    if op in {"==", "!="} and _may_be_ours(left) and _may_be_ours(right):
        from pytest_wfsim.explanations import explain  # noqa: PLC0415 - somebody recorded something

        lines = explain(op, left, right, item=config.stash.get(_ITEM, None))
        if lines:
            raise _Explained(lines)
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True, specname="pytest_assertrepr_compare")
def pytest_assertrepr_compare_explained() -> _Hook:
    """Hand over what the hook above left with: it is called inside of this one."""
    try:
        return (yield)
    except _Explained as explained:
        return [explained.lines]


def _may_be_ours(value: object) -> bool:
    # Asked by type: comparing with a snapshot of syrupy would be one more assertion.
    is_empty = type(value) in {list, tuple} and not value
    return is_empty or not _OURS.isdisjoint(origins(value))
