"""Text for people, made from what was recorded."""

from __future__ import annotations

from wfsim.report.rows import Row, rows
from wfsim.report.timeline import render_timeline, timeline_lines

__all__ = ["Row", "render_timeline", "rows", "timeline_lines"]
