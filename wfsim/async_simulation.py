"""The façade for `async def` tests: the same names, awaited.

The simulated world runs on its own virtual loop either way; awaiting an operation also lets the
test's own loop turn once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from wfsim.async_outside import AsyncOutside
from wfsim.choices import Choices
from wfsim.history import History, RuntimeStatus
from wfsim.history.jsontext import JsonValue
from wfsim.hub.faults import FaultChoices
from wfsim.report.forms import Form
from wfsim.runs import OrchestrationRun
from wfsim.simulation import Simulation
from wfsim.trace import Finding, Trace
from wfsim.waiting import WaitingFor

__all__ = ["AsyncOrchestrationRun", "AsyncSimulation"]

Duration = timedelta | str


class AsyncOrchestrationRun:
    """One orchestration instance; what it shows are attributes, what one asks of it is awaited."""

    def __init__(self, run: OrchestrationRun) -> None:
        self._run = run

    def __repr__(self) -> str:
        return repr(self._run)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AsyncOrchestrationRun):
            return NotImplemented
        return self._run == other._run

    def __hash__(self) -> int:
        return hash(self._run)

    @property
    def instance_id(self) -> str:
        """Its id."""
        return self._run.instance_id

    @property
    def name(self) -> str:
        """The orchestrator."""
        return self._run.name

    @property
    def status(self) -> RuntimeStatus:
        """See `OrchestrationRun.status`."""
        return self._run.status

    @property
    def input(self) -> JsonValue:
        """See `OrchestrationRun.input`."""
        return self._run.input

    @property
    def output(self) -> JsonValue:
        """See `OrchestrationRun.output`."""
        return self._run.output

    @property
    def failure(self) -> str | None:
        """See `OrchestrationRun.failure`."""
        return self._run.failure

    @property
    def custom_status(self) -> JsonValue:
        """See `OrchestrationRun.custom_status`."""
        return self._run.custom_status

    @property
    def history(self) -> History:
        """See `OrchestrationRun.history`."""
        return self._run.history

    @property
    def waiting_for(self) -> WaitingFor:
        """See `OrchestrationRun.waiting_for`."""
        return self._run.waiting_for

    @property
    def is_child(self) -> bool:
        """See `OrchestrationRun.is_child`."""
        return self._run.is_child

    @property
    def created_at(self) -> datetime:
        """See `OrchestrationRun.created_at`."""
        return self._run.created_at

    @property
    def finished_at(self) -> datetime | None:
        """See `OrchestrationRun.finished_at`."""
        return self._run.finished_at

    @property
    def children(self) -> list[AsyncOrchestrationRun]:
        """See `OrchestrationRun.children`."""
        return [AsyncOrchestrationRun(child) for child in self._run.children]

    async def raise_event(self, name: str, data: object = None, *, via: str = "http") -> None:
        """See `OrchestrationRun.raise_event`."""
        self._run.raise_event(name, data, via=via)

    async def terminate(self, reason: str = "") -> None:
        """See `OrchestrationRun.terminate`."""
        self._run.terminate(reason)

    async def suspend(self, reason: str = "") -> None:
        """See `OrchestrationRun.suspend`."""
        self._run.suspend(reason)

    async def resume(self, reason: str = "") -> None:
        """See `OrchestrationRun.resume`."""
        self._run.resume(reason)

    async def rewind(self, reason: str = "") -> None:
        """See `OrchestrationRun.rewind`."""
        self._run.rewind(reason)

    async def restart(self, *, new_instance_id: bool = True) -> AsyncOrchestrationRun:
        """See `OrchestrationRun.restart`."""
        return AsyncOrchestrationRun(self._run.restart(new_instance_id=new_instance_id))

    async def purge(self) -> None:
        """See `OrchestrationRun.purge`."""
        self._run.purge()

    async def result(self, *, timeout: Duration | None = None) -> JsonValue:  # noqa: ASYNC109
        """See `OrchestrationRun.result`."""
        value = self._run.result(timeout=timeout)
        await asyncio.sleep(0)
        return value


class AsyncSimulation(AsyncOutside):
    """A `Simulation` for `async def` tests; it takes the same arguments.

    Properties are read as they are; what lets something happen is awaited.
    """

    def __init__(self, app: object, **options: Any) -> None:  # noqa: ANN401 - those of Simulation
        self._simulation = Simulation(app, **options)
        self.stub_activity = self._simulation.stub_activity
        self.stub_http = self._simulation.stub_http
        self.always = self._simulation.always
        self.eventually = self._simulation.eventually
        self.script = self._simulation.script
        self.chat_client = self._simulation.chat_client
        self.agent = self._simulation.agent

    def __repr__(self) -> str:
        return f"<Async{repr(self._simulation)[1:]}"

    async def __aenter__(self) -> Self:
        self._simulation.__enter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._simulation.close(check=error is None)

    async def close(self, *, check: bool = True) -> None:
        """See `Simulation.close`."""
        self._simulation.close(check=check)

    @property
    def sync(self) -> Simulation:
        """The simulation itself."""
        return self._simulation

    @property
    def now(self) -> datetime:
        """See `Simulation.now`."""
        return self._simulation.now

    @property
    def pending(self) -> list[tuple[timedelta, str]]:
        """See `Simulation.pending`."""
        return self._simulation.pending

    @property
    def runs(self) -> list[AsyncOrchestrationRun]:
        """See `Simulation.runs`."""
        return [AsyncOrchestrationRun(run) for run in self._simulation.runs]

    def run(self, instance_id: str) -> AsyncOrchestrationRun:
        """See `Simulation.run`."""
        return AsyncOrchestrationRun(self._simulation.run(instance_id))

    @property
    def trace(self) -> Trace:
        """See `Simulation.trace`."""
        return self._simulation.trace

    @property
    def findings(self) -> list[Finding]:
        """See `Simulation.findings`."""
        return self._simulation.findings

    @property
    def choices(self) -> Choices:
        """See `Simulation.choices`."""
        return self._simulation.choices

    @property
    def faults(self) -> FaultChoices | None:
        """See `Simulation.faults`."""
        return self._simulation.faults

    def replay_elsewhere(self) -> None:
        """See `Simulation.replay_elsewhere`."""
        self._simulation.replay_elsewhere()

    def timeline(self, form: Form = "text", *, width: int | None = None) -> str:
        """See `Simulation.timeline`."""
        return self._simulation.timeline(form, width=width)

    async def start(
        self,
        name: str,
        input: object = None,  # noqa: A002 - the name the field uses
        *,
        instance_id: str | None = None,
        version: str = "",
    ) -> AsyncOrchestrationRun:
        """See `Simulation.start`."""
        run = self._simulation.start(name, input=input, instance_id=instance_id, version=version)
        return AsyncOrchestrationRun(run)

    async def run_until_idle(self) -> None:
        """See `Simulation.run_until_idle`."""
        self._simulation.run_until_idle()
        await asyncio.sleep(0)

    async def advance(self, by: Duration | None = None, **parts: float) -> None:
        """See `Simulation.advance`."""
        self._simulation.advance(by, **parts)
        await asyncio.sleep(0)

    async def advance_to(self, when: datetime | Duration) -> None:
        """See `Simulation.advance_to`."""
        self._simulation.advance_to(when)
        await asyncio.sleep(0)

    def at(
        self,
        when: datetime | Duration,
        fn: Callable[..., object],
        *args: Any,  # noqa: ANN401
        **options: Any,  # noqa: ANN401
    ) -> None:
        """See `Simulation.at`; a coroutine function runs on the simulation's loop."""
        self._simulation.at(when, fn, *args, **options)
