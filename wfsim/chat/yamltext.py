"""YAML that means what JSON means, with the line of every value.

`no`, `12:30` and `2000-01-01` are text, as in scenario files, and a key that is not text is a
mistake.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

import yaml

from wfsim.errors import ScriptError, nearest

__all__ = ["Document", "Place", "read"]

Place = tuple[str | int, ...]
"""Keys and indices that lead to a value."""

_TAG: Final = "tag:yaml.org,2002:"
_LARGEST: Final = 100_000
"""Values that a script may stand for; aliases of aliases can mean billions."""


class _Loader(yaml.SafeLoader):
    """Finds out what is text and what is not, as JSON would."""


_PLAIN: Final[Mapping[str, tuple[str, str]]] = {
    "null": (r"~|null|Null|NULL|", "~nN"),
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "int": (r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
    "float": (r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", "-0123456789"),
}
_Loader.yaml_implicit_resolvers = {}
for _kind, (_pattern, _first) in _PLAIN.items():
    _starts = ["", *_first] if _kind == "null" else list(_first)
    _Loader.add_implicit_resolver(f"{_TAG}{_kind}", re.compile(f"^(?:{_pattern})$"), _starts)  # pyright: ignore[reportUnknownMemberType]

_SCALARS: Final[Mapping[str, Callable[[str], Any]]] = {
    f"{_TAG}null": lambda _: None,
    f"{_TAG}bool": lambda text: text.lower() == "true",
    f"{_TAG}int": int,
    f"{_TAG}float": float,
    f"{_TAG}str": str,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A parsed file."""

    path: Path
    data: object
    lines: Mapping[Place, int]
    """The line of each value; of the key, where it has one."""

    def line_of(self, place: Place) -> int:
        """Return the line of a value, or of the nearest one around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def read(path: Path) -> Document:
    """Read a YAML file.

    Raises:
        ScriptError: there is none, it is no text, or no YAML; the message names the line.
    """
    text = _text(path)
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        what = error.problem or error.context or "it cannot be parsed"
        raise ScriptError(f"{path}:{line}: this is not YAML: {what}.") from None
    except yaml.YAMLError as error:
        raise ScriptError(f"{path}:1: this is not YAML: {error}.") from None
    except RecursionError:
        raise ScriptError(f"{path}:1: the YAML is nested too deeply.") from None
    if node is None:
        raise ScriptError(f"{path}:1: the script is empty. It is a list of turns.")
    reader = _Reader(path)
    return Document(path=path, data=reader.read(node, ()), lines=reader.lines)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        beside = {item.name for item in path.parent.glob("*.y*ml")}
        hint = nearest(path.name, beside) if beside else " There is none in that folder."
        raise ScriptError(f"There is no script at {str(path)!r}.{hint}") from None
    except UnicodeDecodeError:
        raise ScriptError(f"{path}:1: this is not text in UTF-8; save it as such.") from None
    except OSError as error:
        raise ScriptError(f"The script {str(path)!r} cannot be read: {error}.") from None


class _Reader:
    """Turns nodes into plain values, and keeps their lines."""

    def __init__(self, path: Path) -> None:
        self.lines: dict[Place, int] = {}
        self._path = path
        self._open: set[int] = set()

    def read(self, node: yaml.Node, place: Place) -> object:
        self.lines.setdefault(place, node.start_mark.line + 1)
        if len(self.lines) > _LARGEST:
            self._fail(node, f"with its aliases this stands for more than {_LARGEST:,} values.")
        if id(node) in self._open:
            self._fail(node, "this contains itself, through an alias; JSON cannot say that.")
        self._open.add(id(node))
        try:
            return self._value(node, place)
        finally:
            self._open.discard(id(node))

    def _value(self, node: yaml.Node, place: Place) -> object:
        if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
            return [self.read(item, (*place, index)) for index, item in enumerate(node.value)]
        make = _SCALARS.get(node.tag)
        if make is None or not isinstance(node, yaml.ScalarNode):
            short = node.tag.replace(_TAG, "!!")
            self._fail(node, f"the tag {short!r} says nothing that JSON can say; leave it out.")
        try:
            return make(node.value)
        except ValueError:
            self._fail(node, f"{node.value!r} cannot be read as {node.tag.replace(_TAG, '!!')}.")

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, object]:
        made: dict[str, object] = {}
        for key, value in node.value:
            if key.tag != f"{_TAG}str" or not isinstance(key.value, str):
                self._fail(key, "a key must be text, as in JSON; put it in quotes.")
            if key.value in made:
                self._fail(key, f"the key {key.value!r} stands here twice.")
            self.lines[(*place, key.value)] = key.start_mark.line + 1
            made[key.value] = self.read(value, (*place, key.value))
        return made

    def _fail(self, node: yaml.Node, message: str) -> NoReturn:
        raise ScriptError(f"{self._path}:{node.start_mark.line + 1}: {message}")
