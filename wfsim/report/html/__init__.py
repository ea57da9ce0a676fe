"""Runs as one HTML file that needs nothing else: no network, no server."""

from __future__ import annotations

from wfsim.report.html.page import html_report

__all__ = ["html_report"]
