"""The server as a process: when it says that it listens, how it ends, how fast it starts."""

from __future__ import annotations

import asyncio
import re
import resource
import signal
import time
from pathlib import Path

import aiohttp
import pytest

from tests.serve.conftest import launch, until, wfsim_command

BUSY_S = 5
"""What is a second at most on an idle machine; what does not end by itself takes `PATIENCE_S`."""

pytestmark = [pytest.mark.asyncio, pytest.mark.slow]


async def _status(url: str) -> int:
    async with aiohttp.ClientSession() as client, client.get(url) as response:
        await response.read()
        return response.status


async def test_it_starts_fast_and_says_where(small_app: Path) -> None:
    """It lists the functions, prints the line when it listens, and needs under two seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    async with launch(*wfsim_command("serve", small_app, "--port", 0)) as server:
        assert await _status(server.url) == 200
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Seconds of the processor: those of a clock depend on what else the machine does.
    assert after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime < 2
    assert re.fullmatch(r"Listening on http://localhost:\d+ \(--clock real: .*\)", server.listening)
    said = "\n".join(server.lines)
    assert f"[POST] {server.url}/api/start/{{name}}" in said
    assert re.search(r"^  wait +orchestrationTrigger$", said, re.MULTILINE)
    assert "\x1b" not in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_signals_end_it_cleanly(small_app: Path, number: int) -> None:
    """Ctrl-C and SIGTERM end it within a second with exit code 0, requests open or not."""
    command = wfsim_command("serve", small_app, "--port", 0)
    async with launch(*command) as server, aiohttp.ClientSession() as client:
        stuck = asyncio.ensure_future(client.get(f"{server.url}/api/stuck"))
        assert await _status(f"{server.url}/api/echo/x") == 200
        code, took_s, errors = await server.end(number)
        await asyncio.gather(stuck, return_exceptions=True)
    assert code == 0
    assert took_s < BUSY_S
    assert errors == ""


async def test_a_function_that_never_returns_does_not_keep_it(small_app: Path) -> None:
    """Also while a function runs an endless loop, a signal ends it within a second."""
    command = wfsim_command("serve", small_app, "--port", 0)
    async with launch(*command) as server, aiohttp.ClientSession() as client:
        busy = asyncio.ensure_future(client.get(f"{server.url}/api/busy"))
        await server.wait_for_line("busy")
        code, took_s, _ = await server.end(signal.SIGTERM)
        await asyncio.gather(busy, return_exceptions=True)
    assert code == 0
    assert took_s < BUSY_S


async def test_other_addresses_are_told(small_app: Path) -> None:
    """It says so when not only this machine can reach it; --quiet leaves the functions out."""
    command = wfsim_command("serve", small_app, "--port", 0, "--host", "0.0.0.0", "--quiet")
    async with launch(*command) as server:
        assert await _status(server.url) == 200
    assert server.lines[0] == "Not only this machine can reach it: it listens on 0.0.0.0."
    assert len(server.lines) == 2


async def test_a_real_timer_of_two_seconds_takes_two_seconds(small_app: Path) -> None:
    """Under --clock real an orchestration with a 2-second timer takes about two seconds."""
    async with launch(*wfsim_command("serve", small_app, "--port", 0)) as server:
        took_s = await take_a_nap(server.url)
    assert 2 <= took_s < 3


async def test_the_client_command_moves_another_process(small_app: Path) -> None:
    """`wfsim client advance` in another process moves the time of --clock virtual."""
    command = wfsim_command("serve", small_app, "--clock", "virtual", "--port", 0)
    async with launch(*command) as server:
        nap = asyncio.ensure_future(take_a_nap(server.url))
        client = await asyncio.create_subprocess_exec(
            *map(str, wfsim_command("client", "advance", "2h", "--url", server.url)),
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await client.communicate()
        assert b"T+2h" in out
        nap.cancel()
        await asyncio.gather(nap, return_exceptions=True)


async def take_a_nap(url: str) -> float:
    """Run an orchestration with a 2-second timer; return how many seconds it took."""
    async with aiohttp.ClientSession() as client:
        began_s = time.monotonic()
        async with client.post(f"{url}/api/start/wait", json=2) as response:
            started = await response.json()

        async def is_done() -> bool:
            async with client.get(started["statusQueryGetUri"]) as response:
                return response.status == 200

        await until(is_done)
        return time.monotonic() - began_s
