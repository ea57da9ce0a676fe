"""A worker that listens while orchestrators run."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext

from wfsim.errors import NonDeterminismError, WorkflowError
from wfsim.guards import Guard
from wfsim.hub.context import ReplayContext
from wfsim.hub.settings import HostSettings
from wfsim.hub.worker import Episode, Walk, Worker
from wfsim.trace import Finding
from wfsim.workers.azure_functions import _sdk
from wfsim.workers.azure_functions.app import LoadedApp
from wfsim.workers.azure_functions.chance import Chance
from wfsim.workers.azure_functions.guarded._sdk import stepping
from wfsim.workers.azure_functions.policy import Policy
from wfsim.workers.azure_functions.registered import Registered
from wfsim.workers.azure_functions.reply import Reply
from wfsim.workers.azure_functions.worker import AzureWorker

__all__ = ["GuardedWorker", "is_told_by_error"]


class GuardedWorker(AzureWorker):
    """Calls orchestrators as its base does, under a guard.

    Only the passes that count are listened to: what a check replays, it has done before.

    Args:
        app: The loaded app.
        settings: The host's settings.
        chance: Rules clocks and randomness while user code runs.
        report: Takes findings.
        fail: Takes what the next operation is to raise.
        is_error: Whether what the guard hears is an error.
        policy: How much is checked; where episodes are replayed, the guard tells afterwards.
    """

    def __init__(
        self,
        app: LoadedApp,
        *,
        settings: HostSettings,
        chance: Chance,
        report: Callable[[Finding], None],
        fail: Callable[[WorkflowError], None],
        is_error: bool,
        policy: Policy,
    ) -> None:
        super().__init__(app, settings=settings, chance=chance, report=report, policy=policy)
        self.guard = Guard(app.modules(), is_error=is_error, report=report, fail=fail)
        self._is_verified = policy.is_verified

    def begin(self, episode: Episode, host: ReplayContext) -> Walk:
        """Call the orchestrator once, under the guard."""
        walk = super().begin(episode, host)
        if not self._is_verified:
            self.guard.tell()
        return walk

    def resume(self, episode: Episode, walk: Walk) -> bool:
        """Let a walk go on with what the orchestrator does under the guard."""
        goes_on = super().resume(episode, walk)
        if not self._is_verified:
            self.guard.tell()
        return goes_on

    def _answer(self, episode: Episode, function: Registered) -> Reply:
        if self._is_contained(episode):
            return super()._answer(episode, function)  # there is nothing to hear
        with self._guarded(episode, function):
            return super()._answer(episode, function)

    @contextmanager
    def _guarded(self, episode: Episode, function: Registered) -> Generator[None]:
        calls = self.guard.calls
        calls.follow(_sdk.orchestrator_code(function.call))
        steps = stepping(self.guard.step) if calls.takes_steps else nullcontext()
        with self.guard.watching(episode.name, episode.instance_id), steps:
            yield

    def verify(self, episode: Episode, walk: Walk, *, is_last: bool = False) -> None:
        """Replay an episode; what the replay does not explain, the guard tells.

        Raises:
            NonDeterminismError: something differs.
        """
        try:
            super().verify(episode, walk, is_last=is_last)
        except NonDeterminismError as error:
            self.guard.tell(error)
            raise
        self.guard.tell()


def is_told_by_error(worker: Worker, finding: Finding) -> bool:
    """Whether an operation has raised already what a finding of a guard says."""
    return isinstance(worker, GuardedWorker) and worker.guard.is_told(finding)
