"""Runs a module twice, in processes that differ in what must not matter."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.apps import ROOT

__all__ = ["in_two_processes"]


def in_two_processes(module: str) -> tuple[list[str], list[str]]:
    """Return the lines that a module prints, with two hash seeds and time zones."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed, zone in (("1", "UTC"), ("4242", "Asia/Kolkata"))
    ]
    printed = []
    for process in started:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        printed.append(out.splitlines())
    return printed[0], printed[1]
