"""Where the SDK lets an orchestrator take its next step."""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable
from contextlib import contextmanager
from functools import cache, wraps
from inspect import CO_GENERATOR
from types import GeneratorType
from typing import Any, cast

from azure.durable_functions.models.TaskOrchestrationExecutor import TaskOrchestrationExecutor

__all__ = ["stepping"]

Step = Callable[[Hashable, Callable[[], object]], object]

_step: Step | None = None


@contextmanager
def stepping(step: Step) -> Generator[None]:
    """Let new steps of orchestrators be taken by `step`; those that are replayed are not new.

    Leans on `TaskOrchestrationExecutor.resume_user_code`, by which the SDK goes on with the
    generator, on its `execute`, which calls what the user has written, and on the mark of tasks
    that were played before.
    """
    global _step  # noqa: PLW0603 - read where the SDK calls, which is handed nothing
    _install()
    outer, _step = _step, step
    try:
        yield
    finally:
        _step = outer


@cache
def _install() -> None:
    """Put what asks for `_step` around the SDK's own methods, for good.

    Whoever changes a class makes Python forget what it has learned of its methods: doing so in
    each pass would cost more than asking.
    """
    executor: Any = TaskOrchestrationExecutor
    resume, execute = executor.resume_user_code, executor.execute

    @wraps(resume)
    def resume_user_code(self: Any) -> None:  # noqa: ANN401 - the SDK's executor is untyped
        if _step is None or self.current_task.is_played:
            resume(self)
        else:
            _step(_place(self.generator), lambda: resume(self))

    @wraps(execute)
    def execute_watched(self: Any, context: Any, history: Any, fn: Any) -> Any:  # noqa: ANN401
        step, code = _step, getattr(fn, "__code__", None)
        if step is None or (code is not None and code.co_flags & CO_GENERATOR):
            return execute(self, context, history, fn)

        def call(given: Any) -> object:  # noqa: ANN401
            return step((id(code), 0), lambda: fn(given))

        return execute(self, context, history, call)

    executor.resume_user_code, executor.execute = resume_user_code, execute_watched


def _place(generator: Any) -> Hashable:  # noqa: ANN401 - what the SDK took for a generator
    """Return where a generator has stopped, or the one that it waits for."""
    while isinstance(deeper := generator.gi_yieldfrom, GeneratorType):
        generator = cast("Any", deeper)
    frame = generator.gi_frame
    module, at = (None, 0) if frame is None else (frame.f_globals.get("__name__"), frame.f_lasti)
    # Not by its code: to ask for that is an audit event, and so is `id`.
    return str(generator.__qualname__), module, at
