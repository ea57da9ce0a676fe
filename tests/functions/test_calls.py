"""How functions are called: context, outputs, inputs, and what the worker refuses."""

from __future__ import annotations

import asyncio
from typing import Any

import azure.functions as func
import pytest

from tests.functions.conftest import OpenApp
from tests.functions.support import failures, started
from wfsim import FunctionFailed, UsageError
from wfsim.errors import AppLoadError


def test_a_function_gets_its_context(app: func.FunctionApp, open_app: OpenApp) -> None:
    """`context` tells name, folder and id of the call, and that nothing is retried."""
    seen: list[Any] = []

    @app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
    def ready(timer: func.TimerRequest, context: func.Context) -> None:
        seen.append(context)

    sim = open_app(app)
    sim.trigger("Ready")
    context = seen[0]
    assert context.function_name == "ready"
    assert context.function_directory.endswith("functions")
    assert context.invocation_id == started(sim)[0].instance_id
    assert context.thread_local_storage.invocation_id == context.invocation_id
    assert context.trace_context.trace_parent == ""
    assert context.retry_context.retry_count == 0


def test_outputs_are_captured(app: func.FunctionApp, open_app: OpenApp) -> None:
    """What a function puts into outputs, or returns to one, is in the result by its name."""

    @app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
    @app.queue_output(arg_name="one", queue_name="q", connection="c")
    @app.queue_output(arg_name="many", queue_name="q", connection="c")
    @app.blob_output(arg_name="unset", path="a/b", connection="c")
    @app.generic_output_binding(arg_name="$return", type="queue", queue_name="q", connection="c")
    def f(
        timer: func.TimerRequest,
        one: func.Out[str],
        many: func.Out[list[str]],
        unset: func.Out[bytes],
    ) -> str:
        one.set("1")
        many.set(["2", "3"])
        return "4"

    call = open_app(app).trigger("f")
    assert call.returned == "4"
    assert call.outputs == {"one": "1", "many": ["2", "3"], "unset": None, "$return": "4"}


def test_an_output_refuses_what_it_cannot_carry(app: func.FunctionApp, open_app: OpenApp) -> None:
    """A value that a binding cannot encode fails the call with the worker's words."""

    @app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
    @app.queue_output(arg_name="out", queue_name="q", connection="c")
    def f(timer: func.TimerRequest, out: func.Out[func.QueueMessage]) -> None:
        out.set(5)  # type: ignore[arg-type]

    sim = open_app(app)
    with pytest.raises(FunctionFailed, match="unable to encode outgoing TypedData"):
        sim.trigger("f")


def test_returning_to_nothing_fails(app: func.FunctionApp, open_app: OpenApp) -> None:
    """A value returned without a binding for it fails the call, as in the worker."""

    @app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
    def f(timer: func.TimerRequest) -> str:
        return "x"

    with pytest.raises(FunctionFailed, match=r"without a \$return binding"):
        open_app(app).trigger("f")


def test_inputs_come_from_the_test(app: func.FunctionApp, open_app: OpenApp) -> None:
    """Input bindings get the test's values as the SDK's objects, or as plain text and bytes."""
    seen: dict[str, Any] = {}

    @app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
    @app.blob_input(arg_name="stream", path="a/b", connection="c")
    @app.blob_input(arg_name="raw", path="a/b", connection="c")
    @app.cosmos_db_input(arg_name="docs", database_name="d", container_name="c", connection="c")
    @app.table_input(arg_name="rows", connection="c", table_name="t")
    @app.blob_input(arg_name="none", path="a/b", connection="c")
    @app.blob_input(arg_name="made", path="a/b", connection="c")
    def f(
        timer: func.TimerRequest,
        stream: func.InputStream,
        raw: bytes,
        docs: func.DocumentList,
        rows: str,
        none: func.InputStream,
        made: func.InputStream,
    ) -> None:
        seen.update(stream=stream.read(), raw=raw, docs=docs[0]["id"], rows=rows)
        seen.update(none=none, made=made)

    mine = object()
    inputs = {
        "stream": "text",
        "raw": b"raw",
        "docs": [{"id": "1"}],
        "rows": [{"RowKey": "r"}],
        "none": None,
        "made": mine,
    }
    open_app(app).trigger("f", inputs=inputs)
    assert seen == {
        "stream": b"text",
        "raw": b"raw",
        "docs": "1",
        "rows": '[{"RowKey": "r"}]',
        "none": None,
        "made": mine,
    }


def test_a_missing_input_is_named(app: func.FunctionApp, open_app: OpenApp) -> None:
    """Without value an input is refused, naming function, parameter and type; so is a stranger."""

    @app.route()
    @app.blob_input(arg_name="data", path="a/b", connection="c")
    def web(req: func.HttpRequest, data: func.InputStream) -> str:
        return "x"

    @app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
    @app.blob_input(arg_name="data", path="a/b", connection="c")
    def f(timer: func.TimerRequest, data: func.InputStream) -> None: ...

    sim = open_app(app)
    with pytest.raises(UsageError, match=r"'f' .* 'data' .* 'blob'\.\n.*inputs=\{'data': …\}"):
        sim.trigger("f")
    with pytest.raises(UsageError, match=r"no input binding 'dota'. Did you mean 'data'?"):
        sim.trigger("f", inputs={"dota": 1})
    assert sim.http.get("/api/web").status_code == 500
    assert "'web' reads its parameter 'data'" in failures(sim)[0]


def test_the_client_comes_as_text(app: func.FunctionApp, open_app: OpenApp) -> None:
    """A durable client's binding is JSON text of the host."""

    @app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
    @app.generic_input_binding(arg_name="starter", type="durableClient", task_hub="Mine")
    def f(timer: func.TimerRequest, starter: str) -> None:
        assert starter.startswith('{"')
        assert '"Mine"' in starter

    open_app(app).trigger("f")


def _unbound(app: func.FunctionApp) -> None:
    @app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
    def f(timer: func.TimerRequest, stranger: int) -> None: ...


def _missing(app: func.FunctionApp) -> None:
    @app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
    def f() -> None: ...


def _wrong_type(app: func.FunctionApp) -> None:
    @app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
    def f(timer: int) -> None: ...


def _no_type(app: func.FunctionApp) -> None:
    @app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
    def f(timer: func.TimerRequest | None) -> None: ...


def _no_out(app: func.FunctionApp) -> None:
    @app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
    @app.queue_output(arg_name="out", queue_name="q", connection="c")
    def f(timer: func.TimerRequest, out: str) -> None: ...


def _out_for_in(app: func.FunctionApp) -> None:
    @app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
    def f(timer: func.Out[str]) -> None: ...


def _wrong_context(app: func.FunctionApp) -> None:
    @app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
    def f(timer: func.TimerRequest, context: str) -> None: ...


def _unreadable(app: func.FunctionApp) -> None:
    @app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
    def f(timer: Unknown) -> None: ...  # type: ignore[name-defined] # noqa: F821


@pytest.mark.parametrize(
    ("declare", "why"),
    [
        (_unbound, "declared in Python but not in function.json: 'stranger'"),
        (_missing, "declared in function.json but not in Python: 'timer'"),
        (_wrong_type, '"timerTrigger" does not match its Python annotation "int"'),
        (_no_type, "binding timer has invalid non-type annotation"),
        (_no_out, "not a subclass of azure.functions.Out"),
        (_out_for_in, "annotation is azure.functions.Out"),
        (_wrong_context, "expected to be of type azure.functions.Context"),
        (_unreadable, "its annotations cannot be read: name 'Unknown' is not defined"),
    ],
)
def test_what_the_worker_would_not_load_fails(
    app: func.FunctionApp, open_app: OpenApp, declare: Any, why: str
) -> None:
    """A signature that the worker refuses fails every call, in its words; others run."""

    @app.route()
    def fine(req: func.HttpRequest) -> str:
        return "x"

    declare(app)
    sim = open_app(app)
    with pytest.raises(FunctionFailed) as caught:
        sim.trigger("f")
    assert isinstance(caught.value.__cause__, AppLoadError)
    assert "cannot load the f function" in str(caught.value)
    assert why in str(caught.value)
    assert sim.http.get("/api/fine").status_code == 200


@pytest.mark.parametrize("is_async", [False, True])
def test_a_tests_own_verdict_gets_out(
    app: func.FunctionApp, open_app: OpenApp, *, is_async: bool
) -> None:
    """pytest.fail() inside of a function is no 500: it ends the test."""

    def sync(req: func.HttpRequest) -> str:
        pytest.fail("wrong")

    async def coroutine(req: func.HttpRequest) -> str:
        await asyncio.sleep(1)
        pytest.fail("wrong")

    app.function_name("f")(app.route("f")(coroutine if is_async else sync))
    sim = open_app(app)
    with pytest.raises(pytest.fail.Exception, match="wrong"):
        sim.http.get("/api/f")


def test_a_cancelled_error_of_the_function_is_a_failure(
    app: func.FunctionApp, open_app: OpenApp
) -> None:
    """A CancelledError that the function raised by itself fails the call, and nothing else."""

    @app.route()
    async def f(req: func.HttpRequest) -> str:
        raise asyncio.CancelledError

    sim = open_app(app)
    assert sim.http.get("/api/f").status_code == 500
    assert failures(sim) == ["asyncio.exceptions.CancelledError"]


def test_functions_are_found_by_name(app: func.FunctionApp, open_app: OpenApp) -> None:
    """Names are found without case; an unknown one shows the nearest."""

    @app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
    def ready(timer: func.TimerRequest) -> None: ...

    sim = open_app(app)
    with pytest.raises(UsageError, match=r"no function 'redy'\. Did you mean 'ready'"):
        sim.trigger("redy")
    functions = sim._world.host.functions
    assert functions.find("READY").function_name == "ready"
    assert [function.function_name for function in functions.others()] == ["ready"]
