"""Orchestrators with planted non-determinism, each beside a twin that is right.

Marks in comments name the lines that tests ask for: `# yield: x` and `# cause: x`.
"""

from __future__ import annotations

import functools
import logging
import os
import random
import secrets
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.apps import Context, Steps

Function = Callable[[Context], Steps]


def uses_now(context: Context) -> Steps:
    moment = datetime.now(tz=UTC)  # cause: now
    yield context.call_activity("say", moment.isoformat())  # yield: now


def uses_utcnow(context: Context) -> Steps:
    yield context.call_activity("say", str(datetime.utcnow()))  # yield: utcnow # cause: utcnow


def uses_today(context: Context) -> Steps:
    yield context.call_activity("say", 0)
    today = date.today()  # cause: today
    yield context.call_activity("say", str(today))  # yield: today


def uses_time(context: Context) -> Steps:
    yield context.call_activity("say", 0)
    if time.time() % 2 < 1:  # cause: time
        yield context.call_activity("say", "even")
    yield context.call_activity("say", "always")


def uses_monotonic(context: Context) -> Steps:
    started = time.monotonic()  # cause: monotonic
    yield context.call_activity("say", started)  # yield: monotonic


def uses_random(context: Context) -> Steps:
    yield context.call_activity("say", 0)
    pause = random.random()  # cause: random
    yield context.create_timer(  # yield: random
        context.current_utc_datetime + timedelta(seconds=pause)
    )


def uses_choice(context: Context) -> Steps:
    picked = random.choice(["a", "b", "c"])  # cause: choice
    yield context.call_activity("say", picked)  # yield: choice


def uses_shuffle(context: Context) -> Steps:
    items = list(range(9))
    random.shuffle(items)  # cause: shuffle
    yield context.call_activity("say", items)  # yield: shuffle


def uses_uuid4(context: Context) -> Steps:
    number = uuid.uuid4()  # cause: uuid4
    yield context.call_activity("say", str(number))  # yield: uuid4


def uses_uuid1(context: Context) -> Steps:
    yield context.call_activity("say", str(uuid.uuid1()))  # yield: uuid1 # cause: uuid1


def uses_secrets(context: Context) -> Steps:
    token = secrets.token_hex(8)  # cause: secrets
    yield context.call_activity("say", token)  # yield: secrets


def uses_urandom(context: Context) -> Steps:
    noise = os.urandom(4).hex()  # cause: urandom
    yield context.call_activity("say", noise)  # yield: urandom


def uses_own_generator(context: Context) -> Steps:
    rng = random.Random()  # cause: own_generator
    yield context.call_activity("say", rng.randint(0, 10**9))  # yield: own_generator


def uses_is_replaying(context: Context) -> Steps:
    if not context.is_replaying:
        yield context.call_activity("say", "only once")  # yield: is_replaying
    yield context.call_activity("say", "always")


def uses_is_replaying_late(context: Context) -> Steps:
    yield context.call_activity("say", 0)
    if not context.is_replaying:
        yield context.call_activity("say", "only once")  # yield: is_replaying_late
    return "end"


def _picked(context: Context) -> Steps:
    number = uuid.uuid4()  # cause: helper
    return (yield context.call_activity("say", str(number)))  # yield: helper


def uses_helper(context: Context) -> Steps:
    yield context.call_activity("say", 0)
    return (yield from _picked(context))


def uses_closure(context: Context) -> Steps:
    def stamp() -> str:
        return datetime.now().isoformat()  # cause: closure

    yield context.call_activity("say", stamp())  # yield: closure


def _decorated(function: Function) -> Function:
    @functools.wraps(function)
    def wrapper(context: Context) -> Steps:
        return (yield from function(context))

    return wrapper


@_decorated
def uses_decorated(context: Context) -> Steps:
    moment = time.time_ns()  # cause: decorated
    yield context.call_activity("say", moment)  # yield: decorated


def uses_output(context: Context) -> Steps:
    yield context.call_activity("say", 0)
    return datetime.now().isoformat()  # cause: output


def uses_child_id(context: Context) -> Steps:
    chosen = f"kid-{uuid.uuid4()}"  # cause: child_id
    yield context.call_sub_orchestrator("right_input", None, chosen)  # yield: child_id


def uses_continue_as_new(context: Context) -> Steps:
    yield context.call_activity("say", 0)
    if context.get_input() is None:
        context.continue_as_new(random.getrandbits(64))  # cause: continue_as_new


# --- their twins, which are right ---------------------------------------------------------------


def right_clock(context: Context) -> Steps:
    yield context.call_activity("say", context.current_utc_datetime.isoformat())
    yield context.create_timer(context.current_utc_datetime + timedelta(seconds=1))
    return context.current_utc_datetime.isoformat()


def right_seed(context: Context) -> Steps:
    rng = random.Random(context.instance_id)
    yield context.call_activity("say", rng.random())
    yield context.call_activity("say", rng.sample(range(99), 5))


def right_uuid(context: Context) -> Steps:
    yield context.call_activity("say", context.new_uuid())
    yield context.call_activity("say", str(uuid.uuid5(uuid.NAMESPACE_OID, context.instance_id)))


def right_logging(context: Context) -> Steps:
    logging.getLogger("wfsim.tests").debug("before at %s", datetime.now())
    yield context.call_activity("say", 0)
    if not context.is_replaying:
        logging.getLogger("wfsim.tests").debug("after at %s %s", time.time(), uuid.uuid4())
    return "end"


def right_measuring(context: Context) -> Steps:
    began = time.perf_counter()
    yield context.call_activity("say", 0)
    logging.getLogger("wfsim.tests").debug("took %.3f s", time.perf_counter() - began)


def right_input(context: Context) -> Steps:
    yield context.call_activity("say", context.get_input())
    return {"a": [1, 2.5, None, "ü"]}


def right_helper(context: Context) -> Steps:
    def steps(names: Iterator[str]) -> Steps:
        for name in names:
            yield context.call_activity("say", name)

    yield from steps(iter(["a", "b"]))


def right_error(context: Context) -> Steps:
    yield context.call_activity("say", 0)
    raise ValueError(f"at {datetime.now()} for {object()}")


WRONG: dict[str, Any] = {
    name.removeprefix("uses_"): value
    for name, value in list(globals().items())
    if name.startswith("uses_")
}
RIGHT: dict[str, Any] = {
    name.removeprefix("right_"): value
    for name, value in list(globals().items())
    if name.startswith("right_")
}
