"""`wfsim serve`, from its options to its exit code."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType
from typing import Any, Final

from aiohttp import TCPConnector
from rich.console import Console

from wfsim.clock import to_us
from wfsim.errors import AppLoadError
from wfsim.options import Options
from wfsim.serve.banner import show_functions, show_listening
from wfsim.serve.clocks import make_clock
from wfsim.serve.log import Log
from wfsim.serve.loop import ServedLoop
from wfsim.serve.options import Noise, ServeOptions
from wfsim.serve.server import Server
from wfsim.serve.sockets import address_of, base_url, bind, close_all, is_loopback
from wfsim.world import World

__all__ = ["open_world", "serve"]

_PATIENCE_S: Final = 0.7
"""So long an app may take to end when it is told to; then the process ends without it."""
_SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)
)


def serve(options: ServeOptions) -> int:
    """Serve an app until a signal comes; return the exit code.

    Raises:
        UsageError: the app cannot be loaded, or there is no such port to listen on.
    """
    with _ends_on_signals():
        sockets = bind(options.host, options.port)
        try:
            world = _open(options, base_url(options.host, sockets))
            try:
                asyncio.run(_serve(world, sockets, options))
            finally:
                world.close(check=False)
        finally:
            close_all(sockets)
    return 0


def open_world(options: ServeOptions, url: str) -> World:
    """Load the app and make the world that is served.

    Raises:
        AppLoadError: it cannot be loaded.
    """
    world = World(
        options.app,
        Options(
            live_models=True,
            start=options.start or datetime.now(UTC),
            seed=options.seed,
            replay=options.replay,
            findings="ignore",
            timer_triggers=options.timer_triggers,
            allow_network=options.allow_network,
            strict_http=False,
            base_url=url,
            keep_records=options.keep_records,
            make_loop=ServedLoop,
        ),
    )
    world.take_in(TCPConnector)  # its pool keeps house by the loop's timers and its own clock
    return world


def _open(options: ServeOptions, url: str) -> World:
    _let_logs_be_seen(options.noise)
    try:
        return open_world(options, url)
    except AppLoadError as error:
        if options.noise == "verbose":
            raise
        raise AppLoadError(_in_one_line(str(error))) from error


def _in_one_line(text: str) -> str:
    """Return what went wrong and where, without the frames between.

    The frames come innermost last, each as a line with its place and a line of source.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) < 2:
        return text
    places = [line for line in lines if line.startswith("File ")]
    where = f" ({places[-1].partition(', in ')[0]})" if places else ""
    return f"{lines[0].rstrip('.')}: {lines[-1]}{where}"


def _let_logs_be_seen(noise: Noise) -> None:
    """Show on stderr what functions log, as `func start` does; an app may arrange it otherwise."""
    level = logging.WARNING if noise == "quiet" else logging.INFO
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for chatty in ("asyncio", "azure"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


async def _serve(world: World, sockets: Sequence[socket.socket], options: ServeOptions) -> None:
    log = Log(options.noise)
    clock = make_clock(options.clock, start_us=_present_us(world, options))
    server = Server(world, clock=clock, log=log, authorize=options.auth)
    console = Console(highlight=False, markup=False)
    url = base_url(options.host, sockets)
    if options.noise != "quiet":
        show_functions(console, world, url)
    over = asyncio.Event()
    with _setting(over):
        try:
            await server.start(sockets)
            show_listening(
                console,
                url,
                clock=options.clock,
                addresses=[address_of(item)[0] for item in sockets],
                is_loopback=is_loopback(sockets),
            )
            await over.wait()
        finally:
            await server.stop()


def _present_us(world: World, options: ServeOptions) -> int:
    """Return what virtual time it is: loading an app takes a while."""
    return world.clock.now_us if options.start is not None else to_us(datetime.now(UTC))


# --- the end ------------------------------------------------------------------------------------


@contextmanager
def _ends_on_signals() -> Generator[None]:
    """Let signals end whatever is going on as if it had come to its end."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with _handling(end), contextlib.suppress(KeyboardInterrupt):
        yield


@contextmanager
def _setting(over: asyncio.Event) -> Generator[None]:
    """Let signals set an event, also while a function runs that does not return."""
    loop = asyncio.get_running_loop()

    def end(_number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(over.set)
        guard = threading.Timer(_PATIENCE_S, _end_at_once)
        guard.daemon = True
        guard.start()

    with _handling(end):
        yield


@contextmanager
def _handling(handler: Any) -> Generator[None]:  # noqa: ANN401 - what signal.signal takes
    before = {number: signal.signal(number, handler) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _end_at_once() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(0)  # the app had its time; its threads and endless loops get no more of it
