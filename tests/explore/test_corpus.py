"""The corpus of bugs that exploring has to find, and of twins in which there is nothing to find."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.explore.corpus import (
    BUGS,
    CORPUS,
    FOLDERS,
    MANIFEST_FILE,
    TWINS,
    Manifest,
    read_manifest,
)
from wfsim.scenario import Outcome, load, play

AT_LEAST_BUGS = 30
AT_LEAST_TWINS = 15


SLOW = "watering_endless_history"
"""It takes weeks to show, day by day."""


def _params(manifests: list[Manifest]) -> list[Any]:
    """Return what the tests are run with, the slow ones marked."""
    return [
        pytest.param(
            manifest,
            id=manifest.name,
            marks=[pytest.mark.slow] if manifest.name.startswith(SLOW) else [],
        )
        for manifest in manifests
    ]


def _quiet(manifest: Manifest) -> Outcome:
    return play(load(manifest.scenario))


every_folder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
every_app = pytest.mark.parametrize("manifest", _params(CORPUS))
every_bug = pytest.mark.parametrize("manifest", _params(BUGS))
every_twin = pytest.mark.parametrize("manifest", _params(TWINS))


@every_folder
def test_every_folder_has_an_app_a_scenario_and_a_manifest(folder: Path) -> None:
    """A folder of the corpus holds its three files, and one scenario only."""
    files = {path.name for path in folder.iterdir() if path.is_file()}
    assert {"function_app.py", "scenario.yaml", MANIFEST_FILE} <= files
    assert [name for name in sorted(files) if name.endswith(".yaml")] == [
        MANIFEST_FILE,
        "scenario.yaml",
    ]


@every_app
def test_every_app_says_in_one_line_what_it_shows(manifest: Manifest) -> None:
    """The only words that give a bug away are one line at the top."""
    assert len(manifest.docstring().splitlines()) == 1
    source = manifest.app.read_text(encoding="utf-8")
    assert not [line for line in source.splitlines() if line.lstrip().startswith("#")]


def test_there_are_enough() -> None:
    """The corpus is large enough to mean something."""
    assert len(BUGS) >= AT_LEAST_BUGS
    assert len(TWINS) >= AT_LEAST_TWINS


def test_no_two_bugs_are_the_same() -> None:
    """Each bug has a name and a sentence of its own."""
    assert len({manifest.name.casefold() for manifest in CORPUS}) == len(CORPUS)
    assert len({manifest.bug.casefold() for manifest in BUGS}) == len(BUGS)


@every_twin
def test_every_twin_belongs_to_a_bug(manifest: Manifest) -> None:
    """A twin is named after its bug."""
    assert manifest.twin_of in {bug.name for bug in BUGS}
    assert manifest.name == f"{manifest.twin_of}_fixed"


@every_twin
def test_a_twin_runs_well_and_leaves_nothing(manifest: Manifest) -> None:
    """In the quiet run a twin does what it should, and there is no finding at all."""
    outcome = _quiet(manifest)
    assert outcome.is_good
    assert outcome.findings == ()


@every_bug
def test_the_quiet_run_shows_what_the_manifest_says(manifest: Manifest) -> None:
    """A bug that needs another order, a fault or other people is invisible in the quiet run."""
    assert _quiet(manifest).is_good == (manifest.quiet == "passes")


@every_bug
def test_only_bugs_of_the_innermost_circle_show_at_once(manifest: Manifest) -> None:
    """What the quiet run shows needs no circle around it."""
    assert manifest.quiet == "passes" or manifest.circle == "order"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("bug: It fails.\ncircle: weather\nfinds: replay\n", "circle"),
        ("bug: It fails.\ncircle: order\nfinds: WF1\n", "finds"),
        ("bug: It fails.\ncircle: order\nfinds: luck\n", "finds"),
        ("bug: It fails.\ncircle: order\nfinds: expect\nquiet: maybe\n", "quiet"),
        ("bug: It fails.\ncircle: order\nfinds: expect\nfix: no\n", "unknown"),
        ("bug: none\ncircle: order\nfinds: expect\n", "twin"),
        ("bug: none\ntwin_of: other\nfinds: expect\n", "twin"),
        ("circle: order\nfinds: expect\n", "bug"),
    ],
)
def test_a_wrong_manifest_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    """A manifest with an unknown word says which key is wrong."""
    (tmp_path / MANIFEST_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=complaint):
        read_manifest(tmp_path)
