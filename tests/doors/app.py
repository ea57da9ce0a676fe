"""The app behind both doors: orchestrations, entities, and functions that ask for a client."""

from __future__ import annotations

from typing import Any

import azure.functions as func

from tests.apps import Context, Steps, app_of
from tests.webhooks.app import boxed, broken, counter, echo, tired, waiting

__all__ = ["doors_app"]


def trip(context: Context) -> Steps:
    """Pack, then fly, which fails until the weather is fine."""
    context.set_custom_status("packing")
    packed = yield context.call_activity("say", "packed")
    flown = yield context.call_activity("fly", 1)
    return [packed, flown]


def doors_app() -> Any:
    """Return the app; its entities are `Counter` and `Box`."""
    app = app_of(waiting, echo, tired, broken, trip)
    app.entity_trigger(context_name="context", entity_name="Counter")(counter)
    app.entity_trigger(context_name="context", entity_name="Box")(boxed)
    weather = {"is_fine": False}

    @app.activity_trigger(input_name="attempt")
    def fly(attempt: int) -> str:
        if not weather["is_fine"]:
            raise OSError("storm")
        return "flown"

    @app.route(route="weather", methods=["PUT"])
    def put_weather(req: func.HttpRequest) -> str:
        weather["is_fine"] = req.get_json()["is_fine"]
        return "noted"

    @app.route(route="runs/{id}", methods=["POST"])
    @app.durable_client_input(client_name="client")
    async def post_run(req: func.HttpRequest, client: Any) -> Any:
        run_id = await client.start_new("waiting", req.route_params["id"], req.get_json())
        return client.create_check_status_response(req, run_id)

    @app.route(route="runs/{id}", methods=["GET"])
    @app.durable_client_input(client_name="client")
    async def get_run(req: func.HttpRequest, client: Any) -> Any:
        return await client.wait_for_completion_or_create_check_status_response(
            req, req.route_params["id"], 2_000, 500
        )

    return app
