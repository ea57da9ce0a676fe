"""Plays every scenario and prints its events and checkpoints; run in a process of its own."""

from __future__ import annotations

import json
import re
import sys
import warnings
from typing import Any

__all__: list[str] = []

ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def main() -> None:
    """Print each scenario as it is: nothing is sorted, and no id is replaced."""
    warnings.simplefilter("ignore")
    from tests.workflow_scenarios.scenes import SCENES, play

    for name, scene in SCENES.items():
        run = play(scene)
        sys.stdout.write(f"== {name}\n")
        for event in run.events:
            fields = {key: value for key, value in vars(event).items() if value is not None}
            sys.stdout.write(f"{_text(fields)}\n")
        for checkpoint in run.checkpoints:
            sys.stdout.write(f"checkpoint {_text(checkpoint.to_dict())}\n")
        sys.stdout.write(f"{json.dumps(run.to_data(), sort_keys=False)}\n")


def _text(value: Any) -> str:
    return ADDRESS.sub("", json.dumps(value, default=_plain))


def _plain(value: Any) -> Any:
    to_dict = getattr(value, "to_dict", None)
    return to_dict() if callable(to_dict) else repr(value)


if __name__ == "__main__":
    main()
