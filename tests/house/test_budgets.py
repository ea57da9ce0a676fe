"""How long things may be. A file or function over its budget is split, not excused."""

from __future__ import annotations

from tests.house.source import Module, listing, modules

SOURCE = modules("wfsim", "pytest_plugin")
TESTS = modules("tests")
FUNCTION_LINES = 60


def _long_modules(where: tuple[Module, ...], *, limit: int) -> list[str]:
    return [f"{module.name}: {module.lines} lines" for module in where if module.lines > limit]


def _long_functions(where: tuple[Module, ...]) -> list[str]:
    return [
        f"{module.name}:{function.lineno} {function.name}: {length} lines"
        for module in where
        for function in module.functions()
        if (length := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION_LINES
    ]


def test_modules_fit_in_400_lines() -> None:
    """A module of wfsim or of the plugin has at most 400 lines."""
    offenders = _long_modules(SOURCE, limit=400)
    assert not offenders, listing(offenders)


def test_test_files_fit_in_500_lines() -> None:
    """A test file has at most 500 lines."""
    offenders = _long_modules(TESTS, limit=500)
    assert not offenders, listing(offenders)


def test_functions_fit_in_60_lines() -> None:
    """No function, tests included, is longer than 60 lines."""
    offenders = _long_functions(SOURCE + TESTS)
    assert not offenders, listing(offenders)
