"""An app with functions that scenarios reach from outside, and an entity that remembers."""

OUTSIDE_APP = """
import asyncio
import json
import time

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)


@app.route(route="begin/{name}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def begin(req: func.HttpRequest, client) -> func.HttpResponse:
    name, instance_id = req.route_params["name"], req.params.get("id")
    instance_id = await client.start_new(name, instance_id, req.get_json())
    return func.HttpResponse(instance_id, status_code=202)


@app.route(route="remember")
@app.durable_client_input(client_name="client")
async def remember(req: func.HttpRequest, client) -> str:
    seen = {
        "method": req.method,
        "kind": req.headers.get("content-type", ""),
        "colour": req.headers.get("x-colour", ""),
        "params": dict(req.params),
        "body": req.get_body().decode(),
    }
    await client.signal_entity(df.EntityId("box", "http"), "set", seen)
    return "seen"


@app.route(route="slow")
async def slow(req: func.HttpRequest) -> str:
    await asyncio.sleep(5)
    return "late"


@app.route(route="broken")
def broken(req: func.HttpRequest) -> str:
    raise ValueError("no such luck")


@app.queue_trigger(arg_name="message", queue_name="q", connection="AzureWebJobsStorage")
@app.durable_client_input(client_name="client")
async def take(message: func.QueueMessage, client) -> None:
    box = df.EntityId("box", "queue")
    body = message.get_body().decode()
    if body == "bad":
        raise KeyError("poison")
    if body == "slow":
        await asyncio.sleep(60)
    await client.signal_entity(box, "set", [body, message.dequeue_count])


@app.orchestration_trigger(context_name="context")
def echo(context):
    return context.get_input()
    yield


@app.orchestration_trigger(context_name="context")
def fail(context):
    raise ValueError(context.get_input())
    yield


@app.orchestration_trigger(context_name="context")
def listen(context):
    return (yield context.wait_for_external_event("go"))


@app.orchestration_trigger(context_name="context")
def family(context):
    return (yield context.call_sub_orchestrator("echo", context.get_input()))


@app.orchestration_trigger(context_name="context")
def leave_a_mark(context):
    context.signal_entity(df.EntityId("box", "mark"), "set late", 1)
    return "left"
    yield


@app.orchestration_trigger(context_name="context")
def fetch(context):
    answers = []
    for url in context.get_input():
        try:
            answer = yield context.call_http("GET", url)
            answers.append([answer["statusCode"], answer["content"]])
        except Exception as error:
            answers.append("failed" if "cut off" in str(error) else str(error))
    return answers


@app.entity_trigger(context_name="context")
def box(context):
    match context.operation_name:
        case "set":
            context.set_state(context.get_input())
        case "set late":
            time.sleep(2)
            context.set_state("late")
        case "add":
            context.set_state(context.get_state(lambda: 0) + context.get_input())
        case "touch":
            context.set_result(None)
        case "drop":
            context.destruct_on_exit()
"""
