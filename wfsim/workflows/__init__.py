"""Workflows of Microsoft Agent Framework in process: run, paused, answered, resumed, compared."""

# Importing the views teaches `wfsim.snapshot` what runs, their events and checkpoints say.
from wfsim.workflows import views as _views  # noqa: F401 # pyright: ignore[reportUnusedImport]
from wfsim.workflows.checkpoints import CheckpointStore
from wfsim.workflows.compare import Difference
from wfsim.workflows.errors import ResumeError, WorkflowRunFailed
from wfsim.workflows.report import ResumeFailure, ResumeReport
from wfsim.workflows.requests import OpenRequest
from wfsim.workflows.resume import check_resume
from wfsim.workflows.run import WorkflowRun
from wfsim.workflows.simulation import WorkflowSimulation

__all__ = [
    "CheckpointStore",
    "Difference",
    "OpenRequest",
    "ResumeError",
    "ResumeFailure",
    "ResumeReport",
    "WorkflowRun",
    "WorkflowRunFailed",
    "WorkflowSimulation",
    "check_resume",
]
