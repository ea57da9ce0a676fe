"""What every test of the project promises its reader."""

from __future__ import annotations

import ast

from tests.house.source import listing, modules

TESTS = [module for module in modules("tests") if module.path.name.startswith("test_")]


def test_every_test_states_its_claim() -> None:
    """A test's docstring is its claim in one line."""
    offenders = [
        f"{module.name}:{function.lineno} {function.name}"
        for module in TESTS
        for node in module.tree.body
        for function in (node.body if isinstance(node, ast.ClassDef) else [node])
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        and function.name.startswith("test_")
        and len((ast.get_docstring(function) or "\n").splitlines()) != 1
    ]
    assert not offenders, listing(offenders)


def test_no_test_uses_mocks() -> None:
    """Tests use fakes, stubs of the simulation and real SDKs, never unittest.mock."""
    offenders = [
        f"{module.name}:{line} {name}"
        for module in modules("tests", "fixtures")
        for line, name in module.imports()
        if name.startswith("unittest.mock") or name == "mock"
    ]
    assert not offenders, listing(offenders)
