"""A state machine for hypothesis: clients, time and the world do what they may, in any order."""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar, cast

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from wfsim.choices import Chooser, first_in_first_out
from wfsim.errors import FindingError, InstanceError, UsageError
from wfsim.explore.drawn import DrawnSchedule, drawn_schedules
from wfsim.history import RuntimeStatus
from wfsim.hub.faults import Faults
from wfsim.runs import OrchestrationRun
from wfsim.simulation import Simulation

__all__ = ["DurableMachine", "Operation"]

Operation = Literal["start", "raise_event", "terminate", "suspend", "resume", "signal", "advance"]
_ALL: tuple[Operation, ...] = (
    "start",
    "raise_event",
    "terminate",
    "suspend",
    "resume",
    "signal",
    "advance",
)
_Drawn = st.SearchStrategy[Any]
_Rule = TypeVar("_Rule", bound=Callable[..., Any])
_Machine = Any  # what `st.runner()` draws


def _may(operation: Operation) -> Callable[[_Rule], _Rule]:
    def is_possible(machine: DurableMachine) -> bool:
        return operation in machine.operations and machine.can(operation)

    return precondition(is_possible)


def _one_run() -> _Drawn:
    return st.runner().flatmap(lambda machine: st.sampled_from(machine.open_runs))


def _one_of(attribute: str) -> _Drawn:
    """Draw a name, and a value for it, from a mapping of the machine."""

    def drawn(machine: _Machine) -> _Drawn:
        known: Mapping[str, _Drawn] = getattr(machine, attribute)
        return st.one_of([st.tuples(st.just(name), values) for name, values in known.items()])

    return st.runner().flatmap(drawn)


def _one_signal() -> _Drawn:
    def drawn(machine: _Machine) -> _Drawn:
        known: Mapping[str, Mapping[str, _Drawn]] = machine.signals
        return st.one_of(
            [
                st.tuples(st.just(entity), st.just(operation), values)
                for entity, operations in known.items()
                for operation, values in operations.items()
            ]
        )

    return st.runner().flatmap(drawn)


class DurableMachine(RuleBasedStateMachine):
    """Plays with an app: starts, events, interruptions, time and faults, as hypothesis draws them.

    Subclass it, say what may be started and sent, add rules and invariants of your own that use
    `self.sim`, and let pytest collect `TestShop = ShopMachine.TestCase`.
    """

    app: ClassVar[object] = None
    """The app; see `Simulation`. A path counts from the file of the class that names it."""
    starts: ClassVar[Mapping[str, _Drawn]] = {}
    """Orchestrators that clients start, and strategies of their inputs."""
    events: ClassVar[Mapping[str, _Drawn]] = {}
    """Events that people raise, and strategies of their payloads."""
    signals: ClassVar[Mapping[str, Mapping[str, _Drawn]]] = {}
    """Entities such as "@hall@jazz" that clients signal; operations, and strategies of inputs."""
    operations: ClassVar[Sequence[Operation]] = _ALL
    """What clients and time may do."""
    most_runs: ClassVar[int] = 3
    """How many orchestrations are started."""
    longest_s: ClassVar[int] = 7 * 24 * 3600
    """How far one step may move time, in seconds."""
    faults: ClassVar[Faults | Literal["all"] | None] = "all"
    """What may go wrong."""
    check_replay: ClassVar[bool] = True
    """Whether every instance is replayed: each episode at once, and all at the end elsewhere."""
    check_findings: ClassVar[bool] = True
    """Whether findings are failures."""
    expected_findings: ClassVar[Sequence[str]] = ("WF101", "WF102")
    """Findings that are none here: people may raise events that nobody waits for, or raise none."""
    options: ClassVar[Mapping[str, Any]] = {}
    """Further arguments of `Simulation`."""

    def __init_subclass__(cls, **options: Any) -> None:  # noqa: ANN401 - of any other base class
        super().__init_subclass__(**options)
        case, explain = cls.TestCase, Phase.explain
        # To explain, hypothesis traces every line of wfsim and of the SDK: that takes ten times as
        # long as all the rest, and what matters here, the schedule, is no line.
        kept = tuple(phase for phase in case.settings.phases if phase is not explain)
        case.settings = settings(case.settings, phases=kept)

    def __init__(self) -> None:
        super().__init__()
        self._chooser: Chooser = first_in_first_out
        options: dict[str, Any] = {"guard": "off", **self.options}
        self.sim = Simulation(
            _app_of(type(self)),
            schedule=self._answer,
            faults=self.faults,
            replay="search" if self.check_replay else "off",
            findings="ignore",
            **options,
        )
        """The simulation of the present example."""
        self._started = 0
        self.prepare()

    def prepare(self) -> None:
        """Furnish the fresh simulation, `self.sim`: stubs, invariants, a first start. Override."""

    @property
    def open_runs(self) -> list[OrchestrationRun]:
        """Orchestrations that have not ended, but for those that others started."""
        return [run for run in self.sim.runs if not run.is_child and not _is_final(run)]

    # --- the world ------------------------------------------------------------------------------

    @initialize(schedule=drawn_schedules(20))
    def world_answers(self, schedule: DrawnSchedule) -> None:
        """Let hypothesis answer the choices of the world from here on."""
        self._chooser = schedule

    @precondition(lambda self: "advance" in self.operations and self.sim.pending)
    @rule()
    def advance_to_next(self) -> None:
        """Move time to the next thing that happens by itself."""
        self.sim.advance(self.sim.pending[0][0])

    @_may("advance")
    @rule(seconds=st.runner().flatmap(lambda machine: st.integers(1, machine.longest_s)))
    def advance(self, seconds: int) -> None:
        """Move time."""
        self.sim.advance(seconds=seconds)

    @_may("advance")
    @rule()
    def run_until_idle(self) -> None:
        """Let everything happen that can at this instant."""
        self.sim.run_until_idle()

    def _answer(self, about: str, options: Sequence[str]) -> int:
        return self._chooser(about, options)

    # --- clients --------------------------------------------------------------------------------

    @_may("start")
    @rule(what=_one_of("starts"))
    def start(self, what: tuple[str, Any]) -> None:
        """Start an orchestration."""
        self._started += 1
        self.sim.start(what[0], input=what[1], instance_id=f"run-{self._started}")

    @_may("raise_event")
    @rule(run=_one_run(), event=_one_of("events"))
    def raise_event(self, run: OrchestrationRun, event: tuple[str, Any]) -> None:
        """Raise an event, whether or not anybody waits for it."""
        run.raise_event(*event)

    @_may("terminate")
    @rule(run=_one_run())
    def terminate(self, run: OrchestrationRun) -> None:
        """Terminate an orchestration."""
        run.terminate("drawn")

    @_may("suspend")
    @rule(run=_one_run())
    def suspend(self, run: OrchestrationRun) -> None:
        """Suspend an orchestration."""
        with contextlib.suppress(InstanceError):  # the host refuses what makes no sense now
            run.suspend("drawn")

    @_may("resume")
    @rule(run=_one_run())
    def resume(self, run: OrchestrationRun) -> None:
        """Resume an orchestration."""
        with contextlib.suppress(InstanceError):
            run.resume("drawn")

    @_may("signal")
    @rule(what=_one_signal())
    def signal(self, what: tuple[str, str, Any]) -> None:
        """Signal an entity."""
        _, name, key = what[0].split("@", 2)
        self.sim.entity(name, key).signal(what[1], what[2])

    def can(self, operation: Operation) -> bool:
        """Return whether an operation makes sense now."""
        match operation:
            case "start":
                return bool(self.starts) and self._started < self.most_runs
            case "raise_event":
                return bool(self.events) and bool(self.open_runs)
            case "signal":
                return any(self.signals.values())
            case "terminate" | "suspend" | "resume":
                return bool(self.open_runs)
            case "advance":  # before anything was started, time goes by for nothing
                return bool(self.sim.runs) or not self.starts

    # --- what is always wrong -------------------------------------------------------------------

    def teardown(self) -> None:
        """Close the simulation; after an example that went well, look at what is left."""
        if sys.exc_info()[0] is not None:
            self.sim.close(check=False)
            return
        try:
            if self.check_replay:
                self.sim.replay_elsewhere()
        except BaseException:
            self.sim.close(check=False)
            raise
        self.sim.close()
        found = [item for item in self.sim.findings if item.code not in self.expected_findings]
        if self.check_findings and found:
            error = FindingError("\n".join(map(str, found)))
            error.findings = tuple(found)
            raise error


def _is_final(run: OrchestrationRun) -> bool:
    return RuntimeStatus(run.status).is_final


def _app_of(machine: type[DurableMachine]) -> object:
    """Return the app; a path is looked for beside the class that names it."""
    app = machine.app
    if app is None:
        raise UsageError(
            f"{machine.__name__} names no app. Write in the class: app = 'function_app.py'."
        )
    if isinstance(app, str | PathLike):
        owner = next(base for base in machine.__mro__ if "app" in vars(base))
        beside = Path(inspect.getfile(owner)).parent / fspath(cast("str", app))
        return str(beside) if beside.exists() else fspath(cast("str", app))
    return app
