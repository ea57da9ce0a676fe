"""What `import wfsim` offers."""

from __future__ import annotations

import inspect

import wfsim
from tests.house.source import listing


def test_public_names_are_sorted_and_few() -> None:
    """wfsim.__all__ is sorted, free of repetition, and at most 25 names long."""
    names = list(wfsim.__all__)
    assert names == sorted(set(names))
    assert len(names) <= 25


def test_public_names_exist_and_say_what_they_are() -> None:
    """Every public name resolves and carries a docstring of its own."""
    silent = [name for name in wfsim.__all__ if not inspect.getdoc(getattr(wfsim, name))]
    assert not silent, listing(silent)


def test_nothing_is_public_by_accident() -> None:
    """A name without an underscore at the top of wfsim is listed, or is a submodule."""
    loose = [
        name
        for name, value in vars(wfsim).items()
        if not name.startswith("_") and name not in wfsim.__all__ and not inspect.ismodule(value)
    ]
    # `annotations` is the future statement's own object; type checkers need TYPE_CHECKING by name.
    assert set(loose) <= {"annotations", "TYPE_CHECKING"}, listing(loose)


def test_public_members_say_what_they_do() -> None:
    """Every public method and property of a public class has a docstring."""
    silent = [
        f"{name}.{member}"
        for name in wfsim.__all__
        if inspect.isclass(owner := getattr(wfsim, name))
        for member, value in vars(owner).items()
        if not member.startswith("_")
        and (inspect.isroutine(value) or isinstance(value, property))
        and not inspect.getdoc(getattr(owner, member) if inspect.isroutine(value) else value)
    ]
    assert not silent, listing(silent)
