"""Headless Chromium for the pages that wfsim writes.

Needs the extra `browser` and a Chromium, as Debian's package `chromium` brings it; without one of
them the tests are skipped, or fail where WFSIM_BROWSER=required. Screenshots go to the folder
WFSIM_SCREENSHOTS, or else to the tests' own temporary folders.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.report.hand_made import EVIL, approval, crowd, evil, mark
from wfsim.report.chart import Chart
from wfsim.report.charts import chart
from wfsim.report.html import html_report
from wfsim.scenario import load, play

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

ROOT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
PATIENCE_MS = 10_000
SHOP = "fixtures/apps/shop/approved.yaml"


def _recorded(scenario: str, title: str) -> Chart:
    return chart(play(load(ROOT / scenario)).trace, title=title)


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages of many kinds, by name. Written before a browser runs: its driver has a loop going."""
    folder = tmp_path_factory.mktemp("pages")
    changed = mark(crowd(instances=40, events=800), 500, payload=(("input", '{"turn": -1}'),))
    finding = mark(approval(), 2, kind="finding", text="WF103 timer still open")
    charts: dict[str, list[Chart]] = {
        "one": [_recorded("fixtures/apps/approval/approved.yaml", "approved")],
        "shop": [_recorded(SHOP, "shop")],
        "hand": [approval()],
        "finding": [finding],
        "forty": [crowd(instances=40, events=800)],
        "large": [crowd(instances=40, events=10_000)],
        "burst": [_at_once(3_000)],
        "evil": [evil()],
        "pair": [
            _recorded("fixtures/apps/approval/approved.yaml", "approved"),
            _recorded("fixtures/apps/approval/rejected.yaml", "rejected"),
        ],
        "crowds": [crowd(instances=40, events=800), changed],
        "twins": [approval(title="left"), approval(title="right")],
        "three": [approval(title=name) for name in ("first", "second", "third")],
        "empty": [replace(approval(), lanes=(), bars=(), marks=(), arrows=())],
    }
    paths: dict[str, Path] = {}
    for name, items in charts.items():
        paths[name] = folder / f"{name}.html"
        title = EVIL[0] if name == "evil" else name
        paths[name].write_text(html_report(items, title=title), encoding="utf-8")
    return paths


def _at_once(events: int) -> Chart:
    """Return a run in which all happens at one instant."""
    whole = crowd(instances=1, events=events)
    marks = tuple(replace(item, at_us=whole.start_us) for item in whole.marks)
    return replace(whole, marks=marks, bars=(), end_us=whole.start_us)


def _absent(why: str) -> None:
    if os.environ.get("WFSIM_BROWSER") == "required":
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(scope="module")
def browser(pages: dict[str, Path]) -> Iterator[Browser]:
    """One Chromium for the tests of a module; no other module's tests meet its driver's loop."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        _absent("there is no chromium here; Debian has it as the package chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _absent("playwright is not installed; the extra wfsim[browser] brings it")
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=program, args=list(FLAGS))
        yield chromium
        chromium.close()


@dataclass(slots=True, kw_only=True)
class Opened:
    """A page in the browser, and all that it did which it should not."""

    page: Page
    complaints: list[str] = field(default_factory=list[str])

    def marks(self) -> Locator:
        """Return the drawn marks."""
        return self.page.locator(".marks .mark")

    def mark(self, number: int, *, panel: int = 0) -> Locator:
        """Return one drawn mark."""
        stage = self.page.locator(".stage").nth(panel)
        return stage.locator(f".marks [data-number='{number}']")

    def details(self) -> Locator:
        """Return the panel with the payload."""
        return self.page.locator("#details")

    def selected(self) -> Locator:
        """Return the selected line of the list."""
        return self.page.locator(".line[aria-selected=true]")

    def evaluate(self, script: str) -> Any:
        """Return what an expression of JavaScript gives."""
        return self.page.evaluate(script)

    def until(self, condition: str) -> None:
        """Wait until an expression is true: the page's policy keeps the driver from doing it."""
        assert self.evaluate(
            f"""async () => {{
              const end = performance.now() + {PATIENCE_MS};
              while (!({condition}) && performance.now() < end) {{
                await new Promise(requestAnimationFrame);
              }}
              return Boolean({condition});
            }}"""
        ), condition


Open = Callable[..., Opened]


@pytest.fixture
def view(browser: Browser, pages: dict[str, Path]) -> Iterator[Open]:
    """Opens a page by name; at the end, the browser must have had nothing to complain about."""
    opened: list[Opened] = []
    contexts = []

    def call(name: str, *, width: int = 1440, height: int = 900, scheme: Any = "light") -> Opened:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        item = Opened(page=page)
        opened.append(item)
        address = pages[name].as_uri()

        def dialog(box: Any) -> None:
            item.complaints.append(f"dialog: {box.message}")
            box.dismiss()

        page.on("dialog", dialog)
        page.on("console", lambda message: item.complaints.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: item.complaints.append(f"error: {error}"))
        context.on(
            "request",
            lambda request: (
                None if request.url == address else item.complaints.append(f"fetch: {request.url}")
            ),
        )
        page.goto(address)
        return item

    yield call
    for context in contexts:
        context.close()
    assert [complaint for item in opened for complaint in item.complaints] == []


@pytest.fixture
def shoot(tmp_path: Path) -> Callable[[Opened, str], Path]:
    """Saves a picture of the page."""
    folder = Path(os.environ.get("WFSIM_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)

    def call(opened: Opened, name: str) -> Path:
        path = folder / f"{name}.png"
        opened.page.screenshot(path=path)
        return path

    return call
