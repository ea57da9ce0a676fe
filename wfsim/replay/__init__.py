"""Replays what production recorded against the code of today, before it is deployed."""

from wfsim.replay.checkpoints import CheckpointReplayer
from wfsim.replay.load import history_of, load_histories, load_history
from wfsim.replay.records import Gap, RecordedCheckpoint, RecordedHistory, Source, Unreadable
from wfsim.replay.replayer import Replayer
from wfsim.replay.results import Difference, Kind, ReplayResult, Row, Verdict
from wfsim.replay.summary import Summary

__all__ = [
    "CheckpointReplayer",
    "Difference",
    "Gap",
    "Kind",
    "RecordedCheckpoint",
    "RecordedHistory",
    "ReplayResult",
    "Replayer",
    "Row",
    "Source",
    "Summary",
    "Unreadable",
    "Verdict",
    "history_of",
    "load_histories",
    "load_history",
]
