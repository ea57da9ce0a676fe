"""Checkpoints of Agent Framework's workflows, held against today's workflow."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from agent_framework import (
    Executor,
    FileCheckpointStorage,
    WorkflowBuilder,
    WorkflowContext,
    handler,
)

from wfsim.cli import main
from wfsim.replay import CheckpointReplayer, ReplayResult, Unreadable, load_histories


class Draft(Executor):
    """Writes."""

    @handler
    async def draft(self, topic: str, context: WorkflowContext[str]) -> None:
        """Send a draft."""
        await context.send_message(topic.upper())


class Publish(Executor):
    """Publishes."""

    @handler
    async def publish(self, text: str, context: WorkflowContext[Any, str]) -> None:
        """Yield the text."""
        await context.yield_output(text)


class Broken(Publish):
    """Cannot be restored."""

    async def on_checkpoint_restore(self, state: dict[str, Any]) -> None:
        """Look for what is not there."""
        raise KeyError("draft")


def blog(publish: Executor, *, twice: bool = False) -> Any:
    """Return a workflow of two executors."""
    draft = Draft(id="draft")
    builder = WorkflowBuilder(name="blog", start_executor=draft).add_edge(draft, publish)
    return builder.add_edge(draft, Publish(id="archive")).build() if twice else builder.build()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoints of one run."""
    folder = tmp_path_factory.mktemp("checkpoints")
    storage = FileCheckpointStorage(folder)
    asyncio.run(_run(blog(Publish(id="publish")), storage))
    return folder


async def _run(workflow: Any, storage: Any) -> None:
    await workflow.run("ferns", checkpoint_storage=storage)


def _replayed(workflow: object, folder: Path) -> list[ReplayResult]:
    with CheckpointReplayer(workflow) as replayer:
        return [replayer.replay(item) for item in load_histories(folder)]


def _verdicts(workflow: object, folder: Path) -> set[tuple[str, str]]:
    return {
        (str(item.verdict), item.difference.cause if item.difference else "")
        for item in _replayed(workflow, folder)
    }


def test_the_same_workflow_takes_every_checkpoint_over(saved: Path) -> None:
    """Built anew, it restores each checkpoint of an earlier process."""
    assert _verdicts(blog(Publish(id="publish")), saved) == {("compatible", "")}


@pytest.mark.parametrize(
    ("workflow", "cause"),
    [
        (
            lambda: blog(Publish(id="publisher")),
            "executor 'publish' is gone. Did you mean 'publisher'?",
        ),
        (lambda: blog(Publish(id="publish"), twice=True), "executor 'archive' was added"),
        (
            lambda: blog(Broken(id="publish")),
            "an edge, or the class of an executor, has changed",
        ),
    ],
)
def test_a_changed_graph_is_refused_with_what_changed(
    workflow: Callable[[], Any], cause: str, saved: Path
) -> None:
    """The framework only says that the graph has changed; the verdict says how."""
    assert _verdicts(workflow(), saved) == {("incompatible", cause)}


def test_an_executor_that_cannot_be_restored_is_incompatible(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the user's own on_checkpoint_restore raises is the reason."""
    monkeypatch.setattr(Publish, "on_checkpoint_restore", Broken.on_checkpoint_restore)
    assert _verdicts(blog(Publish(id="publish")), saved) == {
        ("incompatible", "restoring it fails: KeyError: 'draft'")
    }


def test_a_message_that_reaches_nobody_is_stuck(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The graph is the same, but no handler takes what is under way: the run would just end."""
    workflow = blog(Publish(id="publish"))
    monkeypatch.setattr(Publish, "can_handle", lambda self, message: False)
    monkeypatch.setattr(Draft, "can_handle", lambda self, message: False)
    found = _verdicts(workflow, saved)
    assert ("stuck", "no handler of 'publish' takes a str any more") in found


def _one(saved: Path, folder: Path) -> Path:
    path = min(saved.iterdir())
    return Path(shutil.copy(path, folder))


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda text: text[: len(text) // 2], "It is not JSON"),
        (lambda text: text.replace('"state"', '"stat"', 1), "It cannot be loaded"),
        (lambda text: text.replace('"messages"', '"mesages"', 1), "It cannot be loaded"),
    ],
)
def test_damaged_checkpoints_are_named(
    damage: Callable[[str], str], why: str, saved: Path, tmp_path: Path
) -> None:
    """Truncated, or without a field: not replayable, with the file and the reason."""
    path = _one(saved, tmp_path)
    path.write_text(damage(path.read_text(encoding="utf-8")), encoding="utf-8")
    (result,) = _replayed(blog(Publish(id="publish")), tmp_path)
    assert result.verdict == "not replayable"
    assert why in result.why
    assert result.source.path == str(path)


def test_another_encoding_is_named(saved: Path, tmp_path: Path) -> None:
    """A file that is no UTF-8 says at which byte."""
    path = _one(saved, tmp_path)
    path.write_bytes(path.read_bytes().replace(b"blog", b"bl\xf8g"))
    (found,) = load_histories(tmp_path)
    assert isinstance(found, Unreadable)
    assert found.source.position.startswith("byte ")


FLOW = """\
from agent_framework import Executor, WorkflowBuilder, WorkflowContext, handler


class Draft(Executor):
    @handler
    async def draft(self, topic: str, context: WorkflowContext[str]) -> None:
        await context.send_message(topic.upper())


draft = Draft(id="draft")
workflow = WorkflowBuilder(name="blog", start_executor=draft).build()
number = 7
"""


def test_the_command_line_takes_a_workflow(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--app FILE.py:ATTRIBUTE names it; a function app is told what it got."""
    flow = tmp_path / "flow_of_test_checkpoints.py"
    flow.write_text(FLOW, encoding="utf-8")
    assert main(["replay", "--app", f"{flow}:workflow", str(saved)]) == 1
    assert "executor 'publish' is gone." in capsys.readouterr().out
    assert main(["replay", "--app", "fixtures/apps/saga", str(saved)]) == 2
    assert "--app FILE.py:ATTRIBUTE" in capsys.readouterr().out
    assert main(["replay", "--app", f"{flow}:workflw", str(saved)]) == 2
    assert "Did you mean 'workflow'?" in capsys.readouterr().err


def test_checkpoints_are_recognised_by_content(saved: Path, tmp_path: Path) -> None:
    """Whatever else lies beside them; a list of two is read as two."""
    path = _one(saved, tmp_path)
    item = json.loads(path.read_text(encoding="utf-8"))
    (tmp_path / "two.json").write_text(json.dumps([item, item]), encoding="utf-8")
    kinds = [type(found).__name__ for found in load_histories(tmp_path)]
    assert kinds == ["RecordedCheckpoint"] * 3
