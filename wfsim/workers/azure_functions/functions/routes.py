"""Finds the route of a path, by the rules of ASP.NET that the Functions host lives by."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from urllib.parse import unquote

from wfsim.workers.azure_functions.functions.templates import (
    Parameter,
    Segment,
    Template,
    parse_template,
)

__all__ = ["match_path", "match_template", "path_segments"]


def path_segments(path: str) -> list[str] | None:
    """Part a raw path at its slashes and decode each part; None if one of them is empty."""
    body = path.removeprefix("/").removesuffix("/")
    if not body:
        return []
    # The server leaves an encoded slash alone, so that it parts nothing.
    kept = re.sub("%(2[fF])", r"%25\1", body)
    segments = [unquote(segment) for segment in kept.split("/")]
    return segments if all(segments) else None


def match_path(template: str | Template, path: str) -> dict[str, str] | None:
    """Return the values of a template's parameters in a raw path, None where it does not match.

    Raises:
        UsageError: the template is wrong.
    """
    segments = path_segments(path)
    parsed = parse_template(template) if isinstance(template, str) else template
    return None if segments is None else match_template(parsed, segments)


def match_template(template: Template, path: Sequence[str]) -> dict[str, str] | None:
    """Return the values of a template's parameters, None where it does not match.

    A parameter that is not in the path has its default, or is left out.
    """
    values: dict[str, str] = {}
    for index, segment in enumerate(template.segments):
        first = segment[0]
        if isinstance(first, Parameter) and first.is_catch_all:
            rest = "/".join(path[index:])
            if rest:
                values[first.name] = rest
            break
        if index >= len(path):
            if not _may_lack(segment):
                return None
            continue
        found = _match_segment(segment, path[index])
        if found is None:
            return None
        values |= found
    else:
        if len(path) > len(template.segments):
            return None
    for parameter in template.parameters():
        if parameter.name not in values and parameter.default is not None:
            values[parameter.name] = parameter.default
    return values if _meets_constraints(template, values) else None


def _may_lack(segment: Segment) -> bool:
    only = segment[0]
    return (
        len(segment) == 1
        and isinstance(only, Parameter)
        and (only.is_optional or only.default is not None)
    )


def _meets_constraints(template: Template, values: Mapping[str, str]) -> bool:
    # Of what is not there only optional parameters may have constraints, and those are met then.
    return all(
        check(values[parameter.name])
        for parameter in template.parameters()
        for check in parameter.constraints
        if parameter.name in values
    )


def _match_segment(segment: Segment, text: str) -> dict[str, str] | None:
    if len(segment) == 1:
        only = segment[0]
        if isinstance(only, Parameter):
            return {only.name: text}
        return {} if only.casefold() == text.casefold() else None
    for shape in _shapes(segment):
        found = _pattern(shape).fullmatch(text)
        if found is not None:
            names = [part.name for part in shape if isinstance(part, Parameter)]
            return dict(zip(names, found.groups(), strict=True))
    return None


def _shapes(segment: Segment) -> list[Segment]:
    last = segment[-1]
    if isinstance(last, Parameter) and last.is_optional:
        return [segment, segment[:-2]]  # without its dot, too
    return [segment]


@lru_cache(maxsize=1024)
def _pattern(segment: Segment) -> re.Pattern[str]:
    # ASP.NET looks for the texts from the right, so that the leftmost parameter is the longest.
    parts = (
        "(.+)" if isinstance(part, Parameter) else f"(?i:{re.escape(part)})" for part in segment
    )
    return re.compile("".join(parts), re.DOTALL)
