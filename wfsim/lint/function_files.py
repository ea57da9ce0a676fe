"""The `function.json` files of the first programming model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, cast

__all__ = ["FunctionFile", "Kind", "read_function_files"]

Kind = Literal["orchestrator", "activity", "entity", "workflow", "step", "other"]
"""As what a function is registered."""

_TRIGGERS: Final[dict[str, Kind]] = {
    "orchestrationTrigger": "orchestrator",
    "activityTrigger": "activity",
    "entityTrigger": "entity",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionFile:
    """What one file says of one function."""

    kind: Kind
    name: str
    """The name of its folder."""
    script: Path
    entry_point: str
    parameter: str | None


def read_function_files(root: Path) -> Iterator[FunctionFile]:
    """Yield the durable functions that an app of the first model describes.

    A file that cannot be read as such is passed by: the host would not load the function either.
    """
    for path in sorted(root.glob("*/function.json")):
        try:
            document: object = json.loads(path.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError):
            continue
        settings = cast("dict[str, object]", document) if isinstance(document, dict) else {}
        bindings = settings.get("bindings")
        for binding in cast("list[object]", bindings) if isinstance(bindings, list) else []:
            entry = cast("dict[str, object]", binding) if isinstance(binding, dict) else {}
            kind = _TRIGGERS.get(str(entry.get("type")))
            if kind is not None:
                yield FunctionFile(
                    kind=kind,
                    name=path.parent.name,
                    script=(path.parent / str(settings.get("scriptFile", "__init__.py"))).resolve(),
                    entry_point=str(settings.get("entryPoint", "main")),
                    parameter=str(entry["name"]) if "name" in entry else None,
                )
