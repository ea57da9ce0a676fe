"""Long payloads below a line: YAML, put together from parts that are written once."""

from __future__ import annotations

import random
import string
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from wfsim.snapshot.text import (
    _block,  # pyright: ignore[reportPrivateUsage]
    _dumped,  # pyright: ignore[reportPrivateUsage]
)

_WORDS = st.sampled_from(
    ["", "yes", "null", "1", "1.0", "-", "- a", "a: b", "#", "a #b", "'", '"', "a\nb", "\n", " a"]  # noqa: RUF005 - one list in lines of one length
    + ["a ", "\t", "é", "\x85", "\u2028", "\ufeff", "=", "<<", "2000-01-01", "0x1", "~", "{}", "?"]
    + ["x" * 200, "*a", "&a", "!a", "%a", "@a", "`a", "|", ">", "---", "...", "\x00", "\U0001f600"]
)
_TEXTS = st.text(max_size=12) | _WORDS
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS
_DOCUMENTS = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)


def _whole(label: str, value: Any) -> list[str]:
    document = {label: value} if label else value
    return _dumped(document).removesuffix("\n...").split("\n")


@given(label=st.sampled_from(["", "input", "a b"]), value=_DOCUMENTS)
def test_a_block_is_what_the_emitter_writes(label: str, value: Any) -> None:
    """Parts put together are, byte for byte, what the emitter makes of the whole."""
    assert _block(label, value) == _whole(label, value)


def test_equal_numbers_of_other_kinds_are_told_apart() -> None:
    """What was written of one value is not taken for another that compares equal."""
    values = [1, True, 1.0, 0, False, 0.0, -0.0]
    assert _block("", values) == ["- 1", "- true", "- 1.0", "- 0", "- false", "- 0.0", "- -0.0"]


def test_large_payloads_of_all_shapes() -> None:
    """Nothing depends on what was written before."""
    rng = random.Random(0)

    def made(depth: int) -> Any:
        if depth == 0 or rng.random() < 0.3:
            return rng.choice([None, True, rng.random(), rng.randrange(10), _word()])
        if rng.random() < 0.5:
            return [made(depth - 1) for _ in range(rng.randrange(4))]
        return {_word(): made(depth - 1) for _ in range(rng.randrange(4))}

    def _word() -> str:
        return "".join(rng.choices(string.printable, k=rng.randrange(8)))

    for _ in range(60):
        value = made(5)
        assert _block("x", value) == _whole("x", value)
