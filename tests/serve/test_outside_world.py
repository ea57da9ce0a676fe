"""What a served app gets from the world outside: nothing, but it is told so."""

from __future__ import annotations

from pathlib import Path

from wfsim.runs import OrchestrationRun
from wfsim.serve.command import open_world
from wfsim.serve.options import ServeOptions

APP = """
import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def ask(context):
    answer = yield context.call_http("GET", "https://rates.example/eur")
    return answer["statusCode"]
"""


def test_a_request_that_may_not_leave_fails_like_one_without_network(tmp_path: Path) -> None:
    """A server goes on: the task fails, and its text names the option."""
    (tmp_path / "function_app.py").write_text(APP, encoding="utf-8")
    world = open_world(ServeOptions(app=str(tmp_path)), "http://localhost:7071")
    try:
        task = world.spawn(
            world.host.transport.post("http://127.0.0.1:17071/durabletask/orchestrators/ask"),
            name="start",
        )
        world.run_until_idle()
        run = OrchestrationRun(world, task.result()[1]["id"])
        assert run.status == "Failed"
        assert "--allow-network 'https://rates.example/*'" in str(run.failure)
    finally:
        world.close(check=False)
