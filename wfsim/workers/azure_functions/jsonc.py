"""JSON with comments, as the Functions tools take it in their settings files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

from wfsim.errors import AppLoadError

__all__ = ["Json", "read_jsonc"]

Json = None | bool | str | list["Json"] | dict[str, "Json"]
"""A value in which every number is the text that stood in the file."""

_TOKEN: Final = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TEXT_OR_TRAILING_COMMA: Final = re.compile(r'"(?:\\.|[^"\\])*"|,(?=\s*[}\]])', re.DOTALL)
_NO_BREAK: Final = re.compile(r"[^\n]")


def read_jsonc(file: Path) -> dict[str, Json]:
    """Return the object that a file holds; comments and trailing commas are no matter.

    Numbers come as text, because that is what settings are to the host: `1.0` is not `1`.

    Raises:
        AppLoadError: the file cannot be read, is not JSON, or holds something else.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise AppLoadError(f"{file} cannot be read: {error}.") from None
    plain = _TOKEN.sub(_without_comment, text)
    plain = _TEXT_OR_TRAILING_COMMA.sub(_without_comma, plain)
    try:
        value: Json = json.loads(plain, strict=False, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        raise AppLoadError(
            f"{file} is not JSON: line {error.lineno}, column {error.colno}: {error.msg}."
        ) from None
    except RecursionError:
        raise AppLoadError(f"{file} is nested too deeply.") from None
    if not isinstance(value, dict):
        raise AppLoadError(f"{file} must hold one JSON object, {{…}}, and holds {plain.strip()}.")
    return value


def _without_comment(match: re.Match[str]) -> str:
    """Blank a comment out, so that what follows stays on its line and in its column."""
    token = match[0]
    return token if token.startswith('"') else _NO_BREAK.sub(" ", token)


def _without_comma(match: re.Match[str]) -> str:
    return " " if match[0] == "," else match[0]
