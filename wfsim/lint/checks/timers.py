"""Timers of a race that nobody cancels.

Follows each way through a function, as far as comparisons with the race's winner tell them apart,
and looks which timers are open at its end.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from wfsim.lint.scene import Hit, Scene

__all__ = ["timers"]

_ASKED: Final = frozenset({"cancel", "is_completed", "is_canceled", "is_cancelled", "result"})
_MANY: Final = 64
"""More states than these mean that comparisons tell too little to go on."""


@dataclass(frozen=True, slots=True)
class _State:
    """What is known at one point of one way."""

    open: frozenset[str] = frozenset()
    races: frozenset[tuple[str, frozenset[str]]] = frozenset()
    """For each winner's name, who may have won."""

    def closed(self, *names: str) -> _State:
        return replace(self, open=self.open - set(names))


_States = frozenset[_State]


@dataclass(slots=True)
class _Exits:
    """How a block is left; a return ends the way and is noted at once."""

    normal: _States
    breaks: _States = frozenset()
    continues: _States = frozenset()


def timers(scene: Scene) -> Iterator[Hit]:
    """Report timers of a race that are open at the end of some way through the function."""
    if not scene.function.is_generator:
        return
    races = _races(scene)
    for race in races:
        elements = _elements(scene, race) or []
        for element in elements if len(elements) > 1 else []:
            if scene.context_method(element) == "create_timer":
                yield Hit(
                    "WF214",
                    element,
                    "the timer has no name, so it cannot be cancelled where something else wins",
                )
    raced = {
        e.id for race in races for e in _elements(scene, race) or [] if isinstance(e, ast.Name)
    }
    tracked = {name for name in raced if _is_timer(scene, name) and not _escapes(scene, name)}
    if not tracked:
        return
    walk = _Walk(scene, tracked)
    walk.function()
    if walk.is_lost:
        return
    for name, (made, line) in sorted(walk.left.items()):
        said = f"is still open where {line}, so the instance stays Running until it fires"
        yield Hit("WF214", made, f"`{name}` {said}")


def _races(scene: Scene) -> list[ast.Call]:
    return [call for call in scene.calls() if scene.context_method(call) == "task_any"]


def _elements(scene: Scene, race: ast.expr | None) -> list[ast.expr] | None:
    """Return what takes part in a race, where its text shows it."""
    if isinstance(race, ast.Name):
        race = scene.assigned(race.id)
    if not (isinstance(race, ast.Call) and scene.context_method(race) == "task_any"):
        return None
    listed = race.args[0] if race.args else next((k.value for k in race.keywords), None)
    if isinstance(listed, ast.Name):
        listed = scene.assigned(listed.id)
    return listed.elts if isinstance(listed, ast.List | ast.Tuple) else None


def _is_timer(scene: Scene, name: str) -> bool:
    bindings = scene.body.bindings.get(name, [])
    return bool(bindings) and all(
        binding.value is not None and scene.context_method(binding.value) == "create_timer"
        for binding in bindings
    )


def _escapes(scene: Scene, name: str) -> bool:
    """Say whether a timer goes where it is not seen: into a helper, or a list that changes."""
    for load in scene.loads(name):
        parent = scene.body.parents.get(load)
        match parent:
            case ast.Attribute() if parent.attr in _ASKED:
                continue
            case ast.Compare() | ast.Yield():
                continue
            case ast.List() | ast.Tuple() if _is_only_raced(scene, parent):
                continue
            case _:
                return True
    return False


def _is_only_raced(scene: Scene, listed: ast.expr) -> bool:
    parent = scene.body.parents.get(listed)
    if isinstance(parent, ast.keyword):
        parent = scene.body.parents.get(parent)
    match parent:
        case ast.Call() as call:
            return scene.context_method(call) == "task_any"
        case ast.Assign(targets=[ast.Name() as target]):
            users = [scene.body.parents.get(load) for load in scene.loads(target.id)]
            return all(
                isinstance(user, ast.Call) and scene.context_method(user) == "task_any"
                for user in users
            )
        case _:
            return False


@dataclass(slots=True)
class _Walk:
    """Goes all ways through one function."""

    scene: Scene
    tracked: set[str]
    left: dict[str, tuple[ast.AST, str]] = field(default_factory=dict[str, tuple[ast.AST, str]])
    """Timers that were left open: where they were made, and when they were left, in words."""
    made: dict[str, ast.AST] = field(default_factory=dict[str, ast.AST])
    finally_closed: list[set[str]] = field(default_factory=list[set[str]])
    is_lost: bool = False
    """Whether there are more ways than can be told apart."""

    def function(self) -> None:
        """Go through the whole function."""
        node = self.scene.function.node
        out = self.block(node.body, frozenset({_State()}))
        self.end(out.normal, node.body[-1].end_lineno or node.lineno)

    def end(self, states: _States, line: int) -> None:
        """Note what is open at an end."""
        closed = {name for names in self.finally_closed for name in names}
        for state in states:
            for name in state.open - closed:
                self.left.setdefault(name, (self.made[name], f"the function ends in line {line}"))

    def block(self, body: Iterable[ast.stmt], states: _States) -> _Exits:
        """Go through statements one after the other."""
        breaks: _States = frozenset()
        continues: _States = frozenset()
        for statement in body:
            self.is_lost |= len(states) > _MANY
            if not states or self.is_lost:
                break
            out = self.statement(statement, states)
            states = out.normal
            breaks |= out.breaks
            continues |= out.continues
        return _Exits(states, breaks, continues)

    def statement(self, node: ast.stmt, states: _States) -> _Exits:
        """Go through one statement."""
        match node:
            case ast.Return():
                self.end(frozenset(self.effects(node, s) for s in states), node.lineno)
                return _Exits(frozenset())
            case ast.Raise():
                return _Exits(frozenset())
            case ast.Break():
                return _Exits(frozenset(), breaks=states)
            case ast.Continue():
                return _Exits(frozenset(), continues=states)
            case ast.If():
                yes, no = self.split(node.test, states)
                return _joined(self.block(node.body, yes), self.block(node.orelse, no))
            case ast.While() | ast.For() | ast.AsyncFor():
                return self.loop(node, states)
            case ast.Try() | ast.TryStar():
                return self.attempt(node, states)
            case ast.With() | ast.AsyncWith():
                return self.block(node.body, states)
            case ast.Match():
                outs = [self.block(case.body, states) for case in node.cases]
                return _joined(_Exits(states), *outs)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return _Exits(states)
            case _:
                return _Exits(frozenset(self.effects(node, state) for state in states))

    def loop(self, node: ast.While | ast.For | ast.AsyncFor, states: _States) -> _Exits:
        """Go through a loop until nothing new comes of it."""
        seen = states
        left: _States = frozenset()
        fresh = states
        while fresh and not self.is_lost:
            yes, no = (fresh, fresh)
            if isinstance(node, ast.While):
                yes, no = self.split(node.test, fresh)
            out = self.block(node.body, yes)
            left |= no | out.breaks
            fresh = (out.normal | out.continues) - seen
            seen |= fresh
        return self.block(node.orelse, left)

    def attempt(self, node: ast.Try | ast.TryStar, states: _States) -> _Exits:
        """Go through `try`: a handler may begin with what was known before or after the body."""
        self.finally_closed.append({*_cancelled(node.finalbody)})
        out = self.block(node.body, states)
        after = self.block(node.orelse, out.normal)
        raised = states | out.normal
        outs = [self.block(handler.body, raised) for handler in node.handlers]
        self.finally_closed.pop()
        joined = _joined(_Exits(after.normal, out.breaks, out.continues), after, *outs)
        final = self.block(node.finalbody, joined.normal)
        return _Exits(final.normal, joined.breaks | final.breaks, joined.continues)

    def effects(self, node: ast.AST, state: _State) -> _State:
        """Return what a simple statement makes of what is known."""
        for inner in ast.walk(node):
            match inner:
                case ast.Call(func=ast.Attribute(attr="cancel", value=ast.Name() as name)):
                    state = state.closed(name.id)
                case ast.Yield(value=ast.Name() as name):
                    state = state.closed(name.id)
                case _:
                    pass
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            return self.assigned(node.targets[0].id, node.value, state)
        return state

    def assigned(self, name: str, value: ast.expr, state: _State) -> _State:
        """Note a new timer, or who may have won a race."""
        if name in self.tracked:
            if name in state.open:
                self.left.setdefault(name, (self.made[name], f"line {value.lineno} makes it anew"))
            self.made.setdefault(name, value)
            return replace(state, open=state.open | {name})
        races = frozenset(race for race in state.races if race[0] != name)
        if isinstance(value, ast.Yield):
            elements = _elements(self.scene, value.value)
            if elements is not None:
                races |= {(name, frozenset(map(ast.unparse, elements)))}
        return replace(state, races=races)

    def split(self, test: ast.expr, states: _States) -> tuple[_States, _States]:
        """Return what is known where a test holds, and where it does not."""
        match test:
            case ast.Constant():
                return (states, frozenset()) if test.value else (frozenset(), states)
            case ast.UnaryOp(op=ast.Not()):
                yes, no = self.split(test.operand, states)
                return no, yes
            case ast.BoolOp(op=ast.And()):
                rest, no = states, frozenset[_State]()
                for value in test.values:
                    rest, other = self.split(value, rest)
                    no |= other
                return rest, no
            case ast.BoolOp():
                yes, rest = frozenset[_State](), states
                for value in test.values:
                    other, rest = self.split(value, rest)
                    yes |= other
                return yes, rest
            case ast.Compare(ops=[ast.Eq() | ast.Is()], comparators=[other]):
                return self.compared(test.left, other, states)
            case ast.Compare(ops=[ast.NotEq() | ast.IsNot()], comparators=[other]):
                yes, no = self.compared(test.left, other, states)
                return no, yes
            case ast.Attribute(attr="is_completed"):
                return self.completed(ast.unparse(test.value), states)
            case ast.Name() if isinstance(
                made := self.scene.assigned(test.id), ast.Compare | ast.BoolOp | ast.UnaryOp
            ):
                return self.split(made, states)
            case _:
                after = frozenset(self.effects(test, state) for state in states)
                return after, after

    def compared(self, one: ast.expr, other: ast.expr, states: _States) -> tuple[_States, _States]:
        """Part the ways by who has won."""
        sides = (ast.unparse(one), ast.unparse(other))
        yes: set[_State] = set()
        no: set[_State] = set()
        for state in states:
            known = dict(state.races)
            winner = next((side for side in sides if side in known), None)
            if winner is None:
                yes.add(state)
                no.add(state)
                continue
            candidate = sides[1] if sides[0] == winner else sides[0]
            if candidate in known[winner]:
                yes.add(_won(state, winner, frozenset({candidate})))
            if rest := known[winner] - {candidate}:
                no.add(_won(state, winner, rest))
        return frozenset(yes), frozenset(no)

    def completed(self, name: str, states: _States) -> tuple[_States, _States]:
        """Part the ways by whether a task is done."""
        no: set[_State] = set()
        for state in states:
            reduced = state
            for winner, candidates in state.races:
                if rest := candidates - {name}:
                    reduced = _won(reduced, winner, rest)
            no.add(reduced)
        return frozenset(state.closed(name) for state in states), frozenset(no)


def _won(state: _State, winner: str, candidates: frozenset[str]) -> _State:
    """Return what is known once only some can have won: a timer that has won is no longer open."""
    races = {(name, known) for name, known in state.races if name != winner}
    after = replace(state, races=frozenset(races | {(winner, candidates)}))
    return after.closed(*candidates) if len(candidates) == 1 else after


def _joined(*exits: _Exits) -> _Exits:
    return _Exits(
        frozenset[_State]().union(*(out.normal for out in exits)),
        frozenset[_State]().union(*(out.breaks for out in exits)),
        frozenset[_State]().union(*(out.continues for out in exits)),
    )


def _cancelled(body: list[ast.stmt]) -> Iterator[str]:
    for statement in body:
        for node in ast.walk(statement):
            match node:
                case ast.Call(func=ast.Attribute(attr="cancel", value=ast.Name() as name)):
                    yield name.id
                case _:
                    pass
