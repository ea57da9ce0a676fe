"""Writes a script as YAML that people read, and never half of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from wfsim.yamltext import dumped

__all__ = ["script_text", "write"]

_HEADER: Final = "# Recorded by wfsim.chat.record: what the model answered, request by request.\n"
_WIDTH: Final = 100
_FLAT: Final = 60
"""Mappings of plain values that are no longer than this stand on one line."""


class _Dumper(yaml.SafeDumper):
    """Quotes what another reader of YAML would not take for text."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - PyYAML's own
        super().increase_indent(flow, False)  # noqa: FBT003


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text else None
    node: yaml.Node = dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)  # pyright: ignore[reportUnknownMemberType]
    return node


def _mapping(dumper: yaml.SafeDumper, data: Mapping[str, Any]) -> yaml.Node:
    plain = not any(isinstance(value, (dict, list)) for value in data.values())
    flat = plain and "\n" not in repr(data) and "\\n" not in repr(data)
    style = flat and len(repr(dict(data))) <= _FLAT
    return dumper.represent_mapping("tag:yaml.org,2002:map", data, flow_style=style)


class _Turn(dict[str, Any]):
    """A turn, which has a line for each of its keys."""


def _turn(dumper: yaml.SafeDumper, data: Mapping[str, Any]) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", data, flow_style=False)


_Dumper.add_representer(_Turn, _turn)
_Dumper.add_representer(str, _text)
_Dumper.add_representer(dict, _mapping)
# Our own reader takes 1e5 for a number, YAML 1.1 does not: in quotes it is text for both.
_Dumper.add_implicit_resolver(  # pyright: ignore[reportUnknownMemberType]
    "tag:yaml.org,2002:float", re.compile(r"^-?[0-9][0-9.]*[eE][-+]?[0-9]+$"), list("-0123456789")
)


def script_text(turns: Sequence[Mapping[str, Any]]) -> str:
    """Return the turns of a script as YAML."""
    body = "".join(dumped([_Turn(turn)], _Dumper, width=_WIDTH) for turn in turns)
    return f"{_HEADER}{body or '[]'}"


def write(path: Path, text: str) -> None:
    """Replace a file at once, so that nobody ever reads a part of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(text.encode())
    beside.replace(path)
