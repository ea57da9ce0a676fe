"""A view as text: one line for each fact, long payloads as indented YAML below it.

No line depends on another, so that a change shows as the lines that changed.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final, cast

import yaml

from wfsim.history.printable import printable
from wfsim.snapshot.plain import Plain
from wfsim.snapshot.view import Line, View
from wfsim.yamltext import dumped

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


def _block(label: str, value: Plain) -> list[str]:
    document: Any = {label: value} if label else value
    if document and isinstance(document, dict | list):
        with suppress(_UnusualError):
            return _lines(cast("Plain", document))
    return _dumped(document).removesuffix("\n...").split("\n")


def _dumped(document: Any) -> str:  # noqa: ANN401
    return dumped(document, _Dumper, width=math.inf).removesuffix("\n")


class _UnusualError(Exception):
    """A text needs more than one line, or a key more than itself."""


def _lines(value: Plain) -> list[str]:
    """Return the lines of a list or dict that holds something, as `_dumped` writes them.

    That costs a tenth: the parts of a payload are written once, and put together here.
    """
    lines: list[str] = []
    if isinstance(value, dict):
        for key, part in cast("dict[str, Plain]", value).items():
            name = _key(key)
            if not part or not isinstance(part, dict | list):
                lines.append(f"{name} {_scalar(json.dumps(part))}")
                continue
            lines.append(name)
            indent = _INDENT if isinstance(part, dict) else ""
            lines += [f"{indent}{line}" for line in _lines(cast("Plain", part))]
        return lines
    for part in value:
        is_deep = part and isinstance(part, dict | list)
        first, *rest = _lines(part) if is_deep else [_scalar(json.dumps(part))]
        lines.append(f"- {first}")
        lines += [f"{_INDENT}{line}" for line in rest]
    return lines


@lru_cache(maxsize=4096)
def _key(text: str) -> str:
    name = _dumped({text: None}).removesuffix(" null")
    if "\n" in name or not name.endswith(":"):
        raise _UnusualError
    return name


@lru_cache(maxsize=4096)
def _scalar(as_json: str) -> str:
    # By its JSON text: 1, 1.0 and True are one key to a cache, and so are 0.0 and -0.0.
    text = _dumped({"": json.loads(as_json)}).partition(": ")[2]
    if "\n" in text:
        raise _UnusualError
    return text


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as such, and never refers from one place to another."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ANN401, ARG002
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # Other line ends would stay in the file, where not everybody takes them for such.
    style = '"' if _OTHER_ENDS.search(text) else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)  # pyright: ignore[reportUnknownMemberType]


_Dumper.add_representer(str, _text)
