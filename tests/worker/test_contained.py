"""Self-contained orchestrators are known as such, and all others are not."""

from __future__ import annotations

import functools
import json
import logging
import operator
import random
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

import azure.durable_functions as df
import pytest

from tests.apps import Context, Steps, app_of, through_middleware
from wfsim import NonDeterminismError, Simulation
from wfsim.options import Replay
from wfsim.workers.azure_functions.app import load_app
from wfsim.workers.azure_functions.contained import Containment
from wfsim.workers.azure_functions.live.borders import FIRST, THEN

LIMITS, RETRY, NUMBERS = {"small": 3}, df.RetryOptions(1_000, 2), [1, 2]
STARTED_AT = time.time()
COUNTRIES = {"no", "se"}
LOG = logging.getLogger(__name__)
REPLAYING = attrgetter("is_replaying")


class Order:
    """Something of the user's that has a code of its own to be read."""

    def __init__(self, size: str) -> None:
        self.size = size

    @staticmethod
    def to_json(order: Order) -> str:
        """Write it."""
        return order.size

    @staticmethod
    def from_json(text: str) -> Order:
        """Read it, and count."""
        NUMBERS.append(len(NUMBERS))
        return Order(text)


def helper(context: Context, number: int) -> Steps:
    """Call an activity."""
    return (yield context.call_activity("say", number + LIMITS["small"]))


def _constants(context: Context) -> Steps:
    yield from helper(context, NUMBERS[0])
    yield context.call_activity_with_retry("say", RETRY, json.dumps({"a": 1}))


def _timer(context: Context) -> Steps:
    from datetime import timedelta as delta

    yield context.create_timer(context.current_utc_datetime + delta(hours=1))
    LOG.info("waited")


def _race(context: Context) -> Steps:
    try:
        timer = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
        yield context.task_any([timer, context.wait_for_external_event("go")])
    except ValueError as error:
        return str(error)
    return f"{context.new_uuid()} {Order('small').size}"


def _import_time(context: Context) -> Steps:
    yield context.call_activity("say", STARTED_AT)


CONTAINED = [_constants, _timer, _race, _import_time, helper]


def _clock(context: Context) -> Steps:
    yield context.call_activity("say", datetime.now(UTC).isoformat())


def _today(context: Context) -> Steps:
    yield context.create_timer(datetime.today().replace(tzinfo=UTC))


def _time(context: Context) -> Steps:
    yield context.call_activity("say", time.time())


def _chance(context: Context) -> Steps:
    yield context.call_activity("say", random.random())


def _late_chance(context: Context) -> Steps:
    import random as chance

    yield context.call_activity("say", chance.random())


def _id(context: Context) -> Steps:
    yield context.call_activity("say", str(uuid.uuid4()))


def _replaying(context: Context) -> Steps:
    if not context.is_replaying:
        LOG.info("once")
    yield context.call_activity("say", 1)


def _replaying_by_name(context: Context) -> Steps:
    yield context.call_activity("say", operator.attrgetter("is_replaying")(context))


def _replaying_by_global(context: Context) -> Steps:
    yield context.call_activity("say", REPLAYING(context))


def _replaying_by_getattr(context: Context) -> Steps:
    yield context.call_activity("say", getattr(context, "is_" + "replaying"))


def _replaying_by_format(context: Context) -> Steps:
    yield context.call_activity("say", "{.is_replaying}".format(context))  # noqa: UP032


def _replaying_by_match(context: Context) -> Steps:
    match context:
        case df.DurableOrchestrationContext(is_replaying=True):
            yield context.call_activity("say", 1)
        case _:
            yield context.call_activity("say", 2)


def _histories(context: Context) -> Steps:
    yield context.call_activity("say", len(context.histories))


def _task_was_played(context: Context) -> Steps:
    task = context.call_activity("say", 1)
    yield task
    yield context.call_activity("say", task.is_played)


def _set(context: Context) -> Steps:
    for name in {"a", "b"}:  # noqa: PLC0208 - as users may write it
        yield context.call_activity("say", name)


def _global_set(context: Context) -> Steps:
    for name in COUNTRIES:
        yield context.call_activity("say", name)


def _keys(context: Context) -> Steps:
    for name in LIMITS.keys() & {"small": 1, "large": 2}.keys():
        yield context.call_activity("say", name)


def _address(context: Context) -> Steps:
    yield context.call_activity("say", id(context))


@functools.lru_cache
def _cached(number: int) -> int:
    return number


def _cache(context: Context) -> Steps:
    yield context.call_activity("say", _cached(1))


def _file(context: Context) -> Steps:
    yield context.call_activity("say", open("x").read())  # noqa: PTH123, SIM115


def _global(context: Context) -> Steps:
    global STARTED_AT  # noqa: PLW0603 - as users may write it
    STARTED_AT += 1
    yield context.call_activity("say", 1)


OTHERS = [
    *(_clock, _today, _time, _chance, _late_chance, _id, _replaying, _replaying_by_name),
    *(_replaying_by_global, _replaying_by_getattr, _histories, _task_was_played, _set),
    *(_global_set, _keys, _replaying_by_format, _replaying_by_match),
    *(_address, _cache, _file, _global),
]


def holds(code: Callable[..., Any]) -> Containment:
    """Return what tells of an app with one orchestrator."""
    app = load_app(app_of(code))
    return Containment(lambda name: app.find("orchestrator", name))


@pytest.mark.parametrize("code", CONTAINED)
def test_code_that_depends_on_its_history_only_is_known(code: Callable[..., Any]) -> None:
    """Constants, helpers, libraries without a state and the context are all that it reads."""
    assert holds(code).holds(code.__name__)


@pytest.mark.parametrize("code", OTHERS)
def test_code_that_may_depend_on_more_is_known_too(code: Callable[..., Any]) -> None:
    """A clock, chance, what is replayed, a file, a cache: whatever may differ is not trusted."""
    assert not holds(code).holds(code.__name__)


def test_what_changes_once_is_not_trusted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A global that is another one, or holds something else, ends it, also when it is put back."""
    changes: list[tuple[Callable[[], object], Callable[[], object]]] = [
        (lambda: NUMBERS.append(3), NUMBERS.pop),
        (lambda: LIMITS.update(small=4), lambda: LIMITS.update(small=3)),
        (lambda: monkeypatch.setattr(json, "dumps", repr), monkeypatch.undo),
    ]
    for change, back in changes:
        known = holds(_constants)
        assert known.holds("_constants")
        change()
        assert not known.holds("_constants")
        back()
        assert not known.holds("_constants")
        assert holds(_constants).holds("_constants")


def passes_of(monkeypatch: pytest.MonkeyPatch, run: Callable[[], None]) -> int:
    """Return how often the SDK was given a history from its beginning."""
    from azure.durable_functions.models.TaskOrchestrationExecutor import TaskOrchestrationExecutor

    count = 0
    execute = TaskOrchestrationExecutor.execute

    def counted(*args: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*args)

    with monkeypatch.context() as patch:
        patch.setattr(TaskOrchestrationExecutor, "execute", counted)
        run()
    return count


def test_ends_are_replayed_to_check_on_the_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first ten generations are replayed at their ends, and then every tenth."""

    def run(times: int) -> Callable[[], None]:
        def runs() -> None:
            with Simulation(app_of(_constants)) as sim:
                for _ in range(times):
                    sim.start("_constants").result()

        return runs

    for times in (1, FIRST, 3 * THEN + 5):
        replays = min(times, FIRST) + max(0, times // THEN - FIRST // THEN)
        assert passes_of(monkeypatch, run(times)) == times + replays


def test_a_run_that_goes_on_is_replayed_when_the_simulation_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What waits for an event has one replay, wherever it stands."""

    def run() -> None:
        with Simulation(app_of(_race), findings="ignore") as sim:
            sim.start("_race")
            sim.run_until_idle()

    assert passes_of(monkeypatch, run) == 2


def test_objects_of_the_users_are_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a payload makes the SDK call code of the user's, each border is replayed."""

    def measure(context: Context) -> Steps:
        context.get_input()
        for _ in range(3):
            yield context.call_activity("say", 1)

    def run(value: object) -> Callable[[], None]:
        def runs() -> None:
            with Simulation(app_of(measure)) as sim:
                sim.start("measure", input=value).result()

        return runs

    assert passes_of(monkeypatch, run("small")) == 2
    assert passes_of(monkeypatch, run(Order("small"))) >= 1 + 4


def test_a_global_that_a_test_changes_is_found_out() -> None:
    """Once a constant has changed, replays show whatever depends on it."""

    def depends(context: Context) -> Steps:
        yield context.call_activity("say", NUMBERS[0])
        yield context.call_activity("say", 2)

    with Simulation(app_of(depends), findings="ignore") as sim:
        sim.start("depends")
        before, NUMBERS[0] = NUMBERS[0], 7
        try:
            sim.run_until_idle()  # it began with 7, and so do its replays
            sim.start("depends")
            sim.at("1s", NUMBERS.__setitem__, 0, before)
            sim.stub_activity("say", returns=1, takes="2s")
            with pytest.raises(NonDeterminismError, match="at step 0, "):
                sim.advance("5s")
        finally:
            NUMBERS[0] = before


def test_middleware_is_called_although_it_does_nothing() -> None:
    """A handle that is wrapped is called in each episode, whatever is known of it."""
    calls: list[int] = []

    def steps(context: Context) -> Steps:
        yield context.call_activity("say", 1)

    app = through_middleware(app_of(steps), "steps", lambda: calls.append(1))
    replays: list[Replay] = ["every", "search"]
    for replay in replays:
        calls.clear()
        with Simulation(app, guard="off", replay=replay) as sim:
            sim.start("steps").result()
        assert len(calls) == 2
