"""Draws the documentation's picture from a real run; mkdocs calls it through `hooks`."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SCENARIO = ROOT / "fixtures" / "apps" / "approval" / "approved.yaml"
COLUMNS = 96


def timeline() -> str:
    """Return the timeline of a scenario as SVG that fetches nothing."""
    if str(ROOT) not in sys.path:  # the documentation is also built without installing wfsim
        sys.path.insert(0, str(ROOT))
    from rich.console import Console
    from rich.text import Text

    from wfsim.report import timeline_lines
    from wfsim.scenario import load, play

    outcome = play(load(SCENARIO))
    console = Console(
        file=io.StringIO(), record=True, width=COLUMNS, force_terminal=True, color_system="truecolor"
    )
    for line in timeline_lines(outcome.trace, width=COLUMNS):
        console.print(line, no_wrap=True, overflow="ellipsis", crop=True)
    console.print(Text("✓ 2 hours of virtual time", style="bold green"))
    svg = console.export_svg(title="wfsim run approved.yaml", unique_id="timeline")
    return re.sub(r"<!--.*?-->|@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL)


def on_files(files: Any, config: Any, **_: Any) -> Any:
    """Add the picture to the site's files."""
    from mkdocs.structure.files import File

    files.append(File.generated(config, "pictures/timeline.svg", content=timeline()))
    return files
