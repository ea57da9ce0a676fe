"""Play scenes and save their traces into a folder: `save_traces.py FOLDER SCENE…`."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def main(folder: Path, scenes: list[str]) -> None:
    """Save one trace file per scene."""
    sys.path[:0] = [str(ROOT)]
    from tests.apps import app_of
    from tests.determinism.noisy import ACTIVITIES, noisy
    from tests.scenes import staged
    from wfsim import Simulation
    from wfsim.choices import seeded

    for scene in scenes:
        if scene == "noisy":
            with Simulation(app_of(noisy, *ACTIVITIES), seed=3, findings="ignore") as sim:
                sim.start("noisy")
                sim.advance("1d")
                sim.trace.save(folder / "noisy.jsonl")
            continue
        with staged(scene, seed=3, schedule=seeded(5)) as (sim, until):
            sim.advance(until)
            sim.trace.save(folder / f"{scene.replace('/', '-')}.jsonl")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
