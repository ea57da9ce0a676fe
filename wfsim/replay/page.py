"""Verdicts as one page that opens without a network, and needs no script."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import Final

from jinja2 import DictLoader, Environment, StrictUndefined, Template

from wfsim.history.printable import printable
from wfsim.replay.results import Verdict
from wfsim.replay.summary import Summary

__all__ = ["html_page"]

_PACKAGE: Final = "wfsim.replay"


def html_page(summary: Summary, *, title: str) -> str:
    """Return the page.

    Args:
        summary: All verdicts, grouped.
        title: What the page is called.
    """
    style = _text("page.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return _template().render(
        title=printable(title),
        counts=[(str(verdict), summary.counts[verdict]) for verdict in Verdict],
        groups=summary.groups,
        total=summary.total,
        not_compared=sorted(summary.not_compared.items()),
        style=style,
        style_hash=f"sha256-{digest}",
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
    return environment.get_template("page")


def _text(name: str) -> str:
    return resources.files(_PACKAGE).joinpath(name).read_text(encoding="utf-8")
