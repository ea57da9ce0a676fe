"""Orchestrators that depend on the order of sets, and others that only look like it."""

from __future__ import annotations

from typing import Any

from tests.apps import Context, Steps

NAMES = ["alpha", "beta", "gamma", "delta", "epsilon"]
MODULE_SET = {"north", "east", "south", "west"}
MODULE_FROZEN = frozenset(NAMES)


def wrong_display(context: Context) -> Steps:
    for name in {"alpha", "beta", "gamma"}:  # noqa: PLC0208 - that is the mistake
        yield context.call_activity("say", name)  # yield: display


def wrong_call(context: Context) -> Steps:
    for name in set(NAMES):
        yield context.call_activity("say", name)  # yield: call


def wrong_frozen(context: Context) -> Steps:
    for name in frozenset(NAMES):
        yield context.call_activity("say", name)  # yield: frozen


def wrong_comprehension(context: Context) -> Steps:
    upper = {name.upper() for name in NAMES}
    yield context.task_all(  # yield: comprehension
        [context.call_activity("say", name) for name in upper]
    )


def wrong_operators(context: Context) -> Steps:
    left = (set(NAMES) | {"zeta"}) - {"beta"}
    for name in left & set(NAMES):
        yield context.call_activity("say", name)  # yield: operators


def wrong_methods(context: Context) -> Steps:
    joined = set(NAMES).union(["zeta"]).difference(["beta"]).copy()
    yield context.call_activity("say", list(joined))  # yield: methods


def wrong_pop(context: Context) -> Steps:
    left = set(NAMES)
    while left:
        yield context.call_activity("say", left.pop())  # yield: pop


def wrong_tuples(context: Context) -> Steps:
    for pair in {("a", 1), ("b", 2), ("c", 3)}:
        yield context.call_activity("say", list(pair))  # yield: tuples


def wrong_module(context: Context) -> Steps:
    for name in MODULE_SET:
        yield context.call_activity("say", name)  # yield: module


def wrong_module_frozen(context: Context) -> Steps:
    yield context.call_activity("say", ", ".join(MODULE_FROZEN))  # yield: module_frozen


def _distinct(names: list[str]) -> list[str]:
    return list(set(names))


def wrong_helper(context: Context) -> Steps:
    for name in _distinct(NAMES):
        yield context.call_activity("say", name)  # yield: helper


def _called(context: Context, names: Any) -> Steps:
    for name in names:
        yield context.call_activity("say", name)  # yield: delegated


def wrong_delegated(context: Context) -> Steps:
    yield from _called(context, set(NAMES))


def wrong_output(context: Context) -> Steps:
    yield context.call_activity("say", 0)
    return list(set(NAMES))


def wrong_dict(context: Context) -> Steps:
    index = {name: len(name) for name in set(NAMES)}
    yield context.call_activity("say", list(index))  # yield: dict


def right_sorted(context: Context) -> Steps:
    for name in sorted({name.upper() for name in NAMES}):
        yield context.call_activity("say", name)


def right_numbers(context: Context) -> Steps:
    for number in {3, 1, 2} | set(range(10)):
        yield context.call_activity("say", number)
    yield context.call_activity("say", list(frozenset([(2, 3), (1, 2)])))


def right_membership(context: Context) -> Steps:
    known = set(NAMES)
    chosen = [name for name in ["beta", "omega"] if name in known]
    yield context.call_activity("say", [chosen, len(known), known >= {"alpha"}])


def right_isinstance(context: Context) -> Steps:
    values = [set(NAMES), frozenset(NAMES), NAMES, {"a": 1}, MODULE_SET]
    kinds = [[isinstance(value, set), isinstance(value, frozenset)] for value in values]
    matched = []
    for value in values:
        match value:
            case set():
                matched.append("set")
            case frozenset():
                matched.append("frozenset")
            case _:
                matched.append("other")
    yield context.call_activity("say", [kinds, matched])


def right_equality(context: Context) -> Steps:
    same = set(NAMES) == MODULE_FROZEN and hash(frozenset(NAMES)) == hash(MODULE_FROZEN)
    yield context.call_activity("say", same)


def right_single(context: Context) -> Steps:
    (only,) = {"one"}
    yield context.call_activity("say", [only, max(set(NAMES)), sum(map(len, set(NAMES)))])


def right_dict(context: Context) -> Steps:
    for name in dict.fromkeys(NAMES):
        yield context.call_activity("say", name)


def right_subclass(context: Context) -> Steps:
    class Ordered(list[str]):
        pass

    yield context.call_activity("say", Ordered(NAMES))


WRONG: dict[str, Any] = {
    name.removeprefix("wrong_"): value
    for name, value in list(globals().items())
    if name.startswith("wrong_")
}
RIGHT: dict[str, Any] = {
    name.removeprefix("right_"): value
    for name, value in list(globals().items())
    if name.startswith("right_")
}
