"""Which orchestration versions a host runs, and what becomes of the others (semantics 8.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from wfsim.history import (
    ExecutionCompleted,
    HistoryEvent,
    OrchestratorCompleted,
    OrchestratorStarted,
    RuntimeStatus,
)
from wfsim.hub.effects import tell_parent
from wfsim.hub.instance import Instance
from wfsim.hub.settings import HostSettings
from wfsim.trace import Finding, StatusChanged

if TYPE_CHECKING:
    from wfsim.hub.hub import Hub

__all__ = ["compare_versions", "fail", "is_rejected", "refusal"]

_MISMATCH = "VersionMismatch: Orchestration version did not comply with Worker Versioning"
_NUMBER = re.compile(r"\s*\+?(\d{1,10})\s*", re.ASCII)
_LARGEST = 2**31 - 1


def refusal(settings: HostSettings, version: str) -> str | None:
    """Return why the host does not run an orchestration of `version`, or None if it does.

    Nothing is refused as long as the host has no version of its own (`defaultVersion`).
    """
    own = settings.default_version
    if not own:
        return None
    if settings.version_match == "Strict" and version != own:
        return f"it runs version {own!r} only"
    # A positive comparison means that the orchestration was started by a newer app.
    if settings.version_match == "CurrentOrOlder" and compare_versions(version, own) > 0:
        return f"it runs version {own!r} and older ones"
    return None


def compare_versions(one: str, other: str) -> int:
    """Return a negative number, 0 or a positive number, as `one` is older, equal or newer.

    An empty version is older than any other. Two that .NET's `System.Version` understands, which
    are two to four numbers with dots between, compare as numbers; all others as text, ignoring
    case. So "1.10" is newer than "1.9", but "10" is older than "9".
    """
    if not one.strip() or not other.strip():
        return bool(one.strip()) - bool(other.strip())
    numbers, others = _numbers(one), _numbers(other)
    if numbers is not None and others is not None:
        return (numbers > others) - (numbers < others)
    folded, other_folded = one.upper(), other.upper()
    return (folded > other_folded) - (folded < other_folded)


def _numbers(version: str) -> tuple[int, ...] | None:
    parts = version.split(".")
    matches = [_NUMBER.fullmatch(part) for part in parts]
    numbers = tuple(int(match[1]) for match in matches if match is not None)
    if not 2 <= len(parts) <= 4 or len(numbers) < len(parts) or max(numbers) > _LARGEST:
        return None
    return numbers


def is_rejected(hub: Hub, instance: Instance) -> bool:
    """Whether the instance's messages wait for another worker; reports it if so."""
    if instance.status.is_final or hub.settings.version_failure != "Reject":
        return False
    version = instance.started.version
    why = refusal(hub.settings, version)
    if why is None:
        return False
    hub.report(
        Finding(
            code="WF116",
            message=f"{instance.name} {instance.instance_id!r} has version {version!r}, and this "
            f"worker does not take it: {why}. It stays {instance.status}.",
            way_out="Raise defaultVersion in host.json, loosen versionMatchStrategy, or set "
            "versionFailureStrategy to Fail.",
            instance_id=instance.instance_id,
        )
    )
    return True


def fail(hub: Hub, instance: Instance, new: Sequence[HistoryEvent]) -> None:
    """End an instance that the host does not run, without calling its orchestrator.

    Args:
        hub: The task hub.
        instance: The instance.
        new: The events that woke it.
    """
    now_us = hub.clock.now_us
    end = ExecutionCompleted(
        at_us=now_us,
        event_id=len(instance.history),  # the host's own choice; no decision was ever numbered
        status=RuntimeStatus.FAILED,
        result=_MISMATCH,
    )
    start, stop = OrchestratorStarted(at_us=now_us), OrchestratorCompleted(at_us=now_us)
    written = [start, *new, end, stop]
    instance.history.extend(written)
    hub.trace.add_history(now_us, instance.instance_id, instance.execution_id, written)
    instance.status = RuntimeStatus.FAILED
    instance.result = _MISMATCH
    instance.finished_us = instance.updated_us = now_us
    hub.trace.add(
        StatusChanged(
            at_us=now_us,
            instance_id=instance.instance_id,
            name=instance.name,
            status=instance.status,
            custom_status=instance.custom_status,
        )
    )
    tell_parent(hub, instance)
