"""Settings of the whole suite; fixtures live beside the tests that use them."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import forked

# Deadlines measure wall time, which says more about the machine than about the code.
settings.register_profile(
    "repeatable",
    deadline=None,
    derandomize=True,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("search", settings.get_profile("repeatable"), derandomize=False)
settings.register_profile("long", settings.get_profile("search"), max_examples=2000)
settings.load_profile(os.environ.get("WFSIM_HYPOTHESIS_PROFILE", "repeatable"))


@settings(max_examples=1, database=None)
@given(st.none())
def _first_example(_: None) -> None:
    """Let Hypothesis register generators; it looks who refers to them, not among what is frozen."""


def pytest_collection_finish() -> None:
    """Let the collector pass over all that imports and collecting made: it stays to the end.

    A full collection would go through it again and again, above all where pytest runs in pytest.
    """
    _first_example()
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def quick_python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A `python` for programs that are not about how they start; see tests/forked.py."""
    with forked.quick_python(tmp_path_factory.mktemp("forked")) as python:
        yield python
