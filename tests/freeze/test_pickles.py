"""Pickles with sets in them, the same in every process."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.apps import ROOT
from wfsim.freeze import pickles

NAMES = st.text(max_size=5) | st.integers() | st.none() | st.binary(max_size=3)
VALUES: st.SearchStrategy[Any] = st.recursive(
    NAMES | st.sets(NAMES) | st.frozensets(NAMES),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner) | st.tuples(inner),
    max_leaves=8,
)


@given(VALUES)
def test_what_is_pickled_comes_back(value: Any) -> None:
    """A pickle holds what `pickle` would hold, and `pickle` reads it."""
    assert pickle.loads(pickles.dumps(value)) == value


def test_what_is_shared_stays_shared() -> None:
    """An object that stands in two places is one object again, sets and their users included."""
    names = {"a"}
    one, other = pickle.loads(pickles.dumps([names, {"x": names}]))
    assert one is other["x"]


def test_large_sets_are_whole() -> None:
    """A set of more than one batch loses nothing."""
    numbers = set(range(2_500))
    assert pickle.loads(pickles.dumps(numbers)) == numbers


def test_the_bytes_are_the_same_in_every_process() -> None:
    """Two processes with other hash seeds write the same bytes."""
    code = (
        "import sys; from wfsim.freeze.pickles import dumps; "
        "sys.stdout.buffer.write(dumps([set('wfsim'), frozenset('pickles')]))"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(made) == 1
