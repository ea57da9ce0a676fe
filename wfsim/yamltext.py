"""YAML that means what JSON means, with line numbers: every value knows where it stands.

Two readings of YAML 1.1 would surprise in a payload, so they do not apply: `no`, `12:30`, `0150`
and `2000-01-01` are text, and a key that is not text is a mistake.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

import yaml

from wfsim.errors import UsageError, nearest

__all__ = ["FileKind", "Position", "Source", "dumped", "read"]

_LARGEST = 1_000_000
"""Values that a file may stand for; a few lines of aliases of aliases can mean billions."""

_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """What a file is for, in the words of complaints about it."""

    name: str
    """Such as "scenario"."""
    holds: str
    """What must be in it, such as "app: and start:"."""
    error: type[UsageError]


@dataclass(slots=True)
class Position:
    """Where a value stands, and where what is in it does."""

    line: int
    inside: dict[str | int, Position] = field(default_factory=dict["str | int", "Position"])

    def line_of(self, path: tuple[str | int, ...]) -> int:
        """Return the line of the value at `path`, or of the nearest one around it."""
        here = self
        for part in path:
            here = here.inside.get(part, here)
        return here.line


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A parsed file."""

    path: Path
    data: object
    position: Position


def read(path: Path, kind: FileKind) -> Source:
    """Read a YAML file.

    Raises:
        UsageError: there is none, it is no text, or no YAML; the message names the line, and the
            class is the kind's.
    """
    text = _text(path, kind)
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
        if node is None:
            raise kind.error(f"{path}:1: the {kind.name} is empty. It needs {kind.holds}.")
        data, position, _ = _Reader(path, kind).read(node)
    except yaml.MarkedYAMLError as error:
        raise kind.error(f"{path}:{_marked(error)}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        what = f"a character that YAML does not allow, U+{int(error.character):04X}"
        raise kind.error(f"{path}:{line}: this is not YAML: {what}.") from None
    except RecursionError:
        raise kind.error(f"{path}:1: the YAML is nested too deeply.") from None
    return Source(path=path, data=data, position=position)


def _text(path: Path, kind: FileKind) -> str:
    if path.suffix == ".py":
        raise kind.error(
            f"{str(path)!r} is Python. Give a {kind.name}, a YAML file with {kind.holds}."
        )
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        beside = {item.name for item in path.parent.glob("*.y*ml")}
        hint = nearest(path.name, beside) if beside else " There is none in that folder."
        raise kind.error(f"There is no {kind.name} at {str(path)!r}.{hint}") from None
    except IsADirectoryError:
        raise kind.error(f"{str(path)!r} is a folder; give the {kind.name}'s YAML file.") from None
    except (OSError, ValueError) as error:
        raise kind.error(f"The {kind.name} {str(path)!r} cannot be read: {error}.") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise kind.error(f"{path}:{line}: this is not text in UTF-8; save it as such.") from None


def _marked(error: yaml.MarkedYAMLError) -> str:
    mark, began = error.problem_mark or error.context_mark, error.context_mark
    line = 1 if mark is None else mark.line + 1
    what = error.problem or error.context or "it cannot be parsed"
    if error.context and began is not None and began.line + 1 != line:
        # An open brace is found at the end of the file, and mended where it stands.
        what += f", {error.context} that begins in line {began.line + 1}"
    return f"{line}: this is not YAML: {what}."


class _Loader(yaml.SafeLoader):
    """Finds out what is text and what is not, as JSON would."""


_PLAIN: Final[Mapping[str, tuple[str, str]]] = {
    "null": (r"~|null|Null|NULL|", "~nN"),
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "int": (r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
    "float": (
        r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|-?\.inf|\.nan",
        "-.0123456789",
    ),
    "merge": (r"<<", "<"),
}
_Loader.yaml_implicit_resolvers = {}
for _kind, (_pattern, _first) in _PLAIN.items():
    _starts = ["", *_first] if _kind == "null" else list(_first)
    _regexp = re.compile(f"^(?:{_pattern})$")
    _Loader.add_implicit_resolver(f"{_TAG}{_kind}", _regexp, _starts)  # pyright: ignore[reportUnknownMemberType]

_SCALARS: Final[Mapping[str, Callable[[str], Any]]] = {
    "null": lambda _: None,
    "bool": lambda text: {"true": True, "false": False}[text.lower()],
    "int": int,
    "float": lambda text: float(text.replace(".inf", "inf").replace(".nan", "nan")),
    "str": str,
}

_Read = tuple[Any, Position, int]
"""A value, where it stands, and how many values it is."""


class _Reader:
    """Turns nodes into plain values; what aliases share is read once."""

    def __init__(self, path: Path, kind: FileKind) -> None:
        self._path = path
        self._kind = kind
        self._done: dict[int, _Read] = {}
        self._open: set[int] = set()

    def read(self, node: yaml.Node) -> _Read:
        if id(node) in self._done:
            return self._done[id(node)]
        if id(node) in self._open:
            self._fail(node, "this contains itself, through an alias; JSON cannot say that.")
        self._open.add(id(node))
        match node:
            case yaml.MappingNode() if node.tag == f"{_TAG}map":
                made = self._mapping(node)
            case yaml.SequenceNode() if node.tag == f"{_TAG}seq":
                made = self._sequence(node)
            case _:
                made = self._scalar(node), Position(node.start_mark.line + 1), 1
        if made[2] > _LARGEST:
            self._fail(node, f"with its aliases this stands for more than {_LARGEST:,} values.")
        self._done[id(node)] = made
        return made

    def _mapping(self, node: yaml.MappingNode) -> _Read:
        data: dict[str, Any] = {}
        here, size = Position(node.start_mark.line + 1), 1
        merged, own = self._split(node)
        for key, value in [*merged, *own]:
            made, position, count = self.read(value)
            # The line of the key is where people look for it.
            here.inside[key.value] = Position(key.start_mark.line + 1, position.inside)
            data[key.value] = made
            size += count
        return data, here, size

    def _split(self, node: yaml.MappingNode) -> tuple[list[_Pair], list[_Pair]]:
        """Return the pairs that `<<` brings in, and the mapping's own, which win."""
        merged: list[_Pair] = []
        own: list[_Pair] = []
        for key, value in node.value:
            if key.tag != f"{_TAG}merge":
                own.append((self._key(key), value))
                continue
            for other in reversed(value.value if isinstance(value, yaml.SequenceNode) else [value]):
                if not isinstance(other, yaml.MappingNode):
                    self._fail(key, "'<<' takes a mapping, or a list of them.")
                self.read(other)  # so that one that contains itself is noticed
                merged += [pair for pairs in self._split(other) for pair in pairs]
        twice = [name for name, count in Counter(key.value for key, _ in own).items() if count > 1]
        if twice:
            last = [key for key, _ in own if key.value == twice[0]][-1]
            self._fail(last, f"the key {twice[0]!r} stands here twice.")
        return merged, own

    def _key(self, key: yaml.Node) -> yaml.Node:
        if key.tag != f"{_TAG}str":
            shown = (
                repr(str(key.value)) if isinstance(key, yaml.ScalarNode) else "a list or mapping"
            )
            self._fail(key, f"a key must be text, as in JSON, not {shown}; put it in quotes.")
        return key

    def _sequence(self, node: yaml.SequenceNode) -> _Read:
        items = [self.read(item) for item in node.value]
        here = Position(node.start_mark.line + 1, {i: item[1] for i, item in enumerate(items)})
        return [item[0] for item in items], here, 1 + sum(item[2] for item in items)

    def _scalar(self, node: yaml.Node) -> Any:  # noqa: ANN401 - any JSON scalar
        make = _SCALARS.get(node.tag.removeprefix(_TAG))
        short = node.tag.replace(_TAG, "!!")
        if make is None or not isinstance(node, yaml.ScalarNode):
            self._fail(node, f"the tag {short!r} says nothing that JSON can say; leave it out.")
        try:
            return make(node.value)
        except (ValueError, KeyError):
            value = node.value if len(node.value) <= 40 else node.value[:39] + "…"
            self._fail(node, f"{value!r} cannot be read as {short}.")

    def _fail(self, node: yaml.Node, message: str) -> NoReturn:
        raise self._kind.error(f"{self._path}:{node.start_mark.line + 1}: {message}")


_Pair = tuple[yaml.Node, yaml.Node]


def dumped(document: object, dumper: type[yaml.SafeDumper], *, width: float) -> str:
    """Return a document as block YAML, keys in their order; lines break at `width` characters."""
    text: str = yaml.dump(  # pyright: ignore[reportUnknownMemberType] - its stubs name no width
        document,
        Dumper=dumper,
        sort_keys=False,
        allow_unicode=True,
        width=width,  # type: ignore[call-overload,unused-ignore]
    )
    return text
