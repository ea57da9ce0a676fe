"""What running workflows raises on purpose."""

from __future__ import annotations

from wfsim.errors import WorkflowError

__all__ = ["ResumeError", "WorkflowRunFailed"]


class WorkflowRunFailed(WorkflowError):
    """A workflow raised and its result was asked for; the original exception is chained."""

    workflow: str = ""
    status: str = ""


class ResumeError(WorkflowError):
    """A workflow that was restored from a checkpoint did not end like the uninterrupted one.

    `report` holds the `ResumeReport`.
    """

    report: object = None
