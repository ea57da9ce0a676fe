"""A trace in every form in which it can be drawn."""

from __future__ import annotations

from typing import Literal, assert_never, get_args

from wfsim.errors import UsageError, nearest
from wfsim.report.charts import chart
from wfsim.report.mermaid import mermaid
from wfsim.report.perfetto import perfetto
from wfsim.report.timeline import render_timeline
from wfsim.trace import Trace

__all__ = ["Form", "drawn"]

Form = Literal["text", "html", "mermaid", "perfetto"]


def drawn(trace: Trace, form: Form, *, title: str, width: int | None = None) -> str:
    """Return a trace as text for a terminal, a page, a sequence diagram or trace-event JSON.

    Args:
        trace: What was recorded.
        form: What it is drawn as.
        title: What it is called; the text has no title.
        width: Columns of the text; the default is 100.

    Raises:
        UsageError: there is no such form.
    """
    match form:
        case "text":
            return render_timeline(trace, width=width)
        case "html":
            from wfsim.report.html import html_report  # noqa: PLC0415 - Jinja is for pages only

            return html_report([chart(trace, title=title)], title=title)
        case "mermaid":
            return mermaid(chart(trace, title=title))
        case "perfetto":
            return perfetto(chart(trace, title=title))
        case _ if form not in get_args(Form):
            hint = nearest(str(form), get_args(Form))
            raise UsageError(f"A timeline has no form {form!r}.{hint}")
        case _:
            assert_never(form)
