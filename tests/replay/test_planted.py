"""A corpus of every fixture app, and an edit that is planted in its orchestrators."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest

from tests.apps import FIXTURE_APPS, fixture_app
from tests.scenes import STARTED
from wfsim.replay import RecordedHistory, Replayer, load_histories
from wfsim.replay.corpus.recording import record
from wfsim.replay.turns import turns_of
from wfsim.scenario import load

APPS = [
    app
    for app in FIXTURE_APPS
    if any(scene.startswith(f"{app}/") for scene in STARTED)
    # The framework makes the orchestrators of workflows by itself: there is nothing to edit.
    and not app.startswith("agents_workflow")
]
FEW = APPS[::4]
_TIMER = (
    "yield {context}.create_timer({context}.current_utc_datetime"
    " + __import__('datetime').timedelta(minutes=5))"
)
_STATUS = "{context}.set_custom_status('edited')"


def _copied(app: str, folder: Path) -> Path:
    return Path(shutil.copytree(fixture_app(app), folder / app))


def _recorded(app: Path, corpus: Path) -> list[Path]:
    paths = sorted(app.glob("*.yaml"))
    scenarios = [load(path) for path in paths if f"{app.name}/{path.stem}" in STARTED]
    recording = record(scenarios, corpus, schedules=4)
    assert not recording.skipped, recording.skipped
    assert not recording.obsolete
    return recording.written


class _Planter(ast.NodeTransformer):
    def __init__(self, statement: str) -> None:
        self._statement = statement

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        if "orchestration_trigger" in "".join(map(ast.unparse, node.decorator_list)):
            statement = self._statement.format(context=node.args.args[0].arg)
            node.body[:0] = ast.parse(statement).body
        return node


def _planted(app: Path, statement: str) -> None:
    for path in app.rglob("*.py"):
        tree = _Planter(statement).visit(ast.parse(path.read_text(encoding="utf-8")))
        path.write_text(ast.unparse(ast.fix_missing_locations(tree)), encoding="utf-8")


def _verdicts(app: Path, corpus: Path) -> dict[bool, set[str]]:
    """Return the verdicts on the corpus, by whether a history has any step."""
    found: dict[bool, set[str]] = {}
    with Replayer(app) as replayer:
        for history in load_histories(corpus):
            assert isinstance(history, RecordedHistory), history
            has_steps = any(turn.decisions for turn in turns_of(history.events))
            verdict = str(replayer.replay(history).verdict)
            found.setdefault(has_steps, set()).add(verdict)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", FEW)
def test_a_corpus_knows_good_edits_from_bad(name: str, tmp_path: Path) -> None:
    """Recording again changes no byte; a timer in front breaks every history; a status none."""
    corpus = tmp_path / "corpus"
    app = _copied(name, tmp_path)
    assert _recorded(app, corpus)
    before = {path.name: path.read_bytes() for path in corpus.iterdir()}
    assert _recorded(app, corpus) == []
    assert {path.name: path.read_bytes() for path in corpus.iterdir()} == before
    _planted(app, _STATUS)
    assert set().union(*_verdicts(app, corpus).values()) == {"compatible"}
    _planted(app, _TIMER)
    verdicts = _verdicts(app, corpus)
    assert verdicts[True] == {"incompatible"}
    assert verdicts.get(False, {"compatible"}) == {"compatible"}
