"""Corpus files: small text that people review, and that loses nothing."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.apps import Context, Steps, fixture_app
from tests.replay.recorded import histories_of, played
from tests.scenes import STARTED, staged
from wfsim.errors import WfsimError
from wfsim.replay import RecordedHistory, Replayer, Unreadable, load_histories, load_history
from wfsim.replay.corpus.write import text_of


def _recorded(scene: str) -> list[RecordedHistory]:
    with staged(scene) as (sim, until):
        with suppress(WfsimError):  # some scenes show what goes wrong
            sim.advance(until)
        return histories_of(sim.trace)


@pytest.mark.parametrize("scene", STARTED)
def test_files_lose_nothing(scene: str, tmp_path: Path) -> None:
    """A history, written, read, and written again, is the same text and still compatible."""
    path = tmp_path / "history.yaml"
    with Replayer(fixture_app(scene.rpartition("/")[0])) as replayer:
        for history in _recorded(scene)[-8:]:
            text = text_of(history)
            path.write_text(text, encoding="utf-8")
            again = load_history(path)
            assert text_of(again) == text
            assert [type(event) for event in again.events] == [type(e) for e in history.events]
            assert [event.at_us for event in again.events] == [e.at_us for e in history.events]
            result = replayer.replay(replace(again, waits=None, retries=None))
            assert (result.verdict, result.warnings) == ("compatible", ())


def order(context: Context) -> Steps:
    yield context.call_activity("say", {"id": 1})
    yield context.wait_for_external_event("approval")


TEXT = """\
# wfsim corpus 1: written by `wfsim record`, replayed by `wfsim replay` and `pytest --wfsim-corpus`.
app: ../function_app.py
orchestrator: order
instance: order-17
input:
  order: 17
status: Completed
covers:
  - an approval
start: '2000-01-01T00:00:00Z'
turns:
  - at: 0s
    came:
      - {started: order}
    did:
      - {step: 0, call_activity: say, input: {id: 1}, retry: 3 x every 5000 ms}
  - at: 0s
    came:
      - {result_of: 0, value: {id: 1}}
    waits:
      - approval
  - at: 2h
    came:
      - {event: approval, data: true}
    did:
      - {step: 1, ends: Completed}
"""


def _order() -> RecordedHistory:
    def play(sim: object, run: object) -> None:
        sim.at("2h", run.raise_event, "approval", True)  # type: ignore[attr-defined]
        sim.advance(hours=3)  # type: ignore[attr-defined]

    return replace(
        played(order, play=play),
        retries={0: "3 x every 5000 ms"},
        waits={1: ("approval",)},
    )


def test_files_read_like_a_story() -> None:
    """Turn by turn what came in and what was decided, payloads without the wire's wrappings."""
    assert text_of(_order(), app="../function_app.py", covers=("an approval",)) == TEXT


def test_what_azure_does_not_keep_is_kept(tmp_path: Path) -> None:
    """Retry policies and the events that were waited for come back."""
    (tmp_path / "order.yaml").write_text(TEXT, encoding="utf-8")
    history = load_history(tmp_path / "order.yaml")
    assert history.retries == {0: "3 x every 5000 ms"}
    assert history.waits == {0: (), 1: ("approval",), 2: ()}


@pytest.mark.parametrize(
    ("old", "new", "line", "why"),
    [
        ("orchestrator: order", "orchestratr: order", 3, "There is no key 'orchestratr'. Did you"),
        ("status: Completed", "status: Complete", 7, "There is no status 'Complete'. Did you"),
        ("call_activity: say", "cal_activity: say", 16, "No step is called 'cal_activity'. Did"),
        ("result_of: 0", "result: 0", 19, "Nothing that comes in is called 'result'. Did you"),
        ("result_of: 0", "result_of: 7", 11, "TaskCompleted answers the decision 7, which"),
        ("step: 0, ", "", 16, "'step' is missing."),
        ("step: 0, ", "step: one, ", 16, "'step' must be int, not 'one'."),
        ("at: 2h", "at: soon", 22, "soon"),
        ("start: '2000-01-01T00:00:00Z'", "start: noon", 10, "'start' must be an instant"),
        ("- {started: order}", "- started", 14, "Keys are wanted here, not 'started'."),
    ],
)
def test_damage_is_named_with_its_line(
    old: str, new: str, line: int, why: str, tmp_path: Path
) -> None:
    """A key, step or reference that means nothing: file, line, and what was meant."""
    path = tmp_path / "order.yaml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    (found,) = load_histories(path)
    assert isinstance(found, Unreadable), found
    assert why in found.why
    assert found.source.position == f"line {line}"
