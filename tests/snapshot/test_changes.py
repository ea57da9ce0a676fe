"""What a reviewer sees when something changes: the one line that they would expect."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.apps import Context, Steps, app_of
from tests.snapshot.recorded import changed_lines
from wfsim import Simulation
from wfsim.snapshot import View, view


def _approval(*, note: str = "a draft", hours: int = 24, publish_first: bool = False) -> Any:
    """Return an app; its parts can be changed one by one."""

    def approval(context: Context) -> Steps:
        yield context.call_activity("notify", {"to": "Ada", "note": note})
        deadline = context.current_utc_datetime + timedelta(hours=hours)
        timer = context.create_timer(deadline)
        answer = context.wait_for_external_event("answer")
        winner = yield context.task_any([answer, timer])
        if winner == timer:
            return "late"
        timer.cancel()
        names = ["publish", "archive"] if publish_first else ["archive", "publish"]
        for name in names:
            yield context.call_activity(name, None)
        return "published"

    def notify(message: dict[str, str]) -> None:
        """Tell somebody."""

    def publish(_: None) -> None:
        """Print it."""

    def archive(_: None) -> None:
        """Keep it."""

    return app_of(approval, notify, publish, archive)


def _run(app: Any, *, answer: object = "yes") -> tuple[View, View]:
    """Return the views of the history and of the trace."""
    with Simulation(app, findings="ignore") as sim:
        run = sim.start("approval")
        sim.at("2h", run.raise_event, "answer", answer)
        run.result()
        return view(run.history), view(sim.trace)


def test_an_activitys_input() -> None:
    """Another input is one line, in the history and in the trace."""
    before, after = _run(_approval()), _run(_approval(note="the draft"))
    for one, other in zip(before, after, strict=True):
        assert [line.strip("-+ ") for line in changed_lines(one, other)] == [
            'TaskScheduled                       0  notify  {"note": "a draft", "to": "Ada"}',
            'TaskScheduled                       0  notify  {"note": "the draft", "to": "Ada"}',
        ]


def test_a_timers_length() -> None:
    """Another length is the line on which the timer is created."""
    before, after = _run(_approval()), _run(_approval(hours=72))
    for one, other in zip(before, after, strict=True):
        assert [line.strip("-+ ") for line in changed_lines(one, other)] == [
            "TimerCreated                        1  24h",
            "TimerCreated                        1  72h",
        ]


def test_a_timer_that_fires() -> None:
    """Where time passes until the timer fires, the instant is another line, and nothing else."""

    def late(hours: int) -> View:
        with Simulation(_approval(hours=hours), findings="ignore") as sim:
            run = sim.start("approval")
            run.result()
            return view(run.history)

    assert changed_lines(late(24), late(72)) == [
        "-  TimerCreated                        1  24h",
        "+  TimerCreated                        1  72h",
        "-T+24h",
        "+T+72h",
    ]


def test_the_order_of_two_steps() -> None:
    """Exchanged steps are exchanged lines."""
    before, after = _run(_approval())[0], _run(_approval(publish_first=True))[0]
    assert changed_lines(before, after) == [
        "-  TaskScheduled                       2  archive  null",
        "+  TaskScheduled                       2  publish  null",
        "-  TaskScheduled                       3  publish  null",
        "+  TaskScheduled                       3  archive  null",
    ]


def test_an_event_before_another() -> None:
    """An event that comes earlier is one line that moved."""

    def both(context: Context) -> Steps:
        yield context.task_all(
            [context.wait_for_external_event(name) for name in ("paid", "packed")]
        )

    def told(*names: str) -> View:
        with Simulation(app_of(both)) as sim:
            run = sim.start("both")
            sim.run_until_idle()
            for name in names:
                run.raise_event(name, 1)
            run.result()
            return view(run.history)

    assert changed_lines(told("paid", "packed"), told("packed", "paid")) == [
        "+  EventRaised                            packed  1",
        "-  EventRaised                            packed  1",
    ]


def test_an_answer() -> None:
    """What a person answers is one line, in the history and in the trace."""
    for one, other in zip(_run(_approval()), _run(_approval(), answer="ok"), strict=True):
        assert [line[0] + line.split("  ")[-1] for line in changed_lines(one, other)] == [
            '-"yes"',
            '+"ok"',
        ]
