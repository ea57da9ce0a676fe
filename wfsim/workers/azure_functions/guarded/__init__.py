"""Orchestrators of Azure Functions under a guard."""

from wfsim.workers.azure_functions.guarded.worker import GuardedWorker, is_told_by_error

__all__ = ["GuardedWorker", "is_told_by_error"]
