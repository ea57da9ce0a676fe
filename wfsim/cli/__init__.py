"""The `wfsim` command."""

from __future__ import annotations

from wfsim.cli.main import main

__all__ = ["main"]
