"""A small app with HTTP starters, as text: each test that serves it gets its own copy."""

SMALL_APP = """
import asyncio
import json
import sys
import uuid
from datetime import datetime, timedelta, timezone

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
visitors = []
rings = []


@app.route(route="echo/{*rest}", methods=METHODS)
def echo(req: func.HttpRequest) -> func.HttpResponse:
    said = {
        "method": req.method,
        "url": req.url,
        "headers": dict(req.headers),
        "body": req.get_body().decode("latin-1"),
    }
    return func.HttpResponse(json.dumps(said), mimetype="application/json")


@app.route(route="visit/{name}", methods=["POST"])
def visit(req: func.HttpRequest) -> str:
    visitors.append(req.route_params["name"])
    return " ".join(visitors)


@app.route(route="now")
def now(req: func.HttpRequest) -> str:
    return datetime.now(timezone.utc).isoformat()


@app.route(route="nap/{seconds}")
async def nap(req: func.HttpRequest) -> str:
    await asyncio.sleep(float(req.route_params["seconds"]))
    visitors.append("sleeper")
    return "slept " + req.route_params["seconds"]


@app.route(route="stuck")
async def stuck(req: func.HttpRequest) -> str:
    await asyncio.Event().wait()


@app.route(route="busy")
def busy(req: func.HttpRequest) -> str:
    print("busy", flush=True)
    while True:
        pass


@app.route(route="spin")
async def spin(req: func.HttpRequest) -> str:
    while True:
        await asyncio.sleep(0)


@app.route(route="fail")
def fail(req: func.HttpRequest) -> str:
    raise ValueError("out of paper")


@app.route(route="quit")
def quit(req: func.HttpRequest) -> str:
    sys.exit(7)


@app.route(route="odd")
def odd(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("odd", headers={"X-Odd": "two\\nlines"})


@app.route(route="key", auth_level=func.AuthLevel.FUNCTION)
def key(req: func.HttpRequest) -> str:
    return "in"


@app.route(route="start/{name}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client) -> func.HttpResponse:
    given = json.loads(req.get_body() or b"null")
    instance_id = await client.start_new(req.route_params["name"], None, given)
    return client.create_check_status_response(req, instance_id)


@app.orchestration_trigger(context_name="context")
def wait(context: df.DurableOrchestrationContext):
    seconds = float(context.get_input() or 2)
    yield context.create_timer(context.current_utc_datetime + timedelta(seconds=seconds))
    return "done"


@app.orchestration_trigger(context_name="context")
def many(context: df.DurableOrchestrationContext):
    for _ in range(int(context.get_input())):
        yield context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    return "done"


@app.orchestration_trigger(context_name="context")
def dice(context: df.DurableOrchestrationContext):
    return (yield context.call_activity("say", str(uuid.uuid4())))


@app.activity_trigger(input_name="value")
def say(value: str) -> str:
    return value


@app.timer_trigger(arg_name="timer", schedule="0 0 * * * *")
def ring(timer: func.TimerRequest) -> None:
    rings.append(1)


@app.route(route="rings")
def count_rings(req: func.HttpRequest) -> str:
    return str(len(rings))
"""
