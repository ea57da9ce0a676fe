"""The control endpoints, and the client command that calls them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.serve.conftest import START, Serve, Served
from wfsim.cli import main

NOW = {"now": "2000-01-01T00:00:00Z", "elapsed": "0s", "clock": "virtual"}


@pytest.mark.asyncio
async def test_now_and_advance_say_what_time_it_is(serve: Serve) -> None:
    """Both answer with instant, time since the start, and clock; a length or an instant moves."""
    async with serve() as served:
        assert await served.json("GET", "/admin/wfsim/now") == NOW
        assert await served.advance("1d 2h") == {
            "now": "2000-01-02T02:00:00Z",
            "elapsed": "1d 2h",
            "clock": "virtual",
        }
        to = {"to": "2000-01-03T00:00:00Z"}
        moved = await served.json("POST", "/admin/wfsim/advance", json=to)
    assert moved["elapsed"] == "2d"


@pytest.mark.asyncio
async def test_moves_add_up(serve: Serve) -> None:
    """Two clients that move time by an hour each have moved it by two."""
    async with serve() as served:
        await asyncio.gather(served.advance("1h"), served.advance("1h"))
        assert (await served.json("GET", "/admin/wfsim/now"))["elapsed"] == "2h"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", 'Send {"by": "24h"}'),
        ("[]", 'Send {"by": "24h"}'),
        ("{}", 'Send {"by": "24h"}'),
        ('{"by": 5}', 'Send {"by": "24h"}'),
        ('{"by": "1h", "to": "2001-01-01"}', 'Send {"by": "24h"}'),
        ('{"way": "1h"}', 'Send {"by": "24h"}'),
        ("[" * 100_000, 'Send {"by": "24h"}'),
        ('{"by": "5"}', "needs a unit"),
        ('{"by": "-1h"}', "only moves forward"),
        ('{"by": "9000000d"}', "ends with the year 9999"),
        ('{"by": "8000y"}', "no unit of time 'y'"),
        ('{"to": "1999-12-31T00:00:00Z"}', "never runs backwards"),
        ('{"to": "1h"}', "is an instant such as"),
        ('{"to": "2000-13-01"}', "An instant is written as"),
    ],
)
async def test_nonsense_moves_nothing(serve: Serve, body: str, said: str) -> None:
    """A body that says no later instant gets 400 with the reason."""
    async with serve() as served:
        async with served.client.post(served.at("/admin/wfsim/advance"), data=body) as response:
            assert response.status == 400
            assert said in (await response.json())["error"]
        assert await served.json("GET", "/admin/wfsim/now") == NOW


@pytest.mark.asyncio
async def test_real_time_cannot_be_moved(serve: Serve) -> None:
    """Under --clock real advance is refused with 409, and says which clocks can be moved."""
    async with (
        serve(clock="real") as served,
        served.client.post(served.at("/admin/wfsim/advance"), json={"by": "1h"}) as response,
    ):
        assert response.status == 409
        assert "--clock virtual, or --clock auto" in (await response.json())["error"]


@pytest.mark.asyncio
async def test_pending_lists_what_time_will_bring(serve: Serve) -> None:
    """Timers, schedules and sleeping functions are listed by when they are due."""
    async with serve() as served:
        await served.json("POST", "/api/start/wait", json=30)
        nap = asyncio.ensure_future(served.text("GET", "/api/nap/60"))
        await served.server.driver.catch_up()
        items: list[dict[str, Any]] = []
        while len(items) < 3:
            items = await served.json("GET", "/admin/wfsim/pending")
        await served.advance("1m")
        await nap
    assert [item["in"] for item in items] == ["30s", "1m", "1h"]
    assert items[1]["what"] == "a coroutine sleeps"
    assert items[0]["at"] == "2000-01-01T00:00:30Z"
    assert [item["is_schedule"] for item in items] == [False, False, True]


@pytest.mark.asyncio
async def test_timeline_is_text(serve: Serve) -> None:
    """The timeline is the one of `wfsim run`, as wide as asked for."""
    async with serve() as served:
        await served.json("POST", "/api/start/wait", json=2)
        await served.advance("2s")
        text = await served.text("GET", "/admin/wfsim/timeline?width=200")
        narrow = await served.text("GET", "/admin/wfsim/timeline?width=1")
        assert await served.status("GET", "/admin/wfsim/timeline?width=wide") == 400
    assert "▶ wait" in text
    assert "T+2s" in text
    assert "timer fired" in text
    assert max(map(len, narrow.splitlines())) <= 40


@pytest.mark.asyncio
async def test_findings_are_told_and_listed(serve: Serve) -> None:
    """What is wrong with the app is printed once, listed, and does not stop the server."""
    async with serve() as served:
        started = await served.json("POST", "/api/start/dice")
        await served.json("GET", started["statusQueryGetUri"])
        findings = await served.json("GET", "/admin/wfsim/findings")
        assert await served.status("GET", "/") == 200
    assert {item["code"] for item in findings} == {"WF110"}
    assert "uuid" in served.log.getvalue()


@pytest.mark.asyncio
async def test_other_routes_and_methods_are_refused(serve: Serve) -> None:
    """An unknown route names the nearest, a wrong method the right one; HEAD is a GET."""
    async with serve() as served:
        async with served.client.get(served.at("/admin/wfsim/nwo")) as response:
            assert response.status == 404
            assert "Did you mean 'now'?" in (await response.json())["error"]
        async with served.client.get(served.at("/admin/wfsim/advance")) as response:
            assert (response.status, response.headers["Allow"]) == (405, "POST")
        assert await served.status("GET", "/admin/wfsim") == 404
        assert await served.status("HEAD", "/ADMIN/wfsim/now") == 200


# --- the client command -------------------------------------------------------------------------


async def call(served: Served, *words: str, by: str = "--url") -> int:
    """Run `wfsim client …` in another thread, while the server runs in this one."""
    where = served.url if by == "--url" else str(served.port)
    return await asyncio.to_thread(main, ["client", *words, by, where])


@pytest.mark.asyncio
async def test_the_client_looks_and_moves(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    """`wfsim client` prints time, moves it, and prints what will happen and what did."""
    async with serve() as served:
        await served.json("POST", "/api/start/wait", json=7200)
        assert await call(served, "now", by="--port") == 0
        assert await call(served, "advance", "1h") == 0
        assert await call(served, "pending") == 0
        assert await call(served, "advance", "2000-01-01T03:00") == 0
        assert await call(served, "findings") == 0
        out = capsys.readouterr().out.splitlines()
        assert await call(served, "timeline") == 0
    assert out[0] == "2000-01-01T00:00:00Z  T+0s  (--clock virtual)"
    assert out[1].startswith("2000-01-01T01:00:00Z  T+1h ")
    assert out[2].startswith("in 1h  2000-01-01T02:00:00Z  ")
    assert out[-2].startswith("2000-01-01T03:00:00Z  T+3h ")
    assert out[-1] == "None."
    assert "■   Completed" in capsys.readouterr().out
    assert served.world.clock.start_us == int(START.timestamp()) * 1_000_000


@pytest.mark.asyncio
@pytest.mark.parametrize("action", ["now", "pending", "timeline", "findings"])
async def test_the_client_speaks_json(
    serve: Serve, capsys: pytest.CaptureFixture[str], action: str
) -> None:
    """--json prints one JSON document for machines."""
    async with serve() as served:
        assert await call(served, action, "--json") == 0
    json.loads(capsys.readouterr().out)


@pytest.mark.asyncio
async def test_the_client_tells_refusals_in_one_line(
    serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the server refuses is one line on stderr and exit code 2."""
    async with serve() as served:
        assert await call(served, "advance", "5") == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("wfsim: Every number of a length of time needs a unit")
    assert captured.err.count("\n") == 1


def test_a_server_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a server the client says so in one line, and exits with 2."""
    assert main(["client", "now", "--port", "1"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("wfsim: There is no server at http://localhost:1 (")
    assert err.count("\n") == 1


def test_a_url_is_checked(capsys: pytest.CaptureFixture[str]) -> None:
    """Something that is no URL is told so."""
    assert main(["client", "now", "--url", "localhost"]) == 2
    assert "--url 'localhost' is none" in capsys.readouterr().err
