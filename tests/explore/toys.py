"""A world of a few processes that take steps, small enough to try all of it blindly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from wfsim.choices import Choices, Chooser
from wfsim.explore import Observed
from wfsim.explore.exhaustive import Exhaustive, Redundant
from wfsim.explore.words import Numbered, listener
from wfsim.hub.touches import Touched
from wfsim.trace import ActivityFinished, EntityChanged, Trace

__all__ = ["Program", "every_run", "played", "searched"]

Program = list[list[str]]
"""For each process its steps. "x" reads and writes the variable x; "x*" may do so in two ways, and
"x*y" has to do with y as well if it is the second; "x?y" does if somebody has written x before.
Nobody is told that a step has to do with h."""


@dataclass
class _World:
    program: Program
    variables: dict[str, str] = field(default_factory=dict[str, str])
    trace: Trace = field(default_factory=lambda: Trace(start_us=0))

    def step(self, who: int, place: int, choices: Choices) -> frozenset[str]:
        """Do a step, and return what it touches."""
        name, text = f"p{who}", self.program[who][place]
        wrote = text[0]
        mark, seen = "", self.variables.get(wrote, "")
        further = ""
        if text[1:2] == "*":
            mark = "ab"[choices.pick(f"way of {name} step {place}", ("a", "b"))]
            further = text[2:] if mark == "b" else ""
        elif text[1:2] == "?" and seen:
            further = text[2:]
        names = [wrote, *further]
        value = "".join(self.variables.get(item, "") for item in names)
        for item in names:
            self.variables[item] = f"({name}.{place}{mark}{value})"
        self.trace.add(
            ActivityFinished(
                at_us=0, instance_id=name, task_id=place, name=text, result=value, failure=None
            )
        )
        return frozenset({name, *names} - {"h"})


def played(program: Program, chooser: Chooser, *, blurred: bool = False) -> Observed:
    """Run a program as a hub would, and return what came of it.

    Args:
        program: What the processes do.
        chooser: Answers.
        blurred: Whether it is told that every step has to do with everything.
    """
    world, choices, order = _World(program), Choices(chooser), list[str]()
    hear = listener(chooser)
    places, touched = [0] * len(program), Touched()
    while True:
        ready = [who for who, steps in enumerate(program) if places[who] < len(steps)]
        if hear is not None:
            hear(touched)
        if not ready:
            break
        labels = [f"p{who} step {places[who]}" for who in ready]
        picked = choices.pick("next work item", labels)
        names = world.step(ready[picked], places[ready[picked]], choices)
        places[ready[picked]] += 1
        order.append(labels[picked])
        groups = (names | {"all"} if blurred else names,)
        touched = Touched(step=labels[picked], groups=groups)
    for name, value in sorted(world.variables.items()):
        world.trace.add(EntityChanged(at_us=0, instance_id=name, state=value))
    results = sorted(repr(item) for item in world.trace)
    return Observed(
        outcome="; ".join(results),
        problems=(),
        deviations=(),
        points=len(choices.made),
        labels=frozenset(order),
        trace=world.trace,
        executions={},
    )


def every_run(play: Callable[[Chooser], Observed], *, most: int) -> list[Observed] | None:
    """Play all that can be chosen, without leaving anything out; None if it takes too many runs."""
    runs, answers = list[Observed](), list[int]()
    while len(runs) < most:
        asked = list[tuple[int, int]]()
        runs.append(play(partial(_answer, answers, asked)))
        while asked and asked[-1][0] + 1 == asked[-1][1]:
            asked.pop()
        if not asked:
            return runs
        answers = [*(picked for picked, _ in asked[:-1]), asked[-1][0] + 1]
    return None


def _answer(
    answers: Sequence[int], asked: list[tuple[int, int]], about: str, options: Sequence[str]
) -> int:
    """Answer as planned, then always the first; note what was answered, out of how many."""
    assert about
    picked = answers[len(asked)] if len(asked) < len(answers) else 0
    asked.append((picked, len(options)))
    return picked


def searched(
    play: Callable[[Chooser], Observed], search: Exhaustive, *, is_told: bool = True
) -> Iterator[Observed]:
    """Yield the runs of a search that show something new.

    Args:
        play: Plays one.
        search: A new one.
        is_told: Whether it hears what came of its runs.
    """
    for number, chooser in enumerate(search.choosers()):
        try:
            observed = play(Numbered(number, chooser))
        except Redundant:
            continue
        is_covered = search.is_covered
        if is_told:
            search.saw(observed)
        if not is_covered:
            yield observed
