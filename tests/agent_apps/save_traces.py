"""Plays the scenarios of all apps with agents and prints their traces; run in its own process."""

from __future__ import annotations

import sys
import warnings

from tests.apps import ROOT
from wfsim.scenario import load, play

__all__: list[str] = []


def main() -> None:
    """Print every scenario's name and trace."""
    warnings.simplefilter("ignore")
    for path in sorted((ROOT / "fixtures" / "apps").glob("agents_*/*.yaml")):
        outcome = play(load(path))
        sys.stdout.write(f"== {path.parent.name}/{path.stem}\n")
        sys.stdout.writelines(f"{line}\n" for line in outcome.trace.lines())


if __name__ == "__main__":
    main()
