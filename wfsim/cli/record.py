"""`wfsim record`: its options, and what it prints."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wfsim.cli.serve import Commands
from wfsim.errors import UsageError

if TYPE_CHECKING:
    from wfsim.replay.corpus.recording import Recording

__all__ = ["add_record"]

_ABOUT: Final = """\
Record a corpus: the fewest histories that show all that was reached of each orchestrator.

Scenarios are played as written, and with events, failures and orders that differ. What is kept are
small text files to commit and review; `wfsim replay` and `pytest --wfsim-corpus` hold them against
the code of tomorrow. Files that are still good stay as they are, to the byte."""

_EXAMPLES: Final = """\
examples:
  wfsim record approval.yaml --to corpus/           one scenario, 200 runs
  wfsim record scenarios/ --to corpus/              all scenarios of an app
  wfsim record scenarios/ --to corpus/ --prune      and remove files that are of no use any more
  wfsim replay --app function_app.py corpus/        hold the corpus against today's code

exit codes: 0 fine, 1 an orchestrator does not take over what it just did, 2 the call is wrong"""

_EVERY_SECONDS: Final = 0.1


def add_record(commands: Commands) -> None:
    """Add `wfsim record`."""
    command = commands.add_parser(
        "record",
        help="keep histories of today's code, to replay tomorrow",
        description=_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(call=_record, parser=command)
    command.add_argument(
        "scenario",
        nargs="+",
        type=Path,
        metavar="SCENARIO",
        help="a YAML file, or a folder with scenarios in and below it; all of one app",
    )
    command.add_argument(
        "--to", required=True, type=Path, metavar="DIR", help="the corpus's folder"
    )
    command.add_argument(
        "--schedules", type=int, default=200, metavar="N", help="runs of each (default 200)"
    )
    command.add_argument(
        "--seed", type=int, default=0, metavar="N", help="decides which runs (default 0)"
    )
    command.add_argument(
        "--prune", action="store_true", help="remove files that are of no use any more"
    )
    command.add_argument("--json", action="store_true", help="print one JSON document instead")


def _record(options: argparse.Namespace) -> int:
    # Late: it brings the SDK and the scenarios with it, which other commands do without.
    from wfsim.cli.find import scenario_files  # noqa: PLC0415
    from wfsim.explore.hushed import hushed  # noqa: PLC0415
    from wfsim.replay.corpus.recording import record  # noqa: PLC0415
    from wfsim.scenario import load  # noqa: PLC0415

    if options.schedules < 1:
        raise UsageError(f"--schedules {options.schedules} must be at least 1.")
    if options.to.exists() and not options.to.is_dir():
        raise UsageError(f"--to {str(options.to)!r} is a file; name the corpus's folder.")
    scenarios = [load(path) for path in scenario_files(options.scenario)]
    progress = _Progress(len(scenarios) * options.schedules)
    with hushed():
        recording = record(
            scenarios,
            options.to,
            schedules=options.schedules,
            seed=options.seed,
            on_run=progress,
        )
    progress.close()
    if options.prune:
        for path in recording.obsolete:
            path.unlink()
    if options.json:
        print(json.dumps(_document(recording), indent=2, ensure_ascii=False))
    else:
        _print(recording, pruned=options.prune)
    return 1 if recording.skipped else 0


class _Progress:
    """Says on terminals how many runs are done."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._shown = 0.0
        self._stream = sys.stderr  # meanwhile, what the app writes there is hushed

    def __call__(self, done: int) -> None:
        now = time.monotonic()
        if self._stream.isatty() and now - self._shown >= _EVERY_SECONDS:
            self._shown = now
            print(f"\r{done:,} of {self._total:,} runs", end="", file=self._stream, flush=True)

    def close(self) -> None:
        """Leave the line empty."""
        if self._shown:
            print("\r\x1b[K", end="", file=self._stream, flush=True)


def _print(recording: Recording, *, pruned: bool) -> None:
    for name, item in sorted(recording.orchestrators.items()):
        yields = f"{item.reached} of {item.reached + len(item.unreached)} yields reached"
        ways = _many(len(item.features), "way on", "ways on")
        files = _many(len(item.files), "file")
        print(f"{name}: {yields}, {ways}, {files}")
        for place in item.unreached:
            print(f"  never reached: {place}")
    for name, why in sorted(recording.skipped.items()):
        print(f"{name}: not recorded, it does not even take over what it just did: {why}")
    _list("written", recording.written)
    _list("kept", recording.kept)
    for path, why in recording.obsolete.items():
        print(f"{'removed' if pruned else 'of no use'}  {path}: {why}")
    if recording.obsolete and not pruned:
        print("Remove files of no use with --prune.")


def _list(what: str, paths: Sequence[Path]) -> None:
    for path in sorted(paths):
        print(f"{what:<8} {path}")


def _many(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def _document(recording: Recording) -> dict[str, object]:
    return {
        "orchestrators": [
            {
                "name": name,
                "yields_reached": item.reached,
                "unreached": [{"file": p.file, "line": p.line} for p in item.unreached],
                "ways": sorted(item.features),
                "files": sorted(map(str, item.files)),
            }
            for name, item in sorted(recording.orchestrators.items())
        ],
        "written": sorted(map(str, recording.written)),
        "kept": sorted(map(str, recording.kept)),
        "obsolete": {str(path): why for path, why in recording.obsolete.items()},
        "not_recorded": recording.skipped,
    }
