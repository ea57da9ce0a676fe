"""YAML with line numbers: every key and value knows where it stands."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import yaml

from wfsim.errors import ScenarioError

__all__ = ["Position", "Source", "read"]


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

    def error(self, line: int, message: str) -> ScenarioError:
        """Return an error about a line."""
        return ScenarioError(f"{self.path}:{line}: {message}")


class _Loader(yaml.SafeLoader):
    """YAML without dates: a payload's "2000-01-01" stays text, as in JSON."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(path: Path) -> Source:
    """Read a YAML file.

    Raises:
        ScenarioError: there is none, it is no text, or no YAML; the message names the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ScenarioError(f"There is no scenario at {str(path)!r}.") from None
    except IsADirectoryError:
        raise ScenarioError(f"{str(path)!r} is a folder; give the scenario's YAML file.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"The scenario {str(path)!r} cannot be read: {error}.") from None
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            raise ScenarioError(f"{path}:1: the scenario is empty. It needs at least app: and start:.")
        position = _positions(node, path)
        data = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        raise ScenarioError(f"{path}:{line}: this is not YAML: {error.problem}.") from None
    except yaml.YAMLError as error:
        raise ScenarioError(f"{path}:1: this is not YAML: {error}.") from None
    except RecursionError:
        raise ScenarioError(f"{path}:1: the YAML is nested too deeply, or contains itself.") from None
    finally:
        loader.dispose()
    return Source(path=path, data=data, position=position)


def _positions(node: yaml.Node, path: Path) -> Position:
    here = Position(node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = cast("Any", key.value)
            if not isinstance(name, Hashable):
                continue
            if name in here.inside:
                raise ScenarioError(
                    f"{path}:{key.start_mark.line + 1}: the key {name!r} stands here twice."
                )
            inner = _positions(value, path)
            # The line of the key is where people look for it.
            here.inside[name] = Position(key.start_mark.line + 1, inner.inside)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            here.inside[index] = _positions(item, path)
    return here
