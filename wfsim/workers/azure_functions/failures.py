"""How the host words failures of Python code (semantics 1.5, 5)."""

from __future__ import annotations

import json
import traceback
from pathlib import Path
from types import TracebackType

__all__ = [
    "SITE",
    "activity_failure",
    "failure_of",
    "orchestrator_failure",
    "plain_failure",
    "remote_stack",
]

SITE = "/home/site/wwwroot/"
"""Where the host keeps an app. Stacks name files below it, so that they are the same everywhere."""


def activity_failure(name: str, error: BaseException, *, root: Path | None) -> tuple[str, str]:
    """Return reason and details of a failed activity.

    The friendly part keeps the space after the colon, so the reason has two in a row.
    """
    remote = f"{type(error).__name__}: {error}"
    return failure_of(name, remote, remote_stack(error.__traceback__, root=root))


def failure_of(name: str, remote: str, stack: str = "") -> tuple[str, str]:
    """Return reason and details of an activity that failed with an error that is only text.

    Args:
        name: The activity.
        remote: Type and message of the error.
        stack: Its traceback.
    """
    message = f"Result: Failure\nException: {remote}\nStack: {stack}"
    friendly = message.split("\nException:", 1)[1].split("\nStack:", 1)[0]
    details = {
        "$type": "System.Exception, System.Private.CoreLib",
        "ClassName": "System.Exception",
        "Message": friendly,
        "Data": None,
        "InnerException": {
            "$type": "Microsoft.Azure.WebJobs.Script.Workers.Rpc.RpcException, "
            "Microsoft.Azure.WebJobs.Script",
            "IsUserException": False,
            "RemoteStackTrace": stack,
            "RemoteMessage": remote,
            "Message": message,
        },
        "HelpURL": None,
        "StackTraceString": None,
        "RemoteStackTraceString": None,
        "RemoteStackIndex": 0,
        "ExceptionMethod": None,
        "HResult": -2146233088,
        "Source": None,
        "WatsonBuckets": None,
    }
    return f"Activity function '{name}' failed: {friendly}", json.dumps(details)


def orchestrator_failure(name: str, error: str) -> tuple[str, str]:
    """Return reason and details of an orchestrator that raised `error`."""
    stack = (
        "   at Microsoft.Azure.WebJobs.Extensions.DurableTask.OutOfProcOrchestrationShim."
        "<ScheduleDurableTaskEvents>d__4.MoveNext()"
    )
    return (
        f"Orchestrator function '{name}' failed: {error}",
        f"Message: {error}, StackTrace: {stack}",
    )


def plain_failure(name: str, error: BaseException, *, root: Path | None) -> tuple[str, str]:
    """Return reason and details where the SDK itself broke, so that no actions came back."""
    stack = remote_stack(error.__traceback__, root=root)
    inner = f"Result: Failure\nException: {type(error).__name__}: {error}\nStack: {stack}"
    return orchestrator_failure(name, f"One or more errors occurred. ({inner})")


def remote_stack(trace: TracebackType | None, *, root: Path | None) -> str:
    """Return the frames of the user's code, with files as they stand on the host."""
    lines: list[str] = []
    for frame in traceback.extract_tb(trace):
        shown = _on_site(frame.filename, root)
        if shown is not None:
            lines.append(f'  File "{shown}", line {frame.lineno}, in {frame.name}\n')
            if frame.line:
                lines.append(f"    {frame.line}\n")
    return "".join(lines)


def _on_site(filename: str, root: Path | None) -> str | None:
    path = Path(filename)
    if "site-packages" in path.parts or _is_ours(path):
        return None
    if root is not None and path.is_relative_to(root):
        return SITE + path.relative_to(root).as_posix()
    return SITE + path.name


def _is_ours(path: Path) -> bool:
    return path.is_relative_to(Path(__file__).parents[2])
