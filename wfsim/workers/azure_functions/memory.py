"""What an app's orchestrators did with histories, remembered from one simulation to the next.

An orchestrator's answer is a function of its history, as long as everything else that it reads is
in the same state. Where that is certain, a run that comes upon a history which an earlier run has
had need neither call the orchestrator nor replay it again: it has the answer, and knows that no
check found anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final

from wfsim.history import ExecutionStarted, HistoryEvent
from wfsim.hub.executor import Pass
from wfsim.hub.settings import HostSettings
from wfsim.hub.worker import Episode, Waiting
from wfsim.trace import Finding
from wfsim.workers.azure_functions import _sdk
from wfsim.workers.azure_functions.contained import makes_objects
from wfsim.workers.azure_functions.fingerprint import Fingerprints, State
from wfsim.workers.azure_functions.registered import Registered
from wfsim.workers.azure_functions.reply import Reply

__all__ = ["Checked", "EpisodeMemory", "Known", "Recall"]

_MOST: Final = 10_000
"""So many events and episodes are kept; with more, all are forgotten."""
_LOCAL: Final = frozenset({"astimezone", "fromtimestamp", "timestamp", "timetuple"})
"""Methods of dates whose answers may depend on the zone in which a worker stands."""
_MOST_FUNCTIONS: Final = 64
_OFTEN: Final = 3
"""What was the same so many times, at other times and with other chance, depends on neither."""
_ADDRESS: Final = " at 0x"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A replay that found no difference."""

    passes: int
    findings: tuple[Finding, ...]
    waiting: Waiting


@dataclass(slots=True)
class Known:
    """What is known of one episode, in one state of everything else."""

    state: Hashable
    has_data: bool
    """Whether the orchestrator reads globals that hold data; else code is all that it is."""
    reply: Reply | None = None
    outcome: Pass | None = None
    checked: Checked | None = None
    proven: Checked | None = None
    """What it shows where no replay is needed."""
    elsewhere: int | None = None
    """How many passes another worker has made to check it, if it has found no difference."""
    looked: Waiting | None = None
    """What a pass that only looked has shown."""


@dataclass(slots=True)
class _Node:
    """A history, as what follows one that is an event shorter."""

    is_plain: bool
    """Whether no payload makes objects of the user's."""
    later: dict[HistoryEvent, _Node] = field(default_factory=dict["HistoryEvent", "_Node"])
    episodes: dict[tuple[int, Hashable], Known] = field(
        default_factory=dict["tuple[int, Hashable]", "Known"]
    )


class EpisodeMemory:
    """Remembers episodes of one app.

    Args:
        most: How many events and episodes it keeps at most; then it forgets all.
    """

    def __init__(self, *, most: int = _MOST) -> None:
        self._most = most
        self.roots: dict[tuple[ExecutionStarted, HostSettings], _Node] = {}
        self.fingerprints = Fingerprints(keeps=_MOST_FUNCTIONS)
        self.size = 0
        """Events and episodes that are kept."""
        self.hits = 0
        """How often an episode was asked for that had been checked before."""
        self.misses = 0
        """How often one was asked for that had not, but can be remembered."""
        self.same_elsewhere: Counter[Hashable] = Counter()
        """Per state of what an orchestrator reads: how often its modules were imported anew, and
        it was the same there."""
        self.ends: Counter[str] = Counter()
        """Per self-contained orchestrator: how many generations have ended."""
        self.strange = 0
        """How often an orchestrator may read what no fingerprint shows."""

    def root(self, started: ExecutionStarted, settings: HostSettings) -> _Node:
        """Return the empty history of a generation."""
        if self.size >= self._most:
            self.roots.clear()
            self.fingerprints = Fingerprints(keeps=_MOST_FUNCTIONS)
            self.size = 0
        return self.roots.setdefault((started, settings), _Node(is_plain=True))

    def after(self, node: _Node, event: HistoryEvent) -> _Node:
        """Return the history that has one more event."""
        later = node.later.get(event)
        if later is None:
            is_plain = node.is_plain and not makes_objects(event)
            later = node.later[event] = _Node(is_plain=is_plain)
            self.size += 1
        return later

    def episode(self, node: _Node, new_from: int, state: State) -> Known:
        """Return what is known of an episode."""
        found = node.episodes.get((new_from, state.mark))
        if found is None:
            found = Known(state.mark, state.has_data)
            node.episodes[new_from, state.mark] = found
            self.size += 1
        return found


class Recall:
    """The memory as one simulation uses it.

    Args:
        memory: What earlier simulations of the same app left.
        find: Returns an orchestrator of the app by its name.
        settings: The host's settings.
    """

    def __init__(
        self,
        memory: EpisodeMemory,
        find: Callable[[str], Registered | None],
        settings: HostSettings,
    ) -> None:
        self._memory = memory
        self._find = find
        self._settings = settings
        self._at: dict[str, tuple[int, _Node]] = {}
        """Per generation: how many events of its history have been followed, and to where."""
        self._states: dict[str, State] = {}

    def known(self, episode: Episode) -> Known | None:
        """Return what is known of an episode; None where none may be."""
        node = self._node(episode)
        state = self._state(episode.name) if node.is_plain else None
        if state is None or state.mark is None:
            self._memory.strange += 1
            return None
        found = self._memory.episode(node, episode.new_from, state)
        if found.checked is None and found.proven is None:
            self._memory.misses += 1
        else:
            self._memory.hits += 1
        return found

    def may_keep(self, episode: Episode, known: Known) -> bool:
        """Whether a pass has left everything as it was."""
        state = self._state(episode.name)
        return state is not None and state.mark == known.state

    def is_sure_elsewhere(self, known: Known) -> bool:
        """Whether an orchestrator reads the same in every worker, as far as can be told."""
        return self._memory.same_elsewhere[known.state] >= _OFTEN

    def compare_elsewhere(self, known: Known, function: Registered | None) -> None:
        """Look whether an orchestrator is in the same state that was imported anew."""
        if function is not None:
            code = _sdk.orchestrator_code(function.call)
            state = self._memory.fingerprints.of([function.call, code])
            is_same = state.mark == known.state and state.attributes.isdisjoint(_LOCAL)
            self._memory.same_elsewhere[known.state] += is_same

    def keep_reply(self, episode: Episode, known: Known, reply: Reply) -> None:
        """Remember an answer, if it is a function of its history."""
        # Exceptions hold on to frames and whatever is in them.
        is_data = reply.exception is None and _ADDRESS not in repr(reply)
        if is_data and self.may_keep(episode, known):
            known.reply = reply

    def forget(self, execution_id: str) -> None:
        """Drop where a generation stands: its past may change."""
        self._at.pop(execution_id, None)

    def _node(self, episode: Episode) -> _Node:
        history = episode.history
        count, node = self._at.get(episode.execution_id, (len(history) + 1, None))
        if node is None or count > len(history):
            count, node = 0, self._memory.root(episode.started, self._settings)
        for index in range(count, len(history)):
            node = self._memory.after(node, history[index])
        self._at[episode.execution_id] = (len(history), node)
        return node

    def _state(self, name: str) -> State | None:
        function = self._find(name)
        if function is None:
            return None
        state = self._states.get(name)
        if state is None or not state.holds():
            handle = function.call
            code = _sdk.orchestrator_code(handle)
            state = self._memory.fingerprints.of_call(handle, code)
            self._states[name] = state
        return state
