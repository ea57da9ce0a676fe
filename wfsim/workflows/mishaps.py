"""What may befall a workflow in process: its process dies, its models are down, streams are cut.

Each is a choice, its quiet answer first. A process dies right after a checkpoint was saved. Then a
new one restores that checkpoint: in a fresh workflow object, with the globals, closures and caches
of a new process. What happens outside goes on: who asks for the run sees how it went on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wfsim.agents.outages import Outages
from wfsim.chat import Reply, Script, ToolCalls
from wfsim.hub.faults import FaultChoices
from wfsim.workflows.models import Question, RecordingScript

if TYPE_CHECKING:
    from wfsim.chat.sources import ScriptSource
    from wfsim.chat.turns import Turn
    from wfsim.workflows.checkpoints import Saved
    from wfsim.workflows.flow import Flow
    from wfsim.workflows.legs import Player

__all__ = ["Mishaps"]

_WAYS: Final = ("word by word", "in one piece", "letter by letter")


class Mishaps:
    """Asks what befalls a workflow, and lets it go on after a death.

    Args:
        flow: The simulation; its `Options.faults` say how much may go wrong. Without, nothing does,
            and streams are cut as ever.
    """

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        budget = flow.options.faults
        self._faults = None if budget is None else FaultChoices(flow.choices, budget)
        self._fallen: Saved | None = None
        self._dead: Player | None = None
        self.is_taking_over = False
        """Whether a new process is about to restore a checkpoint."""
        self._scripts: list[RecordingScript] = []
        if self._faults is not None:
            flow.scripts.disturb = Outages(self._faults)

    @property
    def has_fallen(self) -> bool:
        """Whether the process has died, and no other has taken over yet."""
        return self._fallen is not None

    # --- models ---------------------------------------------------------------------------------

    def bind(self, name: str, source: Script | ScriptSource) -> Script:
        """Let a script answer an agent; see `AgentScripts.bind`."""
        if self._faults is None or isinstance(source, Script):
            return self._flow.scripts.bind(name, source)
        stamps = self._flow.stamps
        script = RecordingScript(source, name=name, place=lambda: stamps.moment()["order"])
        script.recut = self._recut
        self._scripts.append(script)
        return self._flow.scripts.bind(name, script)

    def _recut(self, agent: str, number: int, turn: Turn) -> Turn:
        """Let a stream that says nothing of its chunks come in others."""
        if not isinstance(turn, (Reply, ToolCalls)) or turn.chunks is not None:
            return turn
        length = len(turn.text) if isinstance(turn, Reply) else 0
        ways = _WAYS if length > 1 else _WAYS[::2] if isinstance(turn, ToolCalls) else _WAYS[:1]
        what = f"stream of agent {agent} turn {number}"
        options = [ways[0], *(f"{way}({what})" for way in ways[1:])]
        way = ways[self._flow.choices.pick(f"chunks of {what}", options)]
        if way == ways[0]:
            return turn
        return replace(turn, chunks=1) if way == _WAYS[2] else replace(turn, chunks=max(1, length))

    # --- deaths ---------------------------------------------------------------------------------

    def falls_after(self, saved: Saved) -> bool:
        """Return whether the process dies right after a checkpoint was saved."""
        if self._faults is None or not self._faults.dies_after_save(_named(saved)):
            return False
        self._fallen = saved
        return True

    def take_over(self) -> None:
        """Let a new process go on from the last checkpoint, where one has died."""
        saved, self._fallen = self._fallen, None
        if saved is None:
            return
        dead: Player = saved.run
        self._dead = dead
        for script in self._scripts:
            script.again = _open_questions(script.questions, self._flow, saved)
        self.is_taking_over = True
        try:
            self._flow.resume(
                saved.checkpoint.checkpoint_id,
                responses=None,
                message=None,
                restart=True,
                options=dead.given,
            )
        finally:
            self.is_taking_over = False

    def lives(self) -> Iterator[None]:
        """Yield once, and once more each time that a new process has taken over meanwhile."""
        count = -1
        while count < len(self._flow.players):
            count = len(self._flow.players)
            yield

    def go_on(self) -> None:
        """Let a run that a new process has taken over go on until it ends or pauses."""
        player = self._flow.players[-1]
        if player.is_heir:
            self._flow.drive(lambda: not self._flow.players[-1].is_busy, is_patient=False)

    def bequeath(self, player: Player) -> None:
        """Let the run of a new process be the run of the one that died."""
        if self._dead is not None:
            player.inherit(self._dead)
            self._dead = None


def _named(saved: Saved) -> str:
    """Return what a checkpoint is called: after its superstep, or its place where there is none."""
    title, number = saved.run.title, len(saved.run.saved)
    if saved.run.kind == "graph":
        return f"superstep {saved.checkpoint.iteration_count} of {title}"
    return f"checkpoint {number} of {title}"


def _open_questions(questions: Sequence[Question], flow: Flow, saved: Saved) -> list[Question]:
    """Return the questions whose answers no checkpoint has: who asked had not ended by then."""
    done = [] if flow.gate is None else flow.gate.finished[: saved.finished]
    return [question for question in questions if question.unit not in done]
