"""What happened in a whole simulation: records, findings, and the file they are saved to."""

from __future__ import annotations

from wfsim.trace.findings import CODES, Finding, Place
from wfsim.trace.load import load_trace, trace_of
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
    ModelAnswered,
    ModelAsked,
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
    "ModelAnswered",
    "ModelAsked",
    "Place",
    "Record",
    "StatusChanged",
    "Trace",
    "load_trace",
    "trace_of",
]
