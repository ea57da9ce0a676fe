"""Where the SDK lets an orchestrator take its next step."""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable
from contextlib import contextmanager
from inspect import CO_GENERATOR
from types import GeneratorType
from typing import Any, cast

from azure.durable_functions.models.TaskOrchestrationExecutor import TaskOrchestrationExecutor

__all__ = ["stepping"]

Step = Callable[[Hashable, Callable[[], object]], object]


@contextmanager
def stepping(step: Step) -> Generator[None]:
    """Let new steps of orchestrators be taken by `step`; those that are replayed are not new.

    Leans on `TaskOrchestrationExecutor.resume_user_code`, by which the SDK goes on with the
    generator, on its `execute`, which calls what the user has written, and on the mark of tasks
    that were played before.
    """
    executor: Any = TaskOrchestrationExecutor
    resume, execute = executor.resume_user_code, executor.execute

    def resume_user_code(self: Any) -> None:  # noqa: ANN401 - the SDK's executor is untyped
        if self.current_task.is_played:
            resume(self)
        else:
            step(_place(self.generator), lambda: resume(self))

    def execute_watched(self: Any, context: Any, history: Any, fn: Any) -> Any:  # noqa: ANN401
        code = getattr(fn, "__code__", None)
        if code is not None and code.co_flags & CO_GENERATOR:
            return execute(self, context, history, fn)

        def call(given: Any) -> object:  # noqa: ANN401
            return step((id(code), 0), lambda: fn(given))

        return execute(self, context, history, call)

    executor.resume_user_code, executor.execute = resume_user_code, execute_watched
    try:
        yield
    finally:
        executor.resume_user_code, executor.execute = resume, execute


def _place(generator: Any) -> Hashable:  # noqa: ANN401 - what the SDK took for a generator
    """Return where a generator has stopped, or the one that it waits for."""
    while isinstance(deeper := generator.gi_yieldfrom, GeneratorType):
        generator = cast("Any", deeper)
    frame = generator.gi_frame
    return id(generator.gi_code), 0 if frame is None else frame.f_lasti
