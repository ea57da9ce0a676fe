"""Everything wfsim raises on purpose; the branch of the tree says whose fault it is.

* WfsimError
  - UsageError              the call is wrong: fix the test or the command (exit code 2)
    - AppLoadError          the function app cannot be loaded
    - ScenarioError         the scenario file is wrong
    - ScriptError           a scripted chat client was asked for, or made to say, what cannot be
    - InstanceError         the instance is unknown, or its state refuses the operation
  - WorkflowError           the workflow is wrong: fix the app (exit code 1)
    - NonDeterminismError   a replay decided differently from the recorded history
    - OrchestrationFailed   a run ended as Failed or Terminated and its result was asked for
    - OrchestrationTimeout  a run did not end within the virtual time it was given
    - StuckError            a run waits for something that nobody will send
    - LivelockError         the app never becomes idle
    - FunctionFailed        a triggered function raised
    - FindingError          findings that count as errors
    - InvariantError        something that must hold did not (sim.always, sim.eventually)
    - WorkflowRunFailed     a workflow raised, and its result was asked for (wfsim.workflows)
    - ResumeError           a restored workflow ended differently (wfsim.workflows)
  - IdleError               a coroutine on the virtual loop waits for something that cannot come
  - InternalError           wfsim is wrong: please report it
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "AppLoadError",
    "FindingError",
    "FunctionFailed",
    "IdleError",
    "InstanceError",
    "InternalError",
    "InvariantError",
    "LivelockError",
    "NonDeterminismError",
    "OrchestrationFailed",
    "OrchestrationTimeout",
    "ScenarioError",
    "ScriptError",
    "StuckError",
    "UsageError",
    "WfsimError",
    "WfsimWarning",
    "WorkflowError",
    "nearest",
]


class WfsimError(Exception):
    """Base of everything wfsim raises on purpose."""


class UsageError(WfsimError):
    """The call is wrong: fix the test, the scenario or the command."""


class AppLoadError(UsageError):
    """The function app cannot be loaded; the message carries the user's own frames."""


class ScenarioError(UsageError):
    """The scenario file is wrong; the message names file, line and key."""


class ScriptError(UsageError):
    """A chat script and the requests to it do not fit; the message ends with the conversation."""

    agent: str = ""
    """Whose script it is; empty for one without a name."""
    number: int = 0
    """Which request it was, from 1; 0 where no single request is to blame."""
    conversation: str = ""
    """What had been said until then, as text."""


class InstanceError(UsageError):
    """The instance is unknown or finished, so the host refuses the operation."""

    status_code: int = 400
    """What the host's HTTP API answers in this case (semantics 6.2)."""
    host_text: str = ""
    """The host's own words for it, where its answer has a body."""


class WorkflowError(WfsimError):
    """The workflow is wrong: fix the app."""


class NonDeterminismError(WorkflowError):
    """A replay of an instance decided differently from its recorded history.

    The facts are attributes, so that tools need not read the text.
    """

    instance_id: str = ""
    orchestrator: str = ""
    step: int = -1
    """Index of the first action that differs."""
    recorded: str = ""
    replayed: str = ""
    file: str = ""
    line: int = 0
    """Where the orchestrator yielded the action that differs."""
    cause: str = ""
    """The call that varied, where it can be told."""
    cause_file: str = ""
    cause_line: int = 0


class OrchestrationFailed(WorkflowError):
    """A run ended as Failed or Terminated, and its result was asked for."""

    instance_id: str = ""
    status: str = ""
    output: object = None


class OrchestrationTimeout(WorkflowError):
    """A run did not end within the virtual time it was given."""


class StuckError(WorkflowError):
    """A run waits for something that nobody will send."""


class LivelockError(WorkflowError):
    """The app never becomes idle: it makes new work at one instant without end."""

    instance_id: str = ""


class FunctionFailed(WorkflowError):
    """A triggered function raised; its exception is chained."""


class FindingError(WorkflowError):
    """One or more findings that count as errors; `findings` holds them as data."""

    findings: tuple[object, ...] = ()


class InvariantError(WorkflowError):
    """Something that a test wants to hold did not; what its check raised is chained."""

    name: str = ""
    """Which invariant it was."""


class IdleError(WfsimError):
    """A coroutine on the virtual loop waits for something that cannot come."""


class InternalError(WfsimError):
    """wfsim is wrong. Please report it, with the trace file."""


class WfsimWarning(UserWarning):
    """A finding that is not a certain bug."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the nearest of `known`, else what is known."""
    names = sorted(known)
    folded = {candidate.casefold(): candidate for candidate in names}
    close = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.5)
    if close:
        return f" Did you mean {folded[close[0]]!r}?"
    if not names:
        return " None is known."
    shown = ", ".join(repr(candidate) for candidate in names[:8])
    return f" Known: {shown}{', …' if len(names) > 8 else ''}."
