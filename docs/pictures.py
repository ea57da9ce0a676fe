"""Draws the documentation's picture from a real run, when mkdocs builds the site."""  # noqa: INP001

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
from wfsim.scenario import load, play  # noqa: E402

SCENARIO = ROOT / "fixtures" / "apps" / "approval" / "approved.yaml"
COLUMNS = 96
_FETCHED = re.compile(r"<!--.*?-->|@font-face\s*\{.*?\}", re.DOTALL)


def timeline() -> str:
    """Return the timeline of a scenario as SVG that fetches nothing."""
    console = Console(
        file=io.StringIO(),
        record=True,
        width=COLUMNS,
        force_terminal=True,
        color_system="truecolor",
        no_color=False,
    )
    for line in timeline_lines(play(load(SCENARIO)).trace, width=COLUMNS):
        console.print(line, no_wrap=True, overflow="ellipsis", crop=True)
    svg = console.export_svg(title=f"wfsim run {SCENARIO.name}", unique_id="timeline")
    return _FETCHED.sub("", svg)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the picture to the site: what mkdocs calls this hook for."""
    files.append(File.generated(config, "pictures/timeline.svg", content=timeline()))
    return files
