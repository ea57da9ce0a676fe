"""Function apps written for `azure-functions-durable` 1.x."""

from __future__ import annotations

from wfsim.workers.azure_functions._sdk import dump_input
from wfsim.workers.azure_functions.activities import AzureActivities
from wfsim.workers.azure_functions.app import LoadedApp, load_app
from wfsim.workers.azure_functions.worker import AzureWorker

__all__ = ["AzureActivities", "AzureWorker", "LoadedApp", "dump_input", "load_app"]
