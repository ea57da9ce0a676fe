"""Checks JSON values against the part of JSON Schema that tools and structured replies use.

What it does not know it lets pass, so that it never complains about a value that fits. Formats,
conditions and counted properties are among that.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, cast

from wfsim.chat.values import shorten
from wfsim.errors import nearest

__all__ = ["complaints"]

_MOST: Final = 5
_DEEPEST: Final = 32

_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}
_ARTICLES: Final = {"array": "an array", "integer": "an integer", "object": "an object"}


def complaints(value: object, schema: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a value, each as "field: what"; nothing if it fits."""
    return list(islice(_Checker(schema).check(value, schema, ""), _MOST))


def _is_of(value: object, name: str) -> bool:
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return name not in _TYPES or type(value) in _TYPES[name]


class _Checker:
    """Knows the whole schema, for the references in it."""

    def __init__(self, whole: Mapping[str, Any]) -> None:
        self._whole = whole

    def check(self, value: object, schema: object, path: str, depth: int = 0) -> Iterator[str]:
        if schema is False:
            yield f"{path or 'the value'}: nothing may stand here"
        if not isinstance(schema, Mapping) or depth > _DEEPEST:
            return
        rules = cast("Mapping[str, Any]", schema)
        if isinstance(reference := rules.get("$ref"), str):
            yield from self.check(value, self._follow(reference), path, depth + 1)
        for part in _schemas(rules.get("allOf")):
            yield from self.check(value, part, path, depth + 1)
        yield from self._any_of(value, rules, path, depth)
        wrong = _scalar_complaint(value, rules)
        if wrong:
            yield f"{path or 'the value'}: {wrong}"
        elif isinstance(value, dict):
            yield from self._object(cast("dict[str, Any]", value), rules, path, depth)
        elif isinstance(value, list) and "items" in rules:
            for index, item in enumerate(cast("list[object]", value)):
                yield from self.check(item, rules["items"], f"{path}[{index}]", depth + 1)

    def _any_of(
        self, value: object, rules: Mapping[str, Any], path: str, depth: int
    ) -> Iterator[str]:
        for key in ("anyOf", "oneOf"):
            choices = _schemas(rules.get(key))
            found = [list(self.check(value, choice, path, depth + 1)) for choice in choices]
            if found and all(found):
                # What is wrong deep inside one choice says more than that another is not meant.
                here = f"{path or 'the value'}: "
                yield min((lines[0] for lines in found), key=lambda line: line.startswith(here))

    def _object(
        self, value: dict[str, Any], rules: Mapping[str, Any], path: str, depth: int
    ) -> Iterator[str]:
        known = cast("Mapping[str, Any]", rules.get("properties") or {})
        prefix = f"{path}." if path else ""
        missing = [
            name for name in cast("list[str]", rules.get("required") or []) if name not in value
        ]
        for name in missing:
            yield f"{prefix}{name}: it is missing"
        extra = rules.get("additionalProperties", True)
        if "patternProperties" in rules:
            extra = True
        for name, item in value.items():
            place = f"{prefix}{name}"
            if name in known:
                yield from self.check(item, known[name], place, depth + 1)
            elif extra is False:
                yield f"{place}: there is no such field.{nearest(name, known)}"
            else:
                yield from self.check(item, extra, place, depth + 1)

    def _follow(self, reference: str) -> object:
        here: object = self._whole
        for part in reference.removeprefix("#").split("/"):
            if part and isinstance(here, Mapping):
                name = part.replace("~1", "/").replace("~0", "~")
                here = cast("Mapping[str, Any]", here).get(name)
        return here


def _schemas(given: object) -> Sequence[object]:
    return cast("list[object]", given) if isinstance(given, list) else ()


def _scalar_complaint(value: object, rules: Mapping[str, Any]) -> str:
    """Return what is wrong with the value itself, without what is in it."""
    wanted: object = rules.get("type")
    names = cast("list[str]", wanted) if isinstance(wanted, list) else [wanted] if wanted else []
    if names and not any(_is_of(value, str(name)) for name in names):
        shown = " or ".join(_ARTICLES.get(str(name), f"a {name}") for name in names)
        return f"it must be {shown.replace('a null', 'null')}, not {shorten(value)}"
    if "const" in rules and value != rules["const"]:
        return f"it must be {rules['const']!r}, not {shorten(value)}"
    choices = rules.get("enum")
    if isinstance(choices, list) and value not in choices:
        listed = cast("list[object]", choices)
        shown = ", ".join(repr(choice) for choice in listed)
        return f"it must be one of {shown}, not {shorten(value)}"
    if isinstance(value, str):
        return _text_complaint(value, rules)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _number_complaint(value, rules)
    return (
        _size_complaint(len(cast("list[object]", value)), rules, "Items")
        if isinstance(value, list)
        else ""
    )


def _text_complaint(value: str, rules: Mapping[str, Any]) -> str:
    pattern = rules.get("pattern")
    if isinstance(pattern, str) and not _matches(pattern, value):
        return f"it must match {pattern!r}, but it is {shorten(value)}"
    return _size_complaint(len(value), rules, "Length")


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return True  # ECMAScript's patterns are not all Python's


def _size_complaint(size: int, rules: Mapping[str, Any], what: str) -> str:
    least, most = rules.get(f"min{what}"), rules.get(f"max{what}")
    noun = "characters" if what == "Length" else "items"
    if isinstance(least, int) and size < least:
        return f"it must have at least {least} {noun}, not {size}"
    if isinstance(most, int) and size > most:
        return f"it must have at most {most} {noun}, not {size}"
    return ""


_LIMITS: Final[Mapping[str, tuple[Callable[[float, float], bool], str]]] = {
    "minimum": (operator.ge, "at least"),
    "maximum": (operator.le, "at most"),
    "exclusiveMinimum": (operator.gt, "more than"),
    "exclusiveMaximum": (operator.lt, "less than"),
}


def _number_complaint(value: float, rules: Mapping[str, Any]) -> str:
    for key, (holds, words) in _LIMITS.items():
        limit = rules.get(key, False)
        if not isinstance(limit, bool) and isinstance(limit, (int, float)):
            fits = holds(value, limit)
            if not fits:
                return f"it must be {words} {limit}, not {value}"
    return ""
