"""What is served while serving is measured: a chain of three activities, and who starts it."""

from collections.abc import Generator
from typing import Any

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="chains", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start_chain(
    req: func.HttpRequest, client: df.DurableOrchestrationClient
) -> func.HttpResponse:
    """Start a chain at the number in the body."""
    instance_id = await client.start_new("chain", client_input=req.get_json()["number"])
    response: func.HttpResponse = client.create_check_status_response(req, instance_id)
    return response


@app.orchestration_trigger(context_name="context")
def chain(context: df.DurableOrchestrationContext) -> Generator[Any, Any, dict[str, int]]:
    """Call three activities, each with the result of the last."""
    first = context.get_input()
    number = yield context.call_activity("increment", first)
    number = yield context.call_activity("increment", number)
    number = yield context.call_activity("increment", number)
    return {"from": first, "to": number}


@app.activity_trigger(input_name="number")
def increment(number: int) -> int:
    """Add one."""
    return number + 1
