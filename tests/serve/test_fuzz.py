"""Thousands of requests at random, over sockets: all answers are documented, nothing is lost."""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from yarl import URL

from tests.doors.app import doors_app
from tests.serve.shots import WEBHOOKS, Shot, take_aim
from tests.webhooks.app import SETTINGS
from wfsim.options import Options
from wfsim.serve.clocks import AutoClock
from wfsim.serve.log import Log
from wfsim.serve.server import Server
from wfsim.serve.sockets import base_url, bind
from wfsim.trace import FunctionFinished
from wfsim.world import World

REQUESTS = 5_000
BATCH = 50
PATIENCE_S = 20
MOST_BYTES = 1_500_000

REFUSALS = {
    # the route's last part: how the host's exception begins
    "suspend": "Cannot suspend the orchestration instance ",
    "resume": "Cannot resume the orchestration instance ",
    "rewind": "The rewind operation is only supported on failed orchestration instances.",
    "restart": "An Orchestration instance with the status ",
    "orchestrators": "An Orchestration instance with the status ",
}
PURGE = re.compile("(?:/runtime/webhooks)?/durabletask/instances(?:/([^/]*))?/?", re.IGNORECASE)
ANSWERS = {200, 202, 400, 404, 405, 409, 410, 413, 500}

# How many requests of each family, and of which answers, there are at least: the run is random,
# but a change that made it miss a part of the surface would show here.
AT_LEAST = {
    ("start", 202): 100,
    ("start", 400): 200,
    ("start", 500): 40,
    ("wait", 200): 3,
    ("wait", 202): 8,
    ("wait", 400): 50,
    ("status", 200): 30,
    ("status", 202): 80,
    ("status", 404): 80,
    ("list", 200): 100,
    ("event", 202): 40,
    ("event", 400): 60,
    ("event", 404): 100,
    ("event", 410): 50,
    ("operation", 202): 70,
    ("operation", 400): 10,
    ("operation", 404): 100,
    ("operation", 410): 25,
    ("operation", 500): 30,
    ("purge", 200): 50,
    ("purge", 404): 30,
    ("purge many", 200): 3,
    ("purge many", 400): 5,
    ("signal", 202): 60,
    ("signal", 400): 50,
    ("entity", 200): 50,
    ("entity", 404): 25,
    ("function", 200): 40,
    ("function", 202): 50,
    ("function", 500): 60,
    ("admin", 200): 20,
    ("anything", 404): 200,
    ("malformed", 400): 250,
    ("huge", 202): 2,
    ("huge", 413): 8,
}


class Range:
    """A server that is shot at, and a model of what it must still know.

    Clients and server share one event loop, so that requests come one after the other.
    """

    def __init__(self, http: aiohttp.ClientSession, world: World, url: str) -> None:
        self._http = http
        self._world = world
        self._url = url
        self.tally: Counter[tuple[str, int]] = Counter()
        self.known: dict[str, str] = {}
        """Where the status is of each instance that was accepted and not purged."""
        self.wrong: list[str] = []

    async def fire(self, batch: list[Shot]) -> None:
        """Send requests one after the other, and judge the answers."""
        for shot in batch:
            try:
                if shot.family == "malformed":
                    code = await self._send_malformed(shot.body)
                    assert code < 500
                else:
                    code = await self._send(shot)
            except Exception as error:
                self.wrong.append(f"{shot}: {error!r:.500}")
            else:
                self.tally[shot.family, code] += 1

    async def _send_malformed(self, request: bytes) -> int:
        """Send bytes; return the status of the answer, 0 if there is none."""
        parts = urlsplit(self._url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        reading = asyncio.create_task(reader.read())
        try:
            writer.write(request)
            # Once others that came later have their answers, there will be none any more.
            for _ in range(2):
                async with self._http.get(f"{self._url}/admin/wfsim/now") as answer:
                    assert answer.status == 200
            writer.write_eof()
            said = await asyncio.wait_for(reading, PATIENCE_S)
        except ConnectionError:
            return 0
        finally:
            writer.close()
        lines = re.findall(rb"HTTP/\d\.\d (\d{3}) ", said)
        assert bool(lines) == bool(said), said
        return int(lines[0]) if lines else 0

    async def _send(self, shot: Shot) -> int:
        purge = PURGE.fullmatch(urlsplit(shot.path).path) if shot.method == "DELETE" else None
        before = await self.listed() if purge is not None and not purge[1] else set()
        headers = {"Content-Type": shot.kind} if shot.kind else {}
        data = _chunks(shot.body) if shot.is_chunked and shot.body else io.BytesIO(shot.body)
        url = URL(self._url + shot.path, encoded=True)
        async with self._http.request(shot.method, url, data=data, headers=headers) as answer:
            body = await answer.read()
            kind = answer.content_type if body else ""
        assert answer.status in ANSWERS, (answer.status, body)
        # The client writes an output that is text as it is, and still calls it JSON.
        is_raw = answer.status == 200 and shot.path.lower().startswith("/api/")
        value = json.loads(body) if kind == "application/json" and not is_raw else None
        if answer.status == 500:
            self._judge(shot, value, body)
        if purge is None:
            self._learn(shot, answer.status, value)
        elif purge[1]:
            self._forget(purge[1], answer.status)
        else:
            await self._forget_many(before, answer.status, value)
        return answer.status

    def _judge(self, shot: Shot, value: Any, body: bytes) -> None:
        """Check that a server error is one that semantics documents."""
        path, query = urlsplit(shot.path).path, dict(parse_qsl(urlsplit(shot.path).query.lower()))
        if path.lower().startswith("/api/"):
            self._judge_function(value, body)
        elif isinstance(value, dict) and "ExceptionMessage" in value:
            assert value["Message"] == "Something went wrong while processing your request"
            parts = {part for part in path.lower().split("/") if part in REFUSALS}
            texts = tuple(REFUSALS[part] for part in parts)
            assert value["ExceptionMessage"].startswith(texts), value
        else:
            assert query.get("returninternalservererroronfailure") == "true", body
            assert value["runtimeStatus"] == "Failed"

    def _judge_function(self, value: Any, body: bytes) -> None:
        """A function raised, or said 500 itself because the run that it waited for has failed."""
        last = next(
            item for item in reversed(self._world.hub.trace) if isinstance(item, FunctionFinished)
        )
        if last.failure is None:
            assert value["runtimeStatus"] == "Failed", body
        else:
            assert body == b"", body

    def _learn(self, shot: Shot, code: int, value: Any) -> None:
        """Take into the model what was started."""
        # A function that looks at a run hands out its links without asking whether there is one.
        if isinstance(value, dict) and "statusQueryGetUri" in value and shot.method == "POST":
            self.known[value["id"]] = value["statusQueryGetUri"]
        elif shot.family == "wait":
            # The host starts first, and looks at how long to wait then.
            refusal = value["ExceptionMessage"] if isinstance(value, dict) and code == 400 else ""
            if code == 200 or re.search("timeout|TimeSpan|delay", refusal):
                instance_id = urlsplit(shot.path).path.rpartition("/")[2]
                self.known[instance_id] = f"{self._url}{WEBHOOKS}/instances/{instance_id}"

    def _forget(self, instance_id: str, code: int) -> None:
        """Take one out of the model; the route shows its id undecoded."""
        was_known = self.known.pop(instance_id, None) is not None
        assert code == (200 if was_known else 404) or instance_id.startswith("@")

    async def _forget_many(self, before: set[str], code: int, value: Any) -> None:
        """Take those out of the model that are gone, and compare their count."""
        after = await self.listed()
        gone = before - after
        assert after <= before
        assert len(gone) == (value["instancesDeleted"] if code == 200 else 0)
        for item in gone:
            self.known.pop(item, None)

    async def listed(self) -> set[str]:
        """Return the id of everything there is."""
        async with self._http.get(f"{self._url}{WEBHOOKS}/instances/?top=100000") as answer:
            assert answer.status == 200
            return {item["instanceId"] for item in await answer.json()}

    async def check_that_nothing_is_lost(self) -> None:
        """Compare with the model: the list of all, and each by the URL that was handed out."""
        assert {item for item in await self.listed() if item[:1] != "@"} == set(self.known)
        for instance_id, url in self.known.items():
            async with self._http.get(URL(url, encoded=True)) as answer:
                assert answer.status in {200, 202}, (url, await answer.text())
                assert (await answer.json())["instanceId"] == instance_id

    async def check_that_it_answers(self) -> None:
        """Start a run that ends at once, and look."""
        url = f"{self._url}{WEBHOOKS}/orchestrators/echo/last"
        async with self._http.post(url, json='"words"') as answer:
            assert answer.status == 202
            links = await answer.json()
        async with self._http.get(links["statusQueryGetUri"]) as answer:
            assert (await answer.json())["output"] == "words"


async def _chunks(body: bytes) -> AsyncIterator[bytes]:
    for first in range(0, len(body), 65_536):
        yield body[first : first + 65_536]


@contextmanager
def served() -> Iterator[tuple[asyncio.Runner, Range, io.StringIO]]:
    """Serve the app of the doors' tests, its clock jumping when somebody waits."""
    sockets = bind("127.0.0.1", 0)
    url = base_url("127.0.0.1", sockets)
    world = World(doors_app(), _options(url))
    log = io.StringIO()
    server = Server(world, clock=AutoClock(), log=Log("quiet", file=log), max_body=MOST_BYTES)
    with asyncio.Runner() as runner:
        runner.get_loop().set_exception_handler(lambda _, context: log.write(f"bug: {context}"))
        runner.run(server.start(sockets))
        http = runner.run(_session())
        try:
            yield runner, Range(http, world, url), log
        finally:
            runner.run(http.close())
            runner.run(server.stop())
            world.close(check=False)


async def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(trust_env=False, timeout=aiohttp.ClientTimeout(total=PATIENCE_S))


def _options(url: str) -> Options:
    return Options(
        start=datetime(2000, 1, 1),
        findings="ignore",
        max_steps=1_000,
        settings=SETTINGS,
        base_url=url,
        keep_records=2_000,
    )


@pytest.mark.slow
def test_whatever_comes_is_answered_and_nothing_is_lost() -> None:
    """5,000 requests: no server error but documented ones, and all that was accepted is there."""
    with served() as (runner, shooting, log):

        @settings(max_examples=REQUESTS // BATCH, phases=[Phase.generate])
        @given(st.integers(0, 2**64))
        def fire(seed: int) -> None:
            runner.run(shooting.fire(take_aim(seed, BATCH)))

        fire()
        tally = shooting.tally
        assert shooting.wrong == []
        assert tally.total() >= REQUESTS
        assert {key: tally[key] for key, least in AT_LEAST.items() if tally[key] < least} == {}
        runner.run(shooting.check_that_nothing_is_lost())
        assert len(shooting.known) > 100
        runner.run(shooting.check_that_it_answers())
        assert "bug" not in log.getvalue()
