"""An app that opens connections, as text."""

NETWORKED_APP = """
import asyncio
import json
import threading
import urllib.request
from datetime import datetime, timezone

import aiohttp
import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
pool = []


async def by_client(url):
    async with aiohttp.ClientSession() as client, client.get(url) as response:
        return await response.text()


async def by_pool(url):
    if not pool:
        pool.append(aiohttp.ClientSession())
    async with pool[0].get(url) as response:
        return await response.text()


async def close_pool(url):
    await pool[0].close()
    return "closed"


async def by_stream(url):
    host, _, port = url.split("/")[2].partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    path = "/" + url.split("/", 3)[3]
    head = f"GET {path} HTTP/1.1\\r\\nHost: {host}\\r\\nConnection: close\\r\\n\\r\\n"
    writer.write(head.encode())
    try:
        answer = await reader.read()
    finally:
        writer.close()
    await writer.wait_closed()
    return answer.partition(b"\\r\\n\\r\\n")[2].decode()


async def by_timeout(url):
    async with asyncio.timeout(3600):
        return await by_stream(url)


async def by_thread(url):
    loop, heard = asyncio.get_running_loop(), asyncio.Event()
    threading.Thread(target=lambda: loop.call_soon_threadsafe(heard.set)).start()
    await heard.wait()
    return await by_stream(url)


ways = [by_client, by_pool, close_pool, by_stream, by_timeout, by_thread]


async def asked(given):
    way = next(way for way in ways if way.__name__ == given["way"])
    try:
        text = await way(given["url"])
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return text + " at " + datetime.now(timezone.utc).isoformat()


@app.route(route="ask", methods=["POST"])
async def ask(req: func.HttpRequest) -> str:
    return await asked(req.get_json())


@app.route(route="ask_blocking", methods=["POST"])
def ask_blocking(req: func.HttpRequest) -> str:
    try:
        with urllib.request.urlopen(req.get_json()["url"]) as response:
            return response.read().decode()
    except OSError as error:
        return str(error)


@app.route(route="ask_run", methods=["POST"])
def ask_run(req: func.HttpRequest) -> str:
    return asyncio.run(asked(req.get_json()))


@app.route(route="hello")
def hello(req: func.HttpRequest) -> str:
    return "hello"


@app.activity_trigger(input_name="given")
async def fetch(given: dict) -> str:
    return await asked(given)


@app.orchestration_trigger(context_name="context")
def fetching(context: df.DurableOrchestrationContext):
    return (yield context.call_activity("fetch", context.get_input()))


@app.route(route="start/{name}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client) -> func.HttpResponse:
    instance_id = await client.start_new(req.route_params["name"], None, req.get_json())
    return client.create_check_status_response(req, instance_id)


@app.orchestration_trigger(context_name="context")
def naps(context: df.DurableOrchestrationContext):
    from datetime import timedelta
    for _ in range(3):
        yield context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    return "slept"
"""
