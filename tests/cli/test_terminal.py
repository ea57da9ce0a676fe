"""What reaches a terminal: colours, widths, and nothing that steers it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.cli.conftest import ROOT, Command

Small = Callable[..., Path]
ESCALATES = "fixtures/apps/approval/escalates.yaml"
STUCK = "fixtures/apps/broken/wf101_stuck_event/approved.yaml"

HOSTILE = "\\e[31mred \\e]0;title\\a \\u009b2J \\u202e \\r \\b \\0 \\u2028 \\x7f"


def test_pipes_get_plain_text(wfsim: Command) -> None:
    """Output that is piped holds no escape sequences and is 100 columns wide at most."""
    out = wfsim("run", ESCALATES).out
    assert "\x1b" not in out
    assert max(map(cell_len, out.splitlines())) == 100


def test_terminals_get_colours(wfsim: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal shows the same text with colours, failures in red."""
    plain = wfsim("run", STUCK).out
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    coloured = wfsim("run", STUCK).out
    assert "\x1b[1;31m✗ \x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_no_color_is_honoured(wfsim: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """With NO_COLOR in the environment nothing is coloured, even in a terminal."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", wfsim("run", STUCK).out)


@pytest.mark.parametrize("columns", [20, 40, 72, 200])
def test_timelines_fit_the_terminal(
    columns: int, wfsim: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No line of a timeline is wider than the terminal, however narrow it is."""
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = wfsim("run", "fixtures/apps/saga/no_cars_left.yaml").out.split("\n\n")[0].splitlines()
    assert max(map(cell_len, lines[1:])) <= columns


def test_data_cannot_steer_the_terminal(small: Small, wfsim: Command) -> None:
    """Escapes in inputs, outputs, event names, payloads, reasons and failures are shown as text."""
    path = small(
        f"""
app: function_app.py
start:
  - {{orchestrator: echo, instance_id: e, input: ["{HOSTILE}"]}}
  - {{orchestrator: fail, instance_id: f, input: "{HOSTILE}"}}
  - {{orchestrator: listen, instance_id: l}}
stubs: {{activities: {{say: {{raises: "ValueError: {HOSTILE}"}}}}}}
steps:
  - {{at: 1s, instance: l, raise_event: {{name: "{HOSTILE}", data: "{HOSTILE}"}}}}
  - {{at: 2s, instance: l, suspend: {{reason: "{HOSTILE}"}}}}
  - {{at: 3s, instance: l, terminate: {{reason: "{HOSTILE}"}}}}
expect:
  - {{instance: e, output: "{HOSTILE}"}}
  - {{instance: f, failure: "{HOSTILE}1"}}
"""
    )
    done = wfsim("run", path)
    assert done.code == 1
    assert r"\x1b[31mred" in done.out
    assert "".join(re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]", done.out)) == ""


def test_answers_and_states_cannot_steer_the_terminal(small: Small, wfsim: Command) -> None:
    """Escapes in paths, entity keys and states are shown as text."""
    path = small(
        f"""
app: {ROOT}/fixtures/apps/shop/function_app.py
steps:
  - {{http: {{path: "/api/{HOSTILE}", status: 200}}}}
  - {{signal_entity: {{entity: "@stock@{HOSTILE}", operation: add, input: 1}}}}
expect: {{entities: {{"@stock@{HOSTILE}": "{HOSTILE}"}}}}
"""
    )
    done = wfsim("run", path)
    assert done.code == 1
    assert re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]", done.out) == []


def test_messages_cannot_steer_the_terminal(small: Small, wfsim: Command) -> None:
    """A message about the file shows what it quotes from the file as text."""
    for text in (
        f'app: function_app.py\nstart: {{orchestrator: "{HOSTILE}"}}\n',
        f'app: "{HOSTILE}"\nstart: {{orchestrator: echo}}\n',
        f'app: function_app.py\nstart: {{orchestrator: echo}}\n"{HOSTILE}": 1\n',
        f'"{HOSTILE}": 1\n"{HOSTILE}": 2\n',
    ):
        done = wfsim("run", small(text))
        assert done.code == 2
        assert re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]", done.err) == []


def test_huge_payloads_are_cut(small: Small, wfsim: Command) -> None:
    """A payload of a megabyte takes one line of the timeline and a few of the outcome."""
    text = f"app: function_app.py\nstart: {{orchestrator: echo, input: {'x' * 1_000_000}}}\n"
    done = wfsim("run", small(text + "expect: {output: y}\n"))
    assert done.code == 1
    assert len(done.out) < 2_000


def test_failures_are_told_in_full(small: Small, wfsim: Command) -> None:
    """What went wrong is wrapped, not cut, in a narrow timeline."""
    why = "the payment provider answers that the card has expired and wants another one"
    scenario = f"app: function_app.py\nstart: {{orchestrator: fail, input: {why}}}\n"
    done = wfsim("run", small(scenario + "expect: {status: Failed}\n"))
    timeline = done.out.partition("\n\n")[0]
    assert why in " ".join(timeline.split())


def test_several_runs_get_a_line_each(wfsim: Command) -> None:
    """The outcome of several runs is listed, one line for each."""
    out = wfsim("run", "fixtures/apps/approval/three_posts.yaml").out
    assert out.endswith(
        """
✓ 3 runs  (5d of virtual time)
  approval monday Completed at T+4h {"status":"published"}
  approval tuesday Completed at T+1d 6h {"status":"rejected","reason":"no reason given"}
  approval wednesday Completed at T+5d {"status":"escalated"}
"""
    )
