"""Draws the documentation's pictures from real runs, when mkdocs builds the site."""  # noqa: INP001

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from rich.console import Console

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT))  # a bare checkout builds its documentation, too

from wfsim.report import timeline_lines  # noqa: E402
from wfsim.report.charts import chart  # noqa: E402
from wfsim.report.html import html_report  # noqa: E402
from wfsim.scenario import load, play  # noqa: E402

APPS = ROOT / "fixtures" / "apps"
PICTURES = {
    "timeline.svg": APPS / "approval" / "approved.yaml",
    "agents.svg": APPS / "agents_single" / "asks_tools.yaml",
    "lanes.svg": APPS / "shop" / "approved.yaml",
}
PAGES = {
    "shop.html": ("An order that needs approval", ["shop/approved.yaml"]),
    "difference.html": (
        "Approved, and not answered",
        ["approval/approved.yaml", "approval/escalates.yaml"],
    ),
}
"""Reports: a title, and the scenarios that they show."""
COLUMNS = 96
_FETCHED = re.compile(r"<!--.*?-->|@font-face\s*\{.*?\}", re.DOTALL)


def timeline(scenario: Path, name: str) -> str:
    """Return the timeline of a scenario as SVG that fetches nothing."""
    console = Console(
        file=io.StringIO(),
        record=True,
        width=COLUMNS,
        force_terminal=True,
        color_system="truecolor",
        no_color=False,
    )
    for line in timeline_lines(play(load(scenario)).trace, width=COLUMNS):
        console.print(line, no_wrap=True, overflow="ellipsis", crop=True)
    svg = console.export_svg(title=f"wfsim run {scenario.name}", unique_id=name)
    return _FETCHED.sub("", svg)


def report(title: str, scenarios: list[str]) -> str:
    """Return a report of scenarios as a page of its own."""
    loaded = [load(APPS / name) for name in scenarios]
    charts = [chart(play(item).trace, title=item.path.stem) for item in loaded]
    return html_report(charts, title=title)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pictures to the site: what mkdocs calls this hook for."""
    for name, scenario in PICTURES.items():
        svg = timeline(scenario, Path(name).stem)
        files.append(File.generated(config, f"pictures/{name}", content=svg))
    for name, (title, scenarios) in PAGES.items():
        page = report(title, scenarios)
        files.append(File.generated(config, f"pictures/{name}", content=page))
    return files
