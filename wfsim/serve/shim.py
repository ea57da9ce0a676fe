"""Writes a `func` that is wfsim, for suites that start their app with `func start`."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import Final

from wfsim.errors import UsageError

__all__ = ["write_shim"]

_MODULE: Final = "wfsim.serve.func"
# -P keeps the app's folder, in which it is started, from shadowing what wfsim imports.
_POSIX: Final = """#!/bin/sh
# Made by 'wfsim shim': stands in for 'func' of Azure Functions Core Tools.
exec {python} -P -m {module} "$@"
"""
_WINDOWS: Final = """@rem Made by 'wfsim shim': stands in for 'func' of Azure Functions Core Tools.
@"{python}" -P -m {module} %*
"""


def write_shim(folder: Path, *, is_windows: bool = os.name == "nt") -> list[Path]:
    """Write the command into a folder, which is made if it is not there; return its files.

    Args:
        folder: Where.
        is_windows: Whether to write a `func.cmd` too.

    Raises:
        UsageError: it cannot be written, or another `func` is there.
    """
    scripts = {"func": _POSIX.format(python=shlex.quote(sys.executable), module=_MODULE)}
    if is_windows:
        scripts["func.cmd"] = _WINDOWS.format(python=sys.executable, module=_MODULE)
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in scripts:
            _refuse_foreign(folder / name)
        for name, script in scripts.items():
            path = folder / name
            path.write_text(script, encoding="utf-8", newline="\r\n" if name != "func" else "\n")
            path.chmod(0o755)
            written.append(path.resolve())
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"Nothing can be written to {str(folder)!r}: {why}.") from None
    return written


def _refuse_foreign(path: Path) -> None:
    if path.is_symlink() or (path.exists() and _MODULE.encode() not in path.read_bytes()):
        raise UsageError(f"{str(path)!r} is there already, and not wfsim's. Name another folder.")
