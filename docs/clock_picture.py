"""Draws one orchestration under the three clocks of a server, from a real run of each."""  # noqa: INP001

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT))  # a bare checkout builds its documentation, too

from wfsim.clock import format_duration  # noqa: E402
from wfsim.history import ExecutionCompleted  # noqa: E402
from wfsim.serve.clocks import make_clock  # noqa: E402
from wfsim.serve.command import open_world  # noqa: E402
from wfsim.serve.driver import Driver  # noqa: E402
from wfsim.serve.options import CLOCKS, ClockName, ServeOptions  # noqa: E402
from wfsim.trace import HistoryAppended, Trace  # noqa: E402
from wfsim.web import Request  # noqa: E402

APP: Final = ROOT / "fixtures" / "apps" / "shop"
BASE: Final = "http://localhost:7071"
START: Final = f"{BASE}/runtime/webhooks/durabletask/orchestrators/nap/nap-1"
NAP_US: Final = 2_000_000
ASKED_AFTER_S: Final = 1.0
PATIENCE_S: Final = 30.0


@dataclass(slots=True)
class Lane:
    """What one clock made of the run; also the driver's watcher."""

    clock: ClockName
    began_s: float
    ended: asyncio.Event
    took_s: float = 0.0
    """Until the end, on the watch of whoever waits."""
    ended_us: int = 0
    """The end in virtual time, since the start."""

    def look(self, trace: Trace) -> None:
        """Note the end when it shows."""
        for record in trace:
            is_end = isinstance(record, HistoryAppended) and isinstance(
                record.event, ExecutionCompleted
            )
            if is_end and not self.ended.is_set():
                # Steps of 50 ms, so that one machine draws the same picture each time.
                self.took_s = round((time.monotonic() - self.began_s) * 20) / 20
                self.ended_us = round(record.at_us - trace.start_us, -5)
                self.ended.set()

    def problem(self, error: BaseException) -> None:
        """Let the build fail."""
        raise error

    def bug(self, doing: str, error: BaseException) -> None:
        """Let the build fail."""
        raise RuntimeError(doing) from error


async def _run(clock: ClockName) -> Lane:
    options = ServeOptions(app=str(APP), clock=clock, timer_triggers=False)
    world = open_world(options, BASE)
    lane = Lane(clock, time.monotonic(), asyncio.Event())
    driver = Driver(world, make_clock(clock, start_us=world.clock.now_us), lane)
    driving = asyncio.create_task(driver.run())
    try:
        await driver.submit(world.host.answer(Request(method="POST", url=START)), "start")
        if clock == "virtual":
            await asyncio.sleep(ASKED_AFTER_S)
            await driver.advance(by_us=NAP_US)
        await asyncio.wait_for(lane.ended.wait(), PATIENCE_S)
    finally:
        driving.cancel()
        await asyncio.gather(driving, return_exceptions=True)
        world.close(check=False)
    return lane


async def _lanes() -> list[Lane]:
    return [await _run(clock) for clock in CLOCKS]


# --- the drawing --------------------------------------------------------------------------------

_LEFT, _SECOND, _TOP, _STEP = 170, 230, 50, 62
_INK, _PALE, _GOOD, _HAND = "#37474f", "#b0bec5", "#2e7d32", "#c62828"


def _x(seconds: float) -> float:
    return _LEFT + seconds * _SECOND


def _text(x: float, y: float, text: str, *, color: str = _INK, anchor: str = "start") -> str:
    return f'<text x="{x:g}" y="{y:g}" fill="{color}" text-anchor="{anchor}">{escape(text)}</text>'


def _line(x1: float, x2: float, y: float, *, color: str, dashes: str = "") -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<line x1="{x1:g}" y1="{y:g}" x2="{x2:g}" y2="{y:g}" stroke="{color}" '
        f'stroke-width="2.5"{dashed}/>'
    )


def _dot(x: float, y: float, color: str) -> str:
    return f'<circle cx="{x:g}" cy="{y:g}" r="6" fill="{color}"/>'


def _drawn(lane: Lane, y: float) -> list[str]:
    stands_still = lane.clock == "virtual"
    end = _x(lane.took_s)
    parts = [
        _text(12, y + 5, f"--clock {lane.clock}"),
        _line(_x(0), end, y, color=_INK, dashes="4 5" if stands_still else ""),
        _dot(_x(0), y, _INK),
        _dot(end, y, _GOOD),
        _text(end + 14, y + 5, f"Completed at T+{format_duration(lane.ended_us)}", color=_GOOD),
    ]
    if stands_still:
        advance = f"wfsim client advance {format_duration(NAP_US)}"
        parts.append(_text(end, y - 14, advance, color=_HAND, anchor="middle"))
    return parts


def clocks() -> str:
    """Return the picture as SVG that fetches nothing."""
    lanes = asyncio.run(_lanes())
    bottom = _TOP + _STEP * len(lanes)
    parts = [
        _text(_x(0), 26, "an orchestration with a timer of 2 s is started"),
        _line(_x(0), _x(2.6), bottom, color=_PALE),
    ]
    parts += [
        part
        for number, lane in enumerate(lanes)
        for part in _drawn(lane, _TOP + _STEP * number + 10)
    ]
    parts += [_text(_x(s), bottom + 20, f"{s} s", anchor="middle") for s in (0, 1, 2)]
    parts.append(_text(_x(2.6), bottom + 20, "on your watch", anchor="end"))
    width, height = _x(2.6) + 170, bottom + 34
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        'font-family="ui-monospace, monospace" font-size="15">'
        f'<rect width="{width:g}" height="{height:g}" rx="8" fill="#fafafa"/>{"".join(parts)}</svg>'
    )


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the picture to the site: what mkdocs calls this hook for."""
    files.append(File.generated(config, "pictures/clocks.svg", content=clocks()))
    return files
