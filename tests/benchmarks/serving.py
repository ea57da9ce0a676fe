"""Clients at a server: `wfsim serve` in a process of its own, and many who start and poll at once.

Every answer is checked; the server's memory is read after each purge.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import IO, Any, Final

import aiohttp

__all__ = ["PURGE_URL", "Load", "Round", "Served", "measure_serving"]

APP: Final = Path(__file__).parent / "served"
PURGE_URL: Final = "/runtime/webhooks/durabletask/instances?createdTimeFrom=2000-01-01T00:00:00Z"
_LISTENING: Final = re.compile(r"Listening on (http://\S+)")
_START_LIMIT_S: Final = 30
_END_LIMIT_S: Final = 10
_GROWTH: Final = 0.05
_GROWTH_KIB: Final = 4 * 1024
"""Memory may still grow by this part of it, or by so much."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """How much is asked of the server."""

    clients: int = 200
    """How many there are at once."""
    runs_each: int = 10
    """Orchestrations that each client starts in a round, one after the other."""
    rounds: int = 4
    poll_s: float = 0.005
    """How long a client waits before it asks again."""

    @property
    def runs(self) -> int:
        """Orchestrations of a round."""
        return self.clients * self.runs_each


@dataclass(slots=True, kw_only=True)
class Round:
    """What one round took."""

    seconds: float = 0.0
    """From the first request to the last answer, without the purge."""
    request_s: list[float] = field(default_factory=list[float])
    """Each request: from sending it until its answer was read."""
    run_s: list[float] = field(default_factory=list[float])
    """Each orchestration: from the request that starts it to the answer that shows its end."""
    purge_s: float = 0.0
    memory_kib: int | None = None
    """The server's resident memory after the purge, where the system tells it."""


class Served:
    """A server that runs.

    Args:
        process: The server's process.
        url: Where it listens.
    """

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self._process = process
        self.url = url

    @classmethod
    @contextmanager
    def started(cls) -> Generator[Served]:
        """Start a server on a free port, and end it."""
        command = [sys.executable, "-m", "wfsim", "serve", str(APP), "--port", "0", "--quiet"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        try:
            yield cls(process, _url(process.stdout))
        finally:
            process.terminate()
            process.wait(_END_LIMIT_S)
            process.stdout.close()

    def memory_kib(self) -> int | None:
        """Return the resident memory, None where the system has no such file."""
        status = Path(f"/proc/{self._process.pid}/status")
        if not status.exists():
            return None
        return int(status.read_text().partition("VmRSS:")[2].split()[0])


def _url(stdout: IO[str]) -> str:
    for line in stdout:
        found = _LISTENING.search(line)
        if found is not None:
            return found[1]
    raise AssertionError("the server ended without listening; stderr says why")


def measure_serving(load: Load) -> list[Round]:
    """Put a load on a fresh server, round after round, each with a purge at its end.

    Raises:
        AssertionError: an answer was not what it must be, or memory did not stay flat.
    """
    with Served.started() as served:
        rounds = asyncio.run(_rounds(served, load))
    _check_memory(rounds)
    return rounds


def _check_memory(rounds: Sequence[Round]) -> None:
    """Compare the server's memory after the last purge with that after the second.

    In the first round the records of the timeline fill up to what is kept.
    """
    known = [item.memory_kib for item in rounds if item.memory_kib is not None]
    if len(known) > 2:
        allowed_kib = max(known[1] * _GROWTH, _GROWTH_KIB)
        assert known[-1] - known[1] <= allowed_kib, f"memory grows: {known} KiB after the purges"


async def _rounds(served: Served, load: Load) -> list[Round]:
    connector = aiohttp.TCPConnector(limit=load.clients)
    async with aiohttp.ClientSession(served.url, connector=connector) as session:
        return [await _round(served, session, load) for _ in range(load.rounds)]


async def _round(served: Served, session: aiohttp.ClientSession, load: Load) -> Round:
    result = Round()
    began = perf_counter()
    async with asyncio.TaskGroup() as clients:
        for number in range(load.clients):
            first = number * load.runs_each
            clients.create_task(
                _client(session, result, range(first, first + load.runs_each), load.poll_s)
            )
    purging = perf_counter()
    result.seconds = purging - began
    async with session.delete(PURGE_URL) as answer:
        assert (answer.status, await answer.json()) == (200, {"instancesDeleted": load.runs})
    result.purge_s = perf_counter() - purging
    result.memory_kib = served.memory_kib()
    return result


async def _client(
    session: aiohttp.ClientSession, result: Round, numbers: Sequence[int], poll_s: float
) -> None:
    for number in numbers:
        began = perf_counter()
        status, links = await _ask(session, result, "POST", "/api/chains", {"number": number})
        assert status == 202, (status, links)
        while True:
            await asyncio.sleep(poll_s)
            status, run = await _ask(session, result, "GET", links["statusQueryGetUri"])
            assert status in {200, 202}, (status, run)
            if status == 200:
                break
        result.run_s.append(perf_counter() - began)
        assert run["runtimeStatus"] == "Completed", run
        assert run["output"] == {"from": number, "to": number + 3}, run


async def _ask(
    session: aiohttp.ClientSession,
    result: Round,
    method: str,
    url: str,
    body: object = None,
) -> tuple[int, Any]:
    began = perf_counter()
    async with session.request(method, url, json=body) as answer:
        content = await answer.json()
    result.request_s.append(perf_counter() - began)
    return answer.status, content
