"""Which scenario files a command line means."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from wfsim.errors import UsageError
from wfsim.replay.corpus import is_corpus

__all__ = ["is_folder", "scenario_files"]

_SCENARIO = re.compile(r"^(?:\{ *)?[\"']?(?:app|start)[\"']? *:", re.MULTILINE)
"""A folder may hold other YAML too; one of these two keys tells a scenario, even a broken one."""


def scenario_files(paths: Sequence[Path]) -> list[Path]:
    """Return the files, and of each folder the scenarios in and below it, each file once.

    Raises:
        UsageError: a folder holds no scenario.
    """
    found: dict[Path, None] = {}
    for path in paths:
        files = list(_below(path)) if is_folder(path) else [path]
        if not files:
            raise UsageError(
                f"There is no scenario in the folder {str(path)!r}. A scenario is a YAML file "
                "with app: and start:."
            )
        found.update(dict.fromkeys(files))
    return list(found)


def is_folder(path: Path) -> bool:
    """Whether `path` is a folder; one that the system refuses to look at is none."""
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises for names that are too long


def _below(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_foreign(Path(root, name)))
        for name in sorted(files):
            path = Path(root, name)
            if path.suffix in {".yaml", ".yml"} and _is_scenario(path):
                yield path


def _is_foreign(folder: Path) -> bool:
    """Whether a folder is hidden, or holds what somebody installed."""
    is_environment = (folder / "pyvenv.cfg").exists()
    return folder.name.startswith(".") or folder.name == "node_modules" or is_environment


def _is_scenario(path: Path) -> bool:
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return True  # reading it for real says what is wrong
    return bool(_SCENARIO.search(text)) and not is_corpus(text)
