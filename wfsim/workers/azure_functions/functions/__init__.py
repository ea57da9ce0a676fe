"""What the Functions host and its Python worker do for functions that are not durable."""

from wfsim.workers.azure_functions.functions.door import Functions
from wfsim.workers.azure_functions.functions.http import FUNCTION_KEY, MASTER_KEY
from wfsim.workers.azure_functions.functions.invoke import FunctionResult
from wfsim.workers.azure_functions.functions.schedule import TimerSchedules, next_occurrence

__all__ = [
    "FUNCTION_KEY",
    "MASTER_KEY",
    "FunctionResult",
    "Functions",
    "TimerSchedules",
    "next_occurrence",
]
