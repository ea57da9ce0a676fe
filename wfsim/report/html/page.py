"""Puts the page together: the template, its style and script, and the runs as data."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from jinja2 import DictLoader, Environment, StrictUndefined, Template

from wfsim.clock import format_duration
from wfsim.errors import UsageError
from wfsim.history.printable import printable
from wfsim.report.chart import Chart
from wfsim.report.difference import first_difference
from wfsim.report.html.data import page_data
from wfsim.report.html.standing import Group, Standing, groups, standings

__all__ = ["html_report"]

_SCRIPTS: Final = ("shapes.js", "scale.js", "picture.js", "view.js", "list.js", "page.js")
_PACKAGE: Final = "wfsim.report.html"
_FEW: Final = 4
"""So many runs are named in the header; more are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """What the header says of one chart."""

    title: str
    spent: str
    runs: Sequence[Standing]
    """Each run, where there are few."""
    groups: Sequence[Group]
    """How many runs stand alike, where there are many."""
    findings: Sequence[_Finding]
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    chart: int
    number: int
    at: str
    text: str


def html_report(charts: Sequence[Chart], *, title: str) -> str:
    """Return a page that shows runs: one whole file that opens without a network.

    Args:
        charts: What to show. Two are set side by side, with their first difference marked.
        title: What the page is called.

    Raises:
        UsageError: There is no chart.
    """
    if not charts:
        raise UsageError("A report shows at least one chart, and got none. Give it one.")
    is_pair = len(charts) == 2
    difference = first_difference(charts[0], charts[1]) if is_pair else None
    script, style = _script(), _text("page.css")
    return _template().render(
        title=printable(title),
        heads=[_head(chart, place) for place, chart in enumerate(charts)],
        is_pair=is_pair,
        difference=difference,
        data=page_data(charts, difference),
        script=script,
        style=style,
        script_hash=_hash(script),
        style_hash=_hash(style),
    )


def _head(chart: Chart, place: int) -> _Head:
    runs = standings(chart)
    return _Head(
        title=printable(chart.title),
        spent=format_duration(chart.end_us - chart.start_us),
        runs=runs if len(runs) <= _FEW else [],
        groups=groups(runs) if len(runs) > _FEW else [],
        findings=[
            _Finding(
                chart=place,
                number=mark.number,
                at=f"T+{format_duration(mark.at_us - chart.start_us)}",
                text=printable(mark.text),
            )
            for mark in chart.marks
            if mark.kind == "finding"
        ],
        events=len(chart.marks),
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=DictLoader({"page": _text("page.html.jinja")}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["printable"] = printable
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    return environment.get_template("page")


@cache
def _text(name: str) -> str:
    return resources.files(_PACKAGE).joinpath(name).read_text(encoding="utf-8")


@cache
def _script() -> str:
    """Return the script, in a scope of its own."""
    parts = "\n".join(_text(name) for name in _SCRIPTS)
    return f'"use strict";\n(() => {{\n{parts}}})();\n'


def _hash(text: str) -> str:
    """Return the source expression by which the page's policy allows exactly this text."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
