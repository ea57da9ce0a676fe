"""What happened in a whole simulation: records, findings, and the file they are saved to."""

from __future__ import annotations

from wfsim.trace.findings import CODES, Finding, Place
from wfsim.trace.log import Trace
from wfsim.trace.records import (
    ActivityFinished,
    ActivityStarted,
    ChoiceMade,
    ClientCalled,
    EntityChanged,
    EntityOperated,
    EntityRequested,
    FindingMade,
    FunctionFinished,
    FunctionStarted,
    HistoryAppended,
    MessageDiscarded,
    Record,
    StatusChanged,
)

__all__ = [
    "CODES",
    "ActivityFinished",
    "ActivityStarted",
    "ChoiceMade",
    "ClientCalled",
    "EntityChanged",
    "EntityOperated",
    "EntityRequested",
    "Finding",
    "FindingMade",
    "FunctionFinished",
    "FunctionStarted",
    "HistoryAppended",
    "MessageDiscarded",
    "Place",
    "Record",
    "StatusChanged",
    "Trace",
]
