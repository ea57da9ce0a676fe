"""Function apps written for `azure-functions-durable` 1.x."""

from __future__ import annotations

from wfsim.workers.azure_functions.first_import import any_host_json

with any_host_json():  # the first of these imports the SDK
    from wfsim.workers.azure_functions._sdk import dump_input, shortcuts
    from wfsim.workers.azure_functions.activities import AzureActivities
    from wfsim.workers.azure_functions.app import (
        LoadedApp,
        folder_of,
        load_again,
        load_app,
        loaded_before,
    )
    from wfsim.workers.azure_functions.durable_http import DurableHttp
    from wfsim.workers.azure_functions.entities import AzureEntities
    from wfsim.workers.azure_functions.host import AppHost
    from wfsim.workers.azure_functions.kept import KeptApp
    from wfsim.workers.azure_functions.worker import AzureWorker

__all__ = [
    "AppHost",
    "AzureActivities",
    "AzureEntities",
    "AzureWorker",
    "DurableHttp",
    "KeptApp",
    "LoadedApp",
    "dump_input",
    "folder_of",
    "load_again",
    "load_app",
    "loaded_before",
    "shortcuts",
]
