"""What a simulation is made of: a workflow, or what builds one; and how it is made anew."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterator
from typing import Any, Literal, cast

from wfsim.errors import UsageError
from wfsim.workflows import _sdk
from wfsim.workflows.named import named
from wfsim.workflows.reach import attributes_of

__all__ = ["Kind", "Source", "source_of"]

Kind = Literal["functional", "graph"]


class Source:
    """Makes workflows in which nothing has run yet.

    Args:
        given: A workflow of either kind, a builder, or a function that builds one.
    """

    def __init__(self, given: object) -> None:
        self._given = given
        self._pristine: Any = None
        self.spares_original = False
        """Whether the user's own graph is never run, only copies of it."""
        self._obstacle: Exception | None = None
        if _sdk.is_graph(given) or _sdk.is_builder(given):
            self._note()

    @property
    def title(self) -> str:
        """What to call it before there is a workflow."""
        given: Any = self._given
        return str(getattr(given, "name", None) or getattr(given, "__name__", "workflow"))

    def roots(self) -> list[object]:
        """Return where to begin to look for what its code reaches."""
        given: Any = self._given
        if _sdk.is_functional(given):
            return [_sdk.function_of(given)]
        if _sdk.is_graph(given):
            return []
        if _sdk.is_builder(given):
            return list(attributes_of(given).values())
        return [given]

    def executors(self) -> list[object]:
        """Return the executors of a graph that was given as such."""
        return _sdk.executors_of(self._given)

    def _note(self) -> None:
        try:
            self._pristine = _copied(self._given)
        except Exception as error:  # noqa: BLE001 - whatever the objects in it raise
            self._obstacle = error

    def build(self) -> Any:  # noqa: ANN401 - a `Workflow` or a `FunctionalWorkflow`
        """Return a workflow in which nothing has run yet.

        Raises:
            UsageError: the function builds no workflow.
        """
        if self.spares_original:
            return self.build_again()
        # The first one is the user's own, so that a test can look at its executors.
        return self._made(self._given)

    def build_again(self) -> Any:  # noqa: ANN401 - as `build`
        """Return a workflow that shares nothing with those that were built before.

        Raises:
            UsageError: as `build`; or a graph cannot be copied.
        """
        if not (_sdk.is_graph(self._given) or _sdk.is_builder(self._given)):
            return self._made(self._given)
        if self._obstacle is not None:
            error = self._obstacle
            raise UsageError(
                f"The workflow {self.title!r} is needed a second time, as after a restart, but it "
                f"cannot be copied: {type(error).__name__}: {error}\n"
                "Give WorkflowSimulation a function without parameters that builds it."
            ) from error
        return self._made(_copied(self._pristine))

    def _made(self, thing: object) -> Any:  # noqa: ANN401
        if _sdk.is_functional(thing):
            return _sdk.built(thing)
        if _sdk.is_graph(thing):
            return thing
        if _sdk.is_builder(thing):
            return self._made(cast("Any", thing).build())
        made = cast("Callable[[], object]", thing)()
        if not _is_source(made):
            raise UsageError(
                f"{self.title}() should build a workflow, but it returned {made!r}. Return a "
                "Workflow, a WorkflowBuilder, or what @workflow made."
            )
        return self._made(made)


def source_of(given: object) -> Source:
    """Return what makes the user's workflow anew, time and again.

    Raises:
        UsageError: `given` is no workflow and builds none, or names none.
    """
    if isinstance(given, Source):
        return given
    if isinstance(given, str):
        return source_of(named(given))
    if _is_source(given):
        return Source(given)
    if inspect.isfunction(given) or inspect.ismethod(given) or _is_partial(given):
        _check_function(cast("Callable[..., Any]", given))
        return Source(given)
    raise UsageError(_refusal(given))


def _is_source(thing: object) -> bool:
    return _sdk.is_functional(thing) or _sdk.is_graph(thing) or _sdk.is_builder(thing)


def _is_partial(given: object) -> bool:
    return callable(given) and hasattr(given, "func") and hasattr(given, "keywords")


def _check_function(function: Callable[..., Any]) -> None:
    name = getattr(function, "__name__", repr(function))
    if inspect.iscoroutinefunction(function):
        raise UsageError(
            f"{name} is a coroutine function and no workflow. Decorate it with @workflow; a "
            "function that builds a workflow is an ordinary one."
        )
    needed = [
        parameter.name
        for parameter in inspect.signature(function).parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind not in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}
    ]
    if needed:
        raise UsageError(
            f"{name} is called without arguments to build the workflow, but it needs "
            f"{', '.join(needed)}. Give functools.partial({name}, …)."
        )


def _refusal(given: object) -> str:
    hint = ""
    if _sdk.is_step(given):
        hint = f" {cast('Any', given).name} is a @step: give the @workflow that calls it."
    elif isinstance(given, type):
        hint = f" {given.__name__} is a class: give an object of it, or a function that builds one."
    elif hasattr(given, "workflow"):
        hint = f" This {type(given).__name__} wraps one: give its .workflow."
    elif hasattr(given, "get_outputs"):
        hint = " This is what a run returned."
    return (
        f"{given!r} is no workflow.{hint}\n"
        "Give what @workflow made, a Workflow, a WorkflowBuilder, or a function without parameters "
        "that builds one."
    )


def _copied(thing: Any) -> Any:  # noqa: ANN401
    """Return a deep copy that shares what cannot have a second one: the clients of models."""
    return copy.deepcopy(thing, {id(client): client for client in _clients(thing)})


def _clients(thing: Any) -> Iterator[object]:  # noqa: ANN401
    seen: set[int] = set()
    stack: list[object] = [thing]
    while stack:
        item = stack.pop()
        if id(item) in seen or isinstance(item, (str, bytes, int, float, type, type(None))):
            continue
        seen.add(id(item))
        if hasattr(item, "get_response"):
            yield item
        elif isinstance(item, dict):
            stack += cast("dict[object, object]", item).values()
        elif isinstance(item, (list, tuple, set)):
            stack += cast("list[object]", item)
        elif inspect.ismethod(item):
            stack.append(item.__self__)
        elif not inspect.isroutine(item) and not inspect.ismodule(item):
            stack += getattr(item, "__dict__", {}).values()
