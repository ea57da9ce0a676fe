"""The corpus of small buggy apps and their correct twins under fixtures/bugs."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

import yaml

__all__ = [
    "BUGS",
    "CORPUS",
    "FOLDERS",
    "MANIFEST_FILE",
    "TWINS",
    "Circle",
    "Manifest",
    "read_manifest",
]

FOLDER = Path(__file__).parents[2] / "fixtures" / "bugs"
MANIFEST_FILE = "bug.yaml"

Circle = Literal["order", "faults", "what_if"]
"""The smallest circle of perturbations in which a bug shows; the quiet run belongs to `order`."""

REPORTS = frozenset({"expect", "failed", "replay", "stuck"})
"""What finds a bug, beside the codes of findings."""


@dataclass(frozen=True)
class Manifest:
    """What `bug.yaml` says about the app in its folder.

    Attributes:
        folder: Where the app, its scenario and its manifest are.
        bug: What is wrong, in one sentence; "none" for a twin.
        circle: The circle that shows the bug; None for a twin.
        finds: What reports the bug: one of REPORTS, or the code of a finding; "" for a twin.
        twin_of: For a twin, the folder's name of the app that it is the correct version of.
        quiet: Whether `wfsim run` shows the bug already: "fails" or "passes".
    """

    folder: Path
    bug: str
    circle: Circle | None
    finds: str
    twin_of: str | None
    quiet: Literal["fails", "passes"]

    @property
    def name(self) -> str:
        """Return the name of the folder."""
        return self.folder.name

    @property
    def app(self) -> Path:
        """Return the path of the app."""
        return self.folder / "function_app.py"

    @property
    def scenario(self) -> Path:
        """Return the path of the one scenario."""
        return self.folder / "scenario.yaml"

    def docstring(self) -> str:
        """Return what the app says about itself."""
        return ast.get_docstring(ast.parse(self.app.read_text(encoding="utf-8"))) or ""


def _is_report(finds: str) -> bool:
    return finds in REPORTS or (finds.startswith("WF") and finds[2:].isdigit() and len(finds) == 5)


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a folder.

    Raises:
        ValueError: It is not valid.
    """
    path = folder / MANIFEST_FILE
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    if unknown := set(data) - {"bug", "circle", "finds", "quiet", "twin_of"}:
        raise ValueError(f"{path}: unknown: {sorted(unknown)}")
    bug, twin_of, quiet = data.get("bug"), data.get("twin_of"), data.get("quiet", "passes")
    if not isinstance(bug, str) or not bug:
        raise ValueError(f"{path}: `bug` is one sentence, or `none`")
    if quiet not in {"fails", "passes"}:
        raise ValueError(f"{path}: `quiet` is `fails` or `passes`")
    if (bug == "none") != (twin_of is not None):
        raise ValueError(f"{path}: a twin has `bug: none` and `twin_of`, and a bug has neither")
    if twin_of is not None:
        if {"circle", "finds", "quiet"} & set(data):
            raise ValueError(f"{path}: a twin has only `bug: none` and `twin_of`")
        return Manifest(folder, bug, None, "", str(twin_of), "passes")
    if data.get("circle") not in get_args(Circle):
        raise ValueError(f"{path}: `circle` is one of {get_args(Circle)}")
    if not _is_report(str(data.get("finds"))):
        raise ValueError(f"{path}: `finds` is one of {sorted(REPORTS)}, or a code such as WF103")
    return Manifest(folder, bug, cast("Circle", data["circle"]), str(data["finds"]), None, quiet)


FOLDERS = sorted(
    path for path in FOLDER.glob("*") if path.is_dir() and not path.name.startswith((".", "__"))
)
CORPUS = [read_manifest(path) for path in FOLDERS if (path / MANIFEST_FILE).exists()]
"""All of it, bugs and twins, by name."""
BUGS = [manifest for manifest in CORPUS if manifest.twin_of is None]
TWINS = [manifest for manifest in CORPUS if manifest.twin_of is not None]
