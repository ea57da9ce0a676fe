"""Sequence diagrams in Mermaid's language."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.hand_made import EVIL
from tests.report.played import charted
from tests.scenes import SCENES
from wfsim.report.chart import Arrow, Bar, Chart, Lane, Mark
from wfsim.report.mermaid import mermaid
from wfsim.report.row import Kind

TEXT = r"(?:[A-Za-z0-9 .,()\[\]{}=+*@'!?/|_→-]|#\d+;)*"
LINES = [
    r"sequenceDiagram",
    rf"title {TEXT}",
    rf"    (participant|actor) P\d+ as {TEXT}",
    rf"    P\d+(->>|-->>|-\))P\d+: {TEXT}",
    rf" +Note over P\d+(,P\d+)?: {TEXT}",
    r"    rect rgba\(220, 60, 60, 0\.2\)",
    r"    end",
]
"""All that may stand in a diagram."""

KINDS: tuple[Kind, ...] = ("start", "work", "time", "event", "good", "bad", "note", "finding")
HOUR_US = 3_600_000_000


def check(diagram: str) -> None:
    """Hold each line against what we know of the language; every alias is declared."""
    declared: set[str] = set()
    depth = 0
    for line in diagram.removesuffix("\n").split("\n"):
        assert any(re.fullmatch(form, line) for form in LINES), line
        declared.update(re.findall(r"^ {4}(?:participant|actor) (P\d+) as", line))
        if not line.startswith("title "):
            names = line.partition(":")[0].partition(" as ")[0]
            assert set(re.findall(r"\bP\d+\b", names)) <= declared
        depth += line.startswith("    rect") - (line == "    end")
        assert depth in {0, 1}
        said = line.partition(": ")[2] or line.partition(" as ")[2]
        assert not re.search(r"\bend\b", said, re.IGNORECASE)


def test_an_approval() -> None:
    """Arrows say who asks what of whom, messages to oneself what ran, notes what was waited for."""
    assert (
        mermaid(charted("approval/approved"))
        == """\
sequenceDiagram
title approval/approved
    actor P1 as clients
    participant P2 as post-1
    P1->>P2: approval {#34;topic#34;#58; #34;AI#34;}
    P2->>P2: write_draft → {#34;title#34;#58; #34;What we learned about AI#34;, #34;body#34;#58; \
#34;AI, explained in 5#8230;
    P2->>P2: ask_for_approval
    Note over P2: waits for event approval, timer of 3d
    Note over P1,P2: 2h later
    P1-)P2: T+2h approval {#34;approved#34;#58; true}
    P2->>P2: publish
    Note over P2: Completed {#34;status#34;#58; #34;published#34;}
"""
    )


def test_children_and_answers() -> None:
    """A parent starts its children, and each answers with its output."""
    plain = mermaid(charted("parent_children/welcome")).replace("#34;", '"').replace("#58;", ":")
    assert [line.strip() for line in plain.splitlines() if "P3" in line] == [
        "participant P3 as account-fjord",
        'P2->>P3: open_account {"name": "fjord", "email": "cfo@fjord.example"}',
        'P3->>P3: create_account → "NO-0005"',
        "P3->>P3: send_contract",
        'P3-->>P2: Completed → {"number": "NO-0005"}',
    ]


def test_failures_are_coloured() -> None:
    """What failed stands in a red note with its cause."""
    diagram = mermaid(charted("saga/no_cars_left"))
    assert "    rect rgba(220, 60, 60, 0.2)\n        Note over P2: book_car failed#58;" in diagram


@pytest.mark.parametrize("scene", SCENES)
def test_diagrams_are_well_formed(scene: str) -> None:
    """Each line of each fixture app's diagram is one that the language knows."""
    diagram = mermaid(charted(scene))
    check(diagram)
    assert len(diagram) < 50_000
    assert diagram == mermaid(charted(scene))


def drawn_with(text: str, *, marks: int = 3) -> Chart:
    """Return a chart in which this text stands wherever one may stand."""
    lanes = (
        Lane(key="", label=text, kind="client"),
        Lane(key="run", label=text, kind="orchestration", name=text),
    )
    return Chart(
        title=text,
        start_us=0,
        end_us=marks * HOUR_US,
        lanes=lanes,
        bars=(Bar(lane="run", kind="waits", start_us=0, end_us=HOUR_US, label=text),),
        marks=tuple(
            Mark(
                number=number,
                lane="run",
                at_us=number * HOUR_US,
                kind=KINDS[number % len(KINDS)],
                text=text,
                payload=(("result", text), ("input", text)),
            )
            for number in range(marks)
        ),
        arrows=(
            Arrow(kind="event", source="", target="run", sent_us=0, received_us=0, label=text),
            Arrow(kind="answers", source="run", target="", sent_us=0, received_us=0, label=text),
        ),
    )


NASTY = [
    "end",
    "End; participant X",
    "#35;#quot;",
    "a\nb\r\nc",
    "%%{init: {}}%%",
    "wrap: it",
    "$$x^2$$ `code` <br/>",
    "-->>P1: hi",
    "ﬂ°°60¶ß",
    "",
    " ",
    "発注 👩‍🚀",
    'style a:#x; "q"',
    *EVIL,
]


@pytest.mark.parametrize("text", NASTY)
def test_texts_have_no_meaning_to_mermaid(text: str) -> None:
    """Words and signs of the language in names, payloads and failures are only shown."""
    check(mermaid(drawn_with(text, marks=9)))


@given(st.text(), st.text(alphabet="end;:#%<>\"'`\\\n$-+(){}ﬂ°¶ß "))
def test_no_text_leaves_its_line(text: str, nasty: str) -> None:
    """Whatever a text holds, it adds no line and no sign that means something."""
    check(mermaid(drawn_with(text)))
    check(mermaid(drawn_with(nasty)))


def test_what_does_not_fit_is_counted() -> None:
    """Of thousands of steps the first few hundred are drawn, and a note counts the others."""
    diagram = mermaid(drawn_with("step", marks=2_000))
    check(diagram)
    steps = 2_000 + 2  # an arrow shows one of the marks, and a wait adds a step
    assert diagram.splitlines()[-1] == f"    Note over P1,P2: {steps - 400} more steps are left out"


def test_hostile_texts_do_not_grow_beyond_the_limit() -> None:
    """Escapes count: texts of signs only are still fewer than 50,000 characters."""
    chart = drawn_with('"' * 500, marks=2_000)
    many = tuple(replace(chart.lanes[1], key=f"run-{number}") for number in range(2_000))
    marks = tuple(replace(mark, lane=f"run-{mark.number}") for mark in chart.marks)
    diagram = mermaid(replace(chart, lanes=chart.lanes + many, marks=marks))
    check(diagram)
    assert len(diagram) < 50_000


def test_nothing_happened() -> None:
    """An empty chart is an empty diagram."""
    assert mermaid(Chart(title="", start_us=0, end_us=0, lanes=())) == "sequenceDiagram\n"
