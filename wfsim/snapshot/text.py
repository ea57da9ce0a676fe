"""A view as text: one line for each fact, long payloads as indented YAML below it.

No line depends on another, so that a change shows as the lines that changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

from wfsim.history.printable import printable
from wfsim.snapshot.plain import Plain
from wfsim.snapshot.view import Line, View

__all__ = ["text_of"]

_INLINE: Final = 60
"""Longer payloads go below the line."""
_INDENT: Final = "  "
_OTHER_ENDS: Final = re.compile(r"[\x85\u2028\u2029]")


def text_of(view: View) -> str:
    """Return a view as text, without a line end at its end."""
    lines: list[str] = []
    before: tuple[str, ...] = ()
    for group in view.groups:
        for depth, heading in enumerate(group.headings):
            if group.headings[: depth + 1] != before[: depth + 1]:
                lines.append(f"{_INDENT * depth}{printable(heading)}")
        before = group.headings
        indent = _INDENT * len(group.headings)
        for line in group.lines:
            lines += [f"{indent}{text}".rstrip() for text in line_texts(line, view.width)]
    return "\n".join(lines)


def line_texts(line: Line, width: int) -> Iterator[str]:
    """Yield the lines of one fact: itself, then what does not fit into it."""
    inline = [(label, _inline(value)) for label, value in line.details]
    head = f"{line.what:<{width}} {line.number:>3}  " if width else ""
    head += printable(line.said)
    if all(text is not None for _, text in inline):
        is_one = len(inline) == 1
        shown = "  ".join(str(text) if is_one else f"{label}: {text}" for label, text in inline)
        if len(shown) <= _INLINE:
            yield f"{head}  {shown}" if line.said else f"{head}{shown}"
            return
    if head.strip():
        yield head
    indent = _INDENT * 2 if head.strip() else ""
    for label, value in line.details:
        for text in _block(label, value):
            yield f"{indent}{text}"


def _inline(value: Plain) -> str | None:
    """Return a payload for the end of a line, or None where it is long or deep."""
    text = _json(value)
    if len(text) > _INLINE or (isinstance(value, str) and "\n" in value):
        return None
    return text


def _json(value: Plain) -> str:
    return printable(json.dumps(value, ensure_ascii=False))


def _block(label: str, value: Plain) -> Iterator[str]:
    document: Any = {label: value} if label else value
    text = yaml.dump(
        document, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=float("inf")
    )
    yield from text.removesuffix("\n").removesuffix("\n...").split("\n")


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as such, and never refers from one place to another."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ANN401, ARG002
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # Other line ends would stay in the file, where not everybody takes them for such.
    style = '"' if _OTHER_ENDS.search(text) else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)  # pyright: ignore[reportUnknownMemberType]


_Dumper.add_representer(str, _text)
