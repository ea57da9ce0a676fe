"""Signatures of functional workflows are those of the framework, however they are worked out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import CodeType
from typing import Any

import pytest
from agent_framework import FunctionalWorkflow

from tests.workflows import flows
from wfsim.workflows import WorkflowSimulation, _sdk

pytestmark = pytest.mark.skipif(flows.CORE < (1, 20), reason="runs sign their code since 1.20")


def adding(number: int) -> Callable[..., Any]:
    """A workflow's function that adds a number, which is part of its code."""
    source = f"async def add(given):\n    return helper(given) + {number}\n"
    names: dict[str, Any] = {"helper": helping("one")}
    exec(source, names)
    function: Callable[..., Any] = names["add"]
    return function


def helping(name: str) -> Callable[..., Any]:
    """A function that the workflow reaches by a global name."""
    names: dict[str, Any] = {}
    exec(f"def {name}(given):\n    return given\n", names)
    function: Callable[..., Any] = names[name]
    return function


def signed(function: Callable[..., Any]) -> str:
    """What a run signs its checkpoints with."""
    workflow: Any = FunctionalWorkflow(function, name="add")
    asyncio.run(workflow.run(1))
    return str(workflow.graph_signature_hash)


def code_of(function: Any) -> CodeType:
    """A function's code."""
    code: CodeType = function.__code__
    return code


def test_a_simulation_signs_as_the_framework_does() -> None:
    """The first run and later ones, of a function and of an equal one that was made anew."""
    plain = signed(adding(1))
    with WorkflowSimulation(flows.chain):
        assert [signed(adding(1)) for _ in range(3)] == [plain] * 3


def test_other_code_is_signed_otherwise() -> None:
    """Also where a function keeps its name and gets another body."""
    with WorkflowSimulation(flows.chain):
        function: Any = adding(1)
        first = signed(function)
        function.__code__ = code_of(adding(2))
        second = signed(function)
        assert second == signed(adding(2))
        assert first != second


def test_other_globals_are_signed_otherwise() -> None:
    """What is reached by a name is looked up in each run."""
    with WorkflowSimulation(flows.chain):
        function: Any = adding(1)
        first = signed(function)
        function.__globals__["helper"] = helping("two")
        assert signed(function) != first


def test_much_code_is_forgotten_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that makes functions without end does not keep them all."""
    from wfsim.workflows.shortcuts import _sdk as shortcuts

    monkeypatch.setattr(shortcuts, "_MOST", 3)
    with WorkflowSimulation(flows.chain):
        signatures = [signed(adding(number)) for number in range(10)]
        assert len(set(signatures)) == 10
        assert len(shortcuts._identities) <= 3
    assert signatures == [signed(adding(number)) for number in range(10)]


def test_stamps_go_to_the_innermost() -> None:
    """Who tells of events while nobody listens is heard by nobody, and nothing fails."""
    heard: list[str] = []
    holder = object()
    _sdk.hold(holder)
    _sdk.hold(holder)
    with _sdk.stamping(lambda *_: heard.append("outer")):
        with _sdk.stamping(lambda *_: heard.append("inner")):
            signed_run()
        inner = len(heard)
        signed_run()
    signed_run()
    _sdk.release(holder)
    _sdk.release(holder)
    assert heard[:inner] == ["inner"] * inner
    assert heard[inner:] == ["outer"] * inner
    assert inner


def signed_run() -> None:
    """Run a workflow with steps outside of any simulation."""
    asyncio.run(_sdk.built(flows.chain).run("x"))
