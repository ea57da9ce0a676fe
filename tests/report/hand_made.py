"""Charts made by hand, small and large, for tests of what draws them."""

from __future__ import annotations

from dataclasses import replace

from wfsim.clock import EPOCH, to_us
from wfsim.report.chart import Arrow, ArrowKind, Bar, Chart, Lane, Mark
from wfsim.report.row import Kind

START_US = to_us(EPOCH)
SECOND = 1_000_000
HOUR = 3600 * SECOND

LARGE = '{"topic": "AI", "size": 12345678901234567890}'
"""A number that scripts would round."""

EVIL = (
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "<!--<script>",
    "]]>",
    '"><img src=x onerror=alert(3)>',
    "' onmouseover='alert(4)",
    "line\u2028separator\u2029paragraph",
    "{{ 7*7 }} {% raw %} ${7*7}",
    "javascript:alert(5)",
    "\u202eright to left\u202c \x1b[31mred\x1b[0m \x00 \ud800",
)
"""Texts that a careless page would execute, or break on."""


def mark(chart: Chart, number: int, **changes: object) -> Chart:
    """Return the chart with one mark changed."""
    marks = list(chart.marks)
    marks[number] = replace(marks[number], **changes)  # type: ignore[arg-type]
    return replace(chart, marks=tuple(marks))


def approval(*, title: str = "approval", decision: str = "true", late: int = 0) -> Chart:
    """One run that waits two hours for an answer; `late` makes the answer come hours later."""
    told = START_US + (2 + late) * HOUR
    draft = '{"title":"What we learned","parts":[1.0,[]]}'
    marks = (
        _post(0, START_US, "start", "approval", input=LARGE),
        _post(1, START_US, "work", "write_draft", input='"AI"', result=draft),
        _post(2, START_US, "time", "timer of 3d, until T+3d"),
        _post(3, told, "event", "event approval", input=f'{{"approved": {decision}}}'),
        _post(4, told, "good", "Completed", result='{"status": "published"}'),
    )
    waits = Bar(
        lane="post-1",
        kind="waits",
        start_us=START_US,
        end_us=told,
        label="event approval, timer of 3d",
    )
    return Chart(
        title=title,
        start_us=START_US,
        end_us=told,
        lanes=(
            Lane(key="", label="clients", kind="client"),
            Lane(key="post-1", label="post-1", kind="orchestration", name="approval"),
        ),
        bars=(waits,),
        marks=marks,
        arrows=(_to_post("starts", START_US), _to_post("event", told)),
    )


def _post(number: int, at_us: int, kind: Kind, text: str, **payload: str) -> Mark:
    return Mark(
        number=number,
        lane="post-1",
        at_us=at_us,
        kind=kind,
        text=text,
        payload=tuple(payload.items()),
    )


def _to_post(kind: ArrowKind, at_us: int) -> Arrow:
    return Arrow(
        kind=kind, source="", target="post-1", sent_us=at_us, received_us=at_us, label="approval"
    )


def crowd(*, instances: int, events: int, title: str = "crowd") -> Chart:
    """Many runs that each poll at its own pace; `events` of them in all."""
    lanes = [Lane(key="", label="clients", kind="client")]
    lanes += [
        Lane(key=f"run-{number}", label=f"run-{number}", kind="orchestration", name="poll")
        for number in range(instances)
    ]
    each = max(2, events // instances)
    times = sorted(
        (START_US + turn * (30 + number) * SECOND, number, turn)
        for number in range(instances)
        for turn in range(each + (events % instances if number == 0 else 0))
    )
    marks: list[Mark] = []
    for at_us, number, turn in times:
        is_last = turn == each - 1
        marks.append(
            Mark(
                number=len(marks),
                lane=f"run-{number}",
                at_us=at_us,
                kind="start" if turn == 0 else "good" if is_last else "work",
                text="poll" if turn == 0 else "Completed" if is_last else f"check {turn}",
                payload=(("input", f'{{"turn": {turn}, "run": {number}, "note": "{"x" * 60}"}}'),),
            )
        )
    last = max(mark.at_us for mark in marks)
    return Chart(
        title=title,
        start_us=START_US,
        end_us=last,
        lanes=tuple(lanes),
        bars=tuple(
            Bar(
                lane=f"run-{number}",
                kind="waits",
                start_us=START_US,
                end_us=START_US + (each - 1) * (30 + number) * SECOND,
                label="timer of 30s",
            )
            for number in range(instances)
        ),
        marks=tuple(marks),
        arrows=tuple(
            Arrow(
                kind="starts",
                source="",
                target=f"run-{number}",
                sent_us=START_US,
                received_us=START_US,
                label="poll",
            )
            for number in range(instances)
        ),
    )


def evil() -> Chart:
    """A run whose every text is an attack."""
    lanes = tuple(Lane(key=text, label=text, kind="orchestration", name=text) for text in EVIL)
    marks = tuple(
        Mark(
            number=number,
            lane=text,
            at_us=START_US + number * SECOND,
            kind="finding" if number % 3 else "good",
            text=f"Completed {text}",
            payload=((text, text), ("json", f'{{"a":"{number}</script>","b":[1,{{}}]}}')),
        )
        for number, text in enumerate(EVIL)
    )
    end_us = START_US + len(EVIL) * SECOND
    bars = tuple(
        Bar(lane=text, kind="waits", start_us=START_US, end_us=end_us, label=text, is_open=True)
        for text in EVIL[:3]
    )
    arrows = tuple(
        Arrow(
            kind="signals",
            source=EVIL[0],
            target=text,
            sent_us=START_US,
            received_us=START_US + number * SECOND,
            label=text,
        )
        for number, text in enumerate(EVIL)
    )
    return Chart(
        title=EVIL[1],
        start_us=START_US,
        end_us=end_us,
        lanes=lanes,
        bars=bars,
        marks=marks,
        arrows=arrows,
    )
