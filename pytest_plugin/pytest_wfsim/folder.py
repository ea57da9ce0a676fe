"""The folder of a report: prepared once, its pages named safely and written whole."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Final

__all__ = ["INDEX", "WrongFolder", "page_name", "prepared", "write_whole"]

INDEX: Final = "index.html"
_ENDING: Final = ".wfsim.html"
"""Nobody else's files end so: a later run may remove them."""
_MARKER: Final = '<meta name="generator" content="wfsim">'
_LONGEST: Final = 80


class WrongFolder(Exception):
    """Pages cannot be written there."""


def prepared(given: str, start: Path) -> Path:
    """Return the folder, made if it is missing, and without the pages of former runs.

    Args:
        given: What stands on the command line.
        start: The folder that a relative path counts from.

    Raises:
        WrongFolder: it is no folder, cannot be written, or holds somebody else's index.
    """
    if not given.strip():
        raise WrongFolder("Name a folder, for example --wfsim-report=reports.")
    folder = (start / given).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        index = folder / INDEX
        if index.exists() and _MARKER not in index.read_text(encoding="utf-8", errors="replace"):
            raise WrongFolder(f"{INDEX} in it is not wfsim's, and would be replaced. Use another.")
        for page in folder.glob(f"*{_ENDING}"):
            page.unlink()
        # Also tells before the tests whoever may not write here.
        write_whole(index, f"{_MARKER}\n<p>The tests have not ended.\n")
    except OSError as error:
        raise WrongFolder(f"It must be a folder that can be written ({error.strerror}).") from error
    return folder


def page_name(nodeid: str) -> str:
    """Return the name of a test's page: readable, safe on any file system, one for each test."""
    readable = re.sub(r"[^A-Za-z0-9_.]+", "-", nodeid)[-_LONGEST:].strip("-.")
    # What was cut or replaced, and what some file systems take for equal, differs in this.
    unique = hashlib.blake2s(nodeid.encode("utf-8", "backslashreplace"), digest_size=5).hexdigest()
    return f"{readable}-{unique}{_ENDING}"


def write_whole(path: Path, text: str) -> None:
    """Write a file so that nobody ever finds half of it."""
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        half.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
