"""Route templates as ASP.NET reads them: "orders/{id:int}/{*rest}"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from wfsim.errors import UsageError
from wfsim.workers.azure_functions.functions.constraints import Constraint, constraint

__all__ = ["Parameter", "Part", "Segment", "Template", "parse_template"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A variable part of a segment."""

    name: str
    constraints: tuple[Constraint, ...] = ()
    default: str | None = None
    is_optional: bool = False
    is_catch_all: bool = False


Part = str | Parameter
Segment = tuple[Part, ...]
"""What stands between two slashes; parameters are parted by text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A route template that can be matched."""

    text: str
    segments: tuple[Segment, ...]

    def parameters(self) -> Iterator[Parameter]:
        """Yield the parameters, from left to right."""
        for segment in self.segments:
            yield from (part for part in segment if isinstance(part, Parameter))


def parse_template(text: str) -> Template:
    """Parse a route template.

    Raises:
        UsageError: the host would not take it.
    """
    body = text.removeprefix("~").removeprefix("/")
    segments = tuple(_segment(piece) for piece in _split(body.removesuffix("/")))
    template = Template(text=text, segments=segments)
    names = [parameter.name.casefold() for parameter in template.parameters()]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise UsageError(f"The parameter {repeated!r} appears more than once.")
    for segment in segments[:-1]:
        if any(isinstance(part, Parameter) and part.is_catch_all for part in segment):
            raise UsageError("A catch-all parameter can only be the last segment.")
    return template


def _split(text: str) -> list[list[Part]]:
    """Part a template at its slashes, and each segment into text and parameters."""
    if not text:
        return []
    segments: list[list[Part]] = [[]]
    literal, position = "", 0

    def flush() -> None:
        nonlocal literal
        if "?" in literal:
            raise UsageError(f"The text {literal!r} must not contain '?'.")
        if literal:
            segments[-1].append(literal)
        literal = ""

    while position < len(text):
        char, pair = text[position], text[position : position + 2]
        if pair in {"{{", "}}"}:
            literal, position = literal + char, position + 2
        elif char == "{":
            flush()
            inside, position = _inside(text, position + 1)
            segments[-1].append(_parameter(inside))
        elif char == "}":
            raise UsageError("There is a '}' without its '{'.")
        elif char == "/":
            flush()
            segments.append([])
            position += 1
        else:
            literal, position = literal + char, position + 1
    flush()
    return segments


def _inside(text: str, start: int) -> tuple[str, int]:
    """Return what stands between a brace at `start - 1` and its partner, and where that ends."""
    inside, position = "", start
    while position < len(text):
        pair = text[position : position + 2]
        if pair in {"{{", "}}"}:
            inside, position = inside + pair[0], position + 2
        elif text[position] == "}":
            return inside, position + 1
        elif text[position] == "{":
            raise UsageError("A '{' inside of a parameter is written as '{{'.")
        else:
            inside, position = inside + text[position], position + 1
    raise UsageError("There is a '{' without its '}'.")


def _segment(parts: list[Part]) -> Segment:
    if not parts:
        raise UsageError("Two slashes stand side by side.")
    for left, right in pairwise(parts):
        if isinstance(left, Parameter) and isinstance(right, Parameter):
            raise UsageError(
                f"The parameters {left.name!r} and {right.name!r} need text between them."
            )
    if len(parts) > 1:
        for index, part in enumerate(parts):
            if isinstance(part, str):
                continue
            if part.is_catch_all:
                raise UsageError(f"The catch-all {part.name!r} must be alone in its segment.")
            if part.is_optional and not (index == len(parts) - 1 and parts[index - 1] == "."):
                raise UsageError(
                    f"The optional {part.name!r} must be alone in its segment, or follow a '.'."
                )
    return tuple(parts)


def _parameter(text: str) -> Parameter:
    body = text.lstrip("*") if text.startswith(("*", "**")) else text
    stars = len(text) - len(body)
    if stars > 2:
        raise UsageError(f"The parameter {text!r} has too many asterisks.")
    is_optional = body.endswith("?")
    body = body.removesuffix("?")
    pieces, default = _pieces(body)
    name = pieces[0]
    if not name or set(name) & set("/{}?*"):
        raise UsageError(f"{name!r} is no name of a parameter.")
    if is_optional and default is not None:
        raise UsageError(f"The optional {name!r} cannot have a default.")
    if is_optional and stars:
        raise UsageError(f"The catch-all {name!r} cannot be optional: it may be empty anyway.")
    return Parameter(
        name=name,
        constraints=tuple(constraint(piece) for piece in pieces[1:] if piece),
        default=default,
        is_optional=is_optional,
        is_catch_all=bool(stars),
    )


def _pieces(body: str) -> tuple[list[str], str | None]:
    """Part "name:constraint(…):constraint=default" at what is not inside of parentheses."""
    pieces, depth = [""], 0
    for position, char in enumerate(body):
        if char == "(" and len(pieces) > 1:
            depth += 1
        elif char == ")" and depth:
            depth -= 1
        if depth == 0 and char == ":":
            pieces.append("")
        elif depth == 0 and char == "=":
            return pieces, body[position + 1 :]
        else:
            pieces[-1] += char
    return pieces, None
