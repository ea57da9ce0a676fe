"""Payloads in two sizes: cut to a line for terminals, whole for pictures that one can click."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final, Literal

from wfsim.history.jsontext import shown, unwrap
from wfsim.history.printable import printable

__all__ = ["Detail", "line_of"]

_WIDEST: Final = 400
"""Lines are cut to the terminal's width later; nothing wider than this is ever wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """Something that travelled with what happened."""

    name: str
    """What it is, such as "input"."""
    text: str | None
    """As recorded; None where there is none."""
    form: Literal["json", "wrapped", "plain"] = "json"
    """Whether it is JSON text, an input in the wire's wrappings, or text for people."""
    in_line: bool = True
    """Whether a terminal shows it; what the line's words say already need not come twice."""

    @property
    def line(self) -> str:
        """The payload on one printable line, cut; empty where there is none or none is wanted."""
        if not self.in_line or self.text is None:
            return ""
        if self.form == "plain":
            plain = printable(self.text)
            return plain if len(plain) <= _WIDEST else f"{plain[: _WIDEST - 1]}…"
        return shown(self.text, wrapped=self.form == "wrapped", width=_WIDEST)

    @property
    def whole(self) -> str:
        """All of the payload: indented JSON if it is JSON, else the text itself."""
        text = self.text or ""
        if self.form == "plain":
            return text
        try:
            value: object = json.loads(text)
            if self.form == "wrapped":
                value = unwrap(text)
            return json.dumps(value, indent=2, ensure_ascii=False)
        except (ValueError, RecursionError):
            return text


def line_of(details: tuple[Detail, ...]) -> str:
    """Return what a terminal shows of payloads: what went in, an arrow, what came out."""
    return " → ".join(line for detail in details if (line := detail.line))
