"""An app for the webhooks' tests, and what they say to its host."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.apps import Context, Steps, app_of
from wfsim import HostSettings, Simulation

__all__ = ["BASE", "SETTINGS", "Client", "example", "webhooks_app"]

BASE = "/runtime/webhooks/durabletask"
SETTINGS = HostSettings(default_version="1")


def example(name: str) -> Any:
    """Return one of the wire examples."""
    path = Path(__file__).parent / "wire_examples" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def waiting(context: Context) -> Steps:
    """Return the payload of the event `go`; one that is "fail" fails."""
    kind = yield context.wait_for_external_event("go")
    if kind == "fail":
        raise ValueError("asked to")
    return kind


def echo(context: Context) -> object:
    """Return the input."""
    return context.get_input()


def order(context: Context) -> Steps:
    """Do one thing of each kind."""
    context.set_custom_status("greeting")
    said = yield context.call_activity("say", "Hello Tokyo")
    child = yield context.call_sub_orchestrator("echo", {"n": 1})
    timer = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    yield context.task_any([context.wait_for_external_event("approve"), timer])
    timer.cancel()
    return [said, child]


def tired(context: Context) -> Steps:
    """Sleep for as many seconds as the input says, then return "rested"."""
    yield context.create_timer(
        context.current_utc_datetime + timedelta(seconds=context.get_input())
    )
    return "rested"


def broken(context: Context) -> Steps:
    """Fail with the activity that it calls."""
    yield context.call_activity("boom", 1)


def counter(context: Context) -> None:
    """Add, rest for a minute, or forget everything."""
    if context.operation_name == "delete":
        context.destruct_on_exit()
    elif context.operation_name == "rest":
        time.sleep(60)
    else:
        context.set_state(context.get_state(lambda: 0) + context.get_input())


def webhooks_app() -> Any:
    """Return the app; its entities are `Counter` and `Box`."""
    app = app_of(waiting, echo, order, tired, broken)
    app.entity_trigger(context_name="context", entity_name="Counter")(counter)
    app.entity_trigger(context_name="context", entity_name="Box")(boxed)
    return app


def boxed(context: Context) -> None:
    """Keep the input."""
    context.set_state(context.get_input())


class Client:
    """Speaks HTTP to the durable extension of a simulation."""

    def __init__(self, sim: Simulation) -> None:
        self.sim = sim

    def call(self, method: str, route: str, **options: Any) -> Any:
        """Send a request to a route below the extension's base, and return the answer."""
        return self.sim.http.request(method, f"{BASE}/{route}", **options)

    def get(self, route: str, **params: object) -> Any:
        """Send a GET request."""
        return self.call("GET", route, params=params)

    def post(self, route: str, **params: object) -> Any:
        """Send a POST request without a body."""
        return self.call("POST", route, params=params)

    def start(self, name: str, instance_id: str, input: object = None) -> None:  # noqa: A002
        """Start an orchestration as Python's client does, and let it run."""
        body = None if input is None else json.dumps(json.dumps(input))
        answer = self.call("POST", f"orchestrators/{name}/{instance_id}", body=body)
        assert answer.status_code == 202, answer.text
        self.sim.run_until_idle()

    def send(self, instance_id: str, event: str, value: object) -> Any:
        """Raise an event and let it arrive."""
        answer = self.call("POST", f"instances/{instance_id}/raiseEvent/{event}", json=value)
        self.sim.run_until_idle()
        return answer

    def reach(self, state: str) -> None:
        """Bring the instance "i" into a state."""
        if state == "missing":
            return
        if state == "Pending":
            # Versions of the future wait for a host that runs them.
            assert self.post("orchestrators/waiting/i", version="9").status_code == 202
            return
        self.start("waiting", "i")
        if state in {"Completed", "Failed"}:
            self.send("i", "go", "fail" if state == "Failed" else "ok")
        elif state == "Suspended":
            self.post("instances/i/suspend", reason="pause")
        elif state == "Terminated":
            self.post("instances/i/terminate", reason="enough")
        self.sim.run_until_idle()
        assert self.sim.run("i").status == state
