"""Many clients, endless functions and bugs: the server goes on."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from tests.serve.conftest import Serve, Served, until
from wfsim.web import Request, Response

pytestmark = pytest.mark.asyncio


async def _open(served: Served, count: int) -> bool:
    return served.server.driver.open_requests == count


async def test_two_hundred_requests_may_be_open(serve: Serve) -> None:
    """200 functions sleep at once; when time is moved each answers its own client."""
    async with serve() as served:
        naps = [
            asyncio.ensure_future(served.text("GET", f"/api/nap/{index + 1}"))
            for index in range(200)
        ]
        await until(lambda: _open(served, 200))
        assert await served.status("GET", "/") == 200
        await served.advance("200s")
        assert await asyncio.gather(*naps) == [f"slept {index + 1}" for index in range(200)]


@pytest.mark.slow
async def test_a_crowd_of_clients_is_served(serve: Serve) -> None:
    """100 clients that start and poll two orchestrations each see them all complete."""
    async with serve(clock="auto") as served:

        async def client() -> list[Any]:
            done = []
            for _ in range(2):
                started = await served.json("POST", "/api/start/wait", json=3600)
                done.append(await served.finished(started))
            return done

        results = await asyncio.gather(*(client() for _ in range(100)))
    assert {item["runtimeStatus"] for done in results for item in done} == {"Completed"}


@pytest.mark.slow
async def test_an_endless_coroutine_does_not_stop_the_server(serve: Serve) -> None:
    """A coroutine that never lets time pass is told of; others are answered meanwhile."""
    async with serve() as served:
        spin = asyncio.ensure_future(served.status("GET", "/api/spin"))
        await until(lambda: _told(served, "never becomes idle"))
        assert await served.status("GET", "/") == 200
        assert served.log.getvalue().count("never becomes idle") <= 2  # the error, and its finding
        async with served.client.post(
            served.at("/admin/wfsim/advance"), json={"by": "1h"}
        ) as response:
            assert response.status == 409
            assert "does not let time pass" in (await response.json())["error"]
        spin.cancel()
        await asyncio.gather(spin, return_exceptions=True)


async def _told(served: Served, part: str) -> bool:
    return part in served.log.getvalue()


async def test_a_bug_of_wfsim_is_a_500_and_a_line(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug answers 500 with a short JSON text, is told with its place, and nobody else notices."""
    async with serve() as served:
        answer = served.world.host.answer

        async def with_a_bug(request: Request, **options: Any) -> Response:
            if request.path == "/bug":
                raise KeyError("lost")
            return await answer(request, **options)

        monkeypatch.setattr(served.world.host, "answer", with_a_bug)
        async with served.client.get(served.at("/bug")) as response:
            assert response.status == 500
            assert "bug in wfsim" in (await response.json())["error"]
        assert await served.status("GET", "/") == 200
    assert "(answering GET /bug): KeyError: 'lost'" in served.log.getvalue()


async def test_a_world_that_fails_does_not_keep_clients_waiting(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If running the app itself fails, who asked gets a 500, and later requests are served."""
    async with serve() as served:

        def fail(**_options: Any) -> None:
            raise RuntimeError("no more")

        with monkeypatch.context() as patch:
            patch.setattr(served.world, "run_until_idle", fail)
            assert await served.status("GET", "/") == 500
        assert await served.status("GET", "/") == 200
    assert served.log.getvalue().count("(running the app): RuntimeError: no more") == 1
    assert served.log.getvalue().count("this is a bug in wfsim") == 1


async def test_open_requests_are_cancelled_at_the_end(serve: Serve) -> None:
    """A request that waits for ever ends with its connection when the server stops."""
    async with serve() as served:
        stuck = asyncio.ensure_future(served.status("GET", "/api/stuck"))
        await until(lambda: _open(served, 1))
        await asyncio.wait_for(served.server.stop(), 1)
        late = served.world.host.answer(Request(method="GET", url="http://h/"))
        with pytest.raises(asyncio.CancelledError):
            await served.server.driver.submit(late, "late")
        with pytest.raises(aiohttp.ClientConnectionError):
            await asyncio.wait_for(stuck, 5)


async def test_old_records_are_forgotten(serve: Serve) -> None:
    """--keep bounds what is remembered of a server that runs for long, and the timeline says so."""
    async with serve(keep_records=20) as served:
        for _ in range(60):
            await served.text("POST", "/api/visit/x")
        text = await served.text("GET", "/admin/wfsim/timeline")
        assert len(served.world.hub.trace) < 40
    assert "older records are forgotten" in text
