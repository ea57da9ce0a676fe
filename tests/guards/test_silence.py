"""What is no doing of the orchestrator, or varies with nothing, is not heard."""

from __future__ import annotations

import copy
import logging
import os
import pathlib
import random
import time
import traceback
import uuid
import warnings
import zoneinfo
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.apps import Context, Steps, app_of
from tests.guards.support import heard
from wfsim import Simulation

LOG = logging.getLogger("tests.guards")


class _Stamps(logging.Handler):
    """A handler of the user's own, which goes where it likes."""

    def emit(self, record: logging.LogRecord) -> None:
        time.time()
        pathlib.Path(__file__).stat()
        self.format(record)


def uses_the_sdk(context: Context) -> Steps:
    now = context.current_utc_datetime
    context.new_uuid()
    context.set_custom_status({"at": now.isoformat()})
    yield context.create_timer(now + timedelta(minutes=1))
    tasks = [context.call_activity("say", n) for n in range(3)]
    yield context.task_all([*tasks, context.call_sub_orchestrator("child")])
    winner = context.wait_for_external_event("never")
    yield context.task_any([winner, context.create_timer(now + timedelta(hours=1))])
    yield context.call_http("GET", "https://rates.example/eur")


def seeds(context: Context) -> Steps:
    rng = random.Random(context.instance_id)
    values = [rng.random(), rng.choice("abc"), rng.getrandbits(9), rng.gauss(0, 1)]
    rng.shuffle(values)
    yield context.call_activity("say", values)


def computes(context: Context) -> Steps:
    uuid.uuid5(uuid.NAMESPACE_URL, context.instance_id)
    uuid.UUID(int=7)
    datetime(2000, 1, 1, tzinfo=UTC).astimezone(zoneinfo.ZoneInfo("UTC"))
    datetime.strptime("2000-01-02", "%Y-%m-%d")
    datetime.fromtimestamp(7, UTC)
    datetime.fromisoformat("2000-01-02")
    time.strftime("%Y", time.gmtime(7))
    copy.deepcopy({"a": [1, 2]})
    pathlib.Path("a/b").with_suffix(".c")
    yield context.call_activity("say", 0)


def logs(context: Context) -> Steps:
    LOG.warning("started %s", context.instance_id)
    yield context.call_activity("say", 0)
    LOG.warning("said")


def warns_and_fails(context: Context) -> Steps:
    warnings.warn("careful", UserWarning, stacklevel=1)
    try:
        yield context.call_activity("boom", 0)
    except Exception:
        traceback.format_exc()


def imports(context: Context) -> Steps:
    import this_reads_the_clock  # type: ignore[import-not-found]

    yield context.call_activity("say", this_reads_the_clock.STARTED is not None)


def reads_platform(context: Context) -> Steps:
    yield context.call_activity("say", os.environ["WEBSITE_HOSTNAME"])


def child(context: Context) -> Steps:
    yield context.call_activity("say", 0)


QUIET = [uses_the_sdk, seeds, computes, logs, imports, reads_platform]


@pytest.mark.parametrize("orchestrator", QUIET, ids=lambda function: function.__name__)
def test_it_is_not_heard(
    orchestrator: Callable[[Context], Steps],
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The SDK, seeds, what is computed, logs and imports are no findings."""
    module = "import time, os\nSTARTED = time.time()\nHOME = os.environ.get('HOME')\n"
    (tmp_path / "this_reads_the_clock.py").write_text(module, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    handler = _Stamps()
    LOG.addHandler(handler)
    try:
        with Simulation(app_of(orchestrator, child), findings="error") as sim:
            sim.stub_http("GET", "https://rates.example/*", json=1)
            sim.start(orchestrator.__name__).result(timeout="1d")
            sim.close(check=False)
    finally:
        LOG.removeHandler(handler)
    assert sim.findings == [] or {item.code for item in sim.findings} <= {"WF103"}
    assert heard(sim) == []


def test_warnings_and_tracebacks_are_not_heard() -> None:
    """Both read source files to show lines of them."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with Simulation(app_of(warns_and_fails), findings="ignore") as sim:
            sim.start("warns_and_fails").result()
    assert "careful" in str(caught[0].message)
    assert heard(sim) == []


def test_what_libraries_do_is_the_doing_of_who_calls_them() -> None:
    """The user's line is named, and the function that stands there."""

    def asks(context: Context) -> Steps:
        import urllib.request

        try:
            urllib.request.urlopen("http://127.0.0.1:9/")
        except OSError:
            yield context.call_activity("say", 0)

    with Simulation(app_of(asks), findings="ignore", guard="warn") as sim:
        sim.start("asks").result()
    ((_, message),) = heard(sim)
    assert message == "asks goes to the network: urllib.request.urlopen()."


def test_what_the_sdk_calls_of_the_users_is_the_users() -> None:
    """An input's own `to_json` runs in the orchestrator."""

    class Order:
        @staticmethod
        def to_json(order: Order) -> str:
            return str(time.time())

        @staticmethod
        def from_json(text: str) -> Order:
            return Order()

    def orders(context: Context) -> Steps:
        yield context.call_activity("say", Order())

    options: dict[str, Any] = {"findings": "ignore", "replay": "off"}
    with Simulation(app_of(orders), **options) as sim:
        sim.start("orders")
        sim.run_until_idle()
    ((_, message),) = heard(sim)
    assert message.startswith("orders reads a clock")
