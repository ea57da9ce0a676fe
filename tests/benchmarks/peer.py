"""The workloads on durabletask's in-memory backend, with its own worker and client."""

from __future__ import annotations

import logging
import socket
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

from durabletask import task
from durabletask.client import OrchestrationStatus, TaskHubGrpcClient
from durabletask.testing import create_test_backend
from durabletask.worker import TaskHubGrpcWorker

from tests.benchmarks.stopwatch import Lap, stopwatch
from tests.benchmarks.workloads import Workload

__all__ = ["Peer"]

PATIENCE_SECONDS = 300
HISTORY = 100_000


def chain(ctx: task.OrchestrationContext, length: int) -> Generator[Any, Any, int]:
    """Call one activity after another, each with the result of the last."""
    number = 0
    for _ in range(length):
        number = yield ctx.call_activity(increment, input=number)
    return number


def fan_out(ctx: task.OrchestrationContext, width: int) -> Generator[Any, Any, int]:
    """Call all activities at once and add their results up."""
    results = yield task.when_all([ctx.call_activity(increment, input=n) for n in range(width)])
    return sum(results)


def increment(_: task.ActivityContext, number: int) -> int:
    """Add one."""
    return number + 1


class Peer:
    """A backend with a worker, started once and kept for all runs, as a test session would."""

    def __init__(self, client: TaskHubGrpcClient, *, start_up: float) -> None:
        self._client = client
        self._start_up = start_up

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[Peer]:
        """Start backend, worker and client on a free port."""
        watch = stopwatch()
        port = _free_port()
        # `Any`: parts of durabletask are untyped, and the linters run without it.
        backend: Any = create_test_backend(port=port, max_history_size=HISTORY)
        worker: Any
        address = f"localhost:{port}"
        quiet = logging.NullHandler()
        with TaskHubGrpcWorker(host_address=address, log_handler=quiet) as worker:
            worker.add_orchestrator(chain)
            worker.add_orchestrator(fan_out)
            worker.add_activity(increment)
            worker.start()
            client = TaskHubGrpcClient(host_address=address, log_handler=quiet)
            yield cls(client, start_up=watch())
            client.close()
        backend.stop()
        backend.reset()

    def measure(self, workload: Workload) -> Lap:
        """Run a workload; instances are scheduled first and waited for together."""
        watch = stopwatch()
        started = [
            self._client.schedule_new_orchestration(workload.orchestrator, input=workload.input)
            for _ in range(workload.instances)
        ]
        for instance_id in started:
            state = self._client.wait_for_orchestration_completion(
                instance_id, timeout=PATIENCE_SECONDS
            )
            assert state is not None
            assert state.runtime_status is OrchestrationStatus.COMPLETED, state
            assert state.serialized_output == str(workload.output)
        return Lap(start_up=self._start_up, work=watch())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port: int = probe.getsockname()[1]
    return port
