"""Holds saved checkpoints of Agent Framework's workflows against today's workflow."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Self

from wfsim.errors import AppLoadError, UsageError, nearest
from wfsim.history.printable import printable
from wfsim.replay.records import RecordedCheckpoint, RecordedHistory, Source, Unreadable
from wfsim.replay.results import Difference, Kind, ReplayResult, Verdict

__all__ = ["CheckpointReplayer", "workflow_of"]

_WAYS_OUT = (
    "keep the old workflow beside the new one until runs under way have ended, and resume with it",
    "let those runs end before you deploy",
    "start them anew: what they had done is done again",
)


class CheckpointReplayer:
    """Would today's workflow go on from what another version of it has saved?

    Nothing of the workflow runs but what restoring runs: `on_checkpoint_restore` of its executors.

    Args:
        workflow: As for `wfsim.workflows.WorkflowSimulation`.
    """

    def __init__(self, workflow: object) -> None:
        self._workflow = workflow

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Do nothing: nothing was opened."""

    @contextmanager
    def active(self) -> Generator[None]:
        """Do nothing, as `Replayer.active` does more."""
        yield

    def replay(self, saved: RecordedCheckpoint | RecordedHistory | Unreadable) -> ReplayResult:
        """Return the verdict on one checkpoint."""
        # Late: the framework takes a second to load, and most replays are of histories.
        from wfsim.workflows.restoring import take_over  # noqa: PLC0415

        if isinstance(saved, RecordedHistory):
            return _not_replayable(
                saved.source,
                "This is the history of an orchestration, and --app names a workflow. Name the "
                "function app.",
            )
        if isinstance(saved, Unreadable):
            return _not_replayable(saved.source, saved.why)
        found = take_over(self._workflow, Path(saved.source.path), saved.checkpoint_id)
        if found.is_unreadable:
            return _not_replayable(
                saved.source,
                f"It cannot be loaded: {printable(found.problem)}. Register types of your own with "
                "agent_framework.register_checkpoint_type in the workflow's module.",
            )
        difference = None
        if found.problem:
            difference = Difference(
                kind=Kind.STUCK if found.is_stuck else Kind.TARGET,
                turn=1,
                step=0,
                recorded=f"checkpoint of {saved.workflow}",
                replayed=printable(found.problem),
                cause=printable(found.cause or found.problem),
                ways_out=_WAYS_OUT,
                host="" if found.is_stuck else printable(found.problem),
            )
        verdict = Verdict.COMPATIBLE
        if difference is not None:
            verdict = Verdict.STUCK if found.is_stuck else Verdict.INCOMPATIBLE
        return ReplayResult(
            source=saved.source,
            name=saved.workflow,
            instance_id=saved.checkpoint_id,
            verdict=verdict,
            turns=1,
            difference=difference,
        )


def _not_replayable(source: Source, why: str) -> ReplayResult:
    return ReplayResult(
        source=source, name="", instance_id="", verdict=Verdict.NOT_REPLAYABLE, why=why
    )


def workflow_of(app: str) -> object | None:
    """Return the workflow that "file.py:attribute" or "module:attribute" names; None for an app.

    Raises:
        AppLoadError: the module cannot be imported.
        UsageError: it has no such attribute.
    """
    where, colon, attribute = app.rpartition(":")
    if not colon or not attribute.isidentifier():
        return None
    module = _module(where)
    if not hasattr(module, attribute):
        raise UsageError(f"{where} has no {attribute!r}.{nearest(attribute, vars(module))}")
    found: object = getattr(module, attribute)
    if not type(found).__module__.startswith("agent_framework"):
        return None
    return found


def _module(where: str) -> ModuleType:
    path = Path(where)
    if path.suffix == ".py":
        if not path.is_file():
            raise UsageError(f"There is no file {where!r}.")
        folder, name = str(path.parent.resolve()), path.stem
    else:
        folder, name = str(Path.cwd()), where
    sys.path.insert(0, folder)
    try:
        return importlib.import_module(name)
    except Exception as error:  # noqa: BLE001 - the user's own module may raise anything
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if "importlib" not in frame.filename]
        place = f" at {own[-1].filename}:{own[-1].lineno}" if own else ""
        raise AppLoadError(
            f"{where} cannot be imported: {type(error).__name__}: {error}{place}"
        ) from None
    finally:
        sys.path.remove(folder)
