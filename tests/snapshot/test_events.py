"""Views of Agent Framework events, of graphs and of functional workflows, and of whole runs."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from agent_framework import WorkflowEvent
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.snapshot.drawn import VALUES, Doing, Supersteps, events_of, lines_of, supersteps
from tests.snapshot.recorded import changed_lines
from tests.workflow_scenarios.scenes import SCENES, play
from tests.workflows import flows
from wfsim.errors import StuckError
from wfsim.snapshot import View, view
from wfsim.workflows import WorkflowRun, WorkflowSimulation


def run_of(workflow: Any, message: Any, *answers: Any, **options: Any) -> WorkflowRun:
    """Run a workflow to its end."""
    with WorkflowSimulation(workflow, **options) as sim:
        run = sim.run(message)
        for answer in answers:
            sim.respond("*", answer)
    return run


def written(first: str, **options: Any) -> View:
    """The events of two agents, the first of which replies with a given text."""
    with WorkflowSimulation(flows.writers, **options) as sim:
        sim.script("Writer", [first])
        sim.script("Editor", ["Done well."])
        return view(sim.run("Write!").events)


# --- what is shown ------------------------------------------------------------------------------


def test_a_graph_superstep_by_superstep() -> None:
    """What travels from executor to executor is shown where it was made, and named afterwards."""
    assert str(view(run_of(flows.slow_fan, "x").events)) == (
        "T+0s\n"
        "  started\n"
        "  status                    IN_PROGRESS\n"
        "  superstep 1\n"
        '    executor_invoked          sender  "x"\n'
        "    executor_completed        sender ← input\n"
        "  superstep 2\n"
        "    executor_invoked          a ← sender\n"
        '    executor_completed        a at T+3s  "x a"\n'
        "    executor_invoked          b ← sender\n"
        '    executor_completed        b at T+2s  "x b"\n'
        "    executor_invoked          c ← sender\n"
        '    executor_completed        c at T+1s  "x c"\n'
        "T+3s\n"
        "  superstep 3\n"
        "    executor_invoked          printer ← [a, b, c]\n"
        '    output                    printer  "x a, x b, x c"\n'
        "    executor_completed        printer\n"
        "  status                    IDLE"
    )


def test_a_functional_workflow_instant_by_instant() -> None:
    """Steps stand below their times; what was known when it ran again says so."""
    assert str(view(run_of(flows.review, "x", True).events)) == (
        "T+0s\n"
        "  started\n"
        "  status                    IN_PROGRESS\n"
        '  executor_invoked          fetch  ["x", 2]\n'
        "T+2s\n"
        '  executor_completed        fetch  "X"\n'
        "  request_info              review as review\n"
        "      data:\n"
        "        type: Draft\n"
        "        round: 1\n"
        "        text: X\n"
        "      wants: builtins.bool\n"
        "  status                    IN_PROGRESS_PENDING_REQUESTS\n"
        "  status                    IDLE_WITH_PENDING_REQUESTS\n"
        "  started\n"
        "  status                    IN_PROGRESS\n"
        "  executor_bypassed         fetch ← fetch\n"
        "  executor_invoked          shout ← fetch\n"
        '  executor_completed        shout  "X!"\n'
        "  output                    review ← shout\n"
        "  status                    IDLE"
    )


def test_messages_are_said_once() -> None:
    """The pieces of a reply make a message; conversations that are handed on only name it."""
    shown = str(written("one two"))
    assert '{"assistant Writer <message:1>": ["one", " two"]}' in shown
    assert shown.count("two") == 1
    assert "          - user <message:2>: Write!\n          - <message:1>\n" in shown


def test_a_whole_run() -> None:
    """What it began with, answers, checkpoints and the end stand among the events."""
    lines = str(view(run_of(flows.review, "x", True))).split("\n")
    assert lines[1] == '  run                    1  "x"'
    assert "  answer                    to review  true" in lines
    assert "  run                    2  goes on" in lines
    assert "  checkpoint             1" in lines
    assert lines[-1] == "  ended                     review IDLE"


def test_a_failure_is_told_in_every_release() -> None:
    """The exception's text stands once, also where the framework leaves it out of its events."""
    run = run_of(flows.failing, "x")
    assert '  executor_failed           fails LookupError  "no such topic"' in str(view(run.events))
    assert str(view(run.events)).count("no such topic") == 1
    assert str(view(run)).endswith("ended                     failing FAILED")
    assert str(view(run)).count("no such topic") == 1


def test_a_failure_that_no_event_tells_of() -> None:
    """A workflow that never ends: why it was given up stands at the end."""
    with WorkflowSimulation(flows.waiting) as sim:
        with pytest.raises(StuckError):
            sim.run("x")
        shown = str(view(sim.runs[0]))
    assert "ended                     waiting" in shown
    assert "type: StuckError" in shown


def test_lists_that_know_no_time() -> None:
    """Events in any list are viewed, too; what they lack is only the times."""
    run = run_of(flows.fan, "x")
    timed, loose = str(view(run.events)), str(view(list(run.events)))
    assert [line.removeprefix("  ") for line in timed.split("\n")[1:]] == loose.split("\n")


def test_the_first_executor_stands_in_a_superstep_in_every_release() -> None:
    """Older releases tell of the first superstep only from the second executor on."""
    whole = events_of([[doing("a")], [doing("b")]])
    old = [event for event in whole if event.iteration != 1]
    assert str(view(old)) == str(view(whole))


def test_supersteps_that_are_not_completed_or_empty() -> None:
    """One that breaks off says so; one in which nothing happens is none."""
    whole = events_of([[doing("a")], [], [doing("b")]])
    assert str(view(whole)) == str(view(events_of([[doing("a")], [doing("b")]])))
    assert str(view(whole[:-1])) == f"{view(whole)}\n  (not completed)"
    left = "superstep_completed", "failed"
    assert "superstep 2" in str(view([event for event in whole if event.type not in left]))


def test_several_messages_and_their_ways() -> None:
    """Of several messages of one executor each has a number, and so has what is made of them."""
    steps = [
        [Doing(who="a", got=None, gives=[], sends=["x", "y"])],
        [
            Doing(who="b", got="y", gives=["z"], sends=["y"]),
            Doing(who="c", got="x", gives=["x"], sends=[]),
        ],
    ]
    assert str(view(events_of(steps))).split("\n")[3:] == [
        '  executor_completed        a  data 1: "x"  data 2: "y"',
        "superstep 2",
        "  executor_invoked          b ← a 2",
        '  output                    b  "z"',
        "  executor_completed        b ← input",
        "  executor_invoked          c ← a",
        "  output                    c ← input",
        "  executor_completed        c",
    ]


def test_who_answered_and_what_a_run_resumed_from() -> None:
    """An answer that time gave says so; a run from a checkpoint names it as an id."""
    with WorkflowSimulation(flows.review) as sim:
        sim.on_timeout("review", after="2h", answer=False)
        run = sim.run("x")
        sim.advance(hours=3)
        again = sim.resume_from(run.checkpoints[1])
        sim.respond("review", True)
    lines = str(view(run)).split("\n")
    assert "T+2h2s" in lines
    assert any(line.startswith("  answer                    to review by ") for line in lines)
    assert "  run                    1  from checkpoint <id:1>" in str(view(again)).split("\n")


def test_other_events() -> None:
    """Warnings, errors and events of an app's own are shown with what they say."""
    events = [
        WorkflowEvent("warning", data="careful"),
        WorkflowEvent("error", data=ValueError("bad")),
        WorkflowEvent("executor_invoked", executor_id="f", data={"args": (), "kwargs": {"a": 1}}),
    ]
    assert str(view(events)) == (
        'warning                   "careful"\n'
        'error                     {"type": "ValueError", "message": "bad"}\n'
        'executor_invoked          f  {"a": 1}'
    )


def test_several_runs() -> None:
    """They stand one below the other, each with its number."""
    run = run_of(flows.pair, "x")
    assert str(view([run.events, run.events])).startswith("events 1\n  T+0s\n    started\n")
    assert "\nrun 2\n" in str(view([run, run]))


# --- changes ------------------------------------------------------------------------------------


def test_a_changed_reply_is_one_line() -> None:
    """An agent replies something else: the one line in which it does."""
    said = "    output                    Writer in pieces  {"
    assert changed_lines(written("A fine text."), written("A poor text.")) == [
        f'-{said}"assistant Writer <message:1>": ["A", " fine", " text."]}}',
        f'+{said}"assistant Writer <message:1>": ["A", " poor", " text."]}}',
    ]


@pytest.mark.parametrize("what", ["events", "run"])
def test_a_changed_input_is_one_line(what: str) -> None:
    """A workflow gets something else, and hands it on: the line where it enters."""
    runs = [run_of(flows.pair, text) for text in ("tea", "ale")]
    before, after = (view(run.events if what == "events" else run) for run in runs)
    assert [line.split("  ")[-1] for line in changed_lines(before, after)] == ['"tea"', '"ale"']


def test_a_changed_result_of_a_step() -> None:
    """A step comes to something else: its line, and that of the step that uses it."""
    before, after = (view(run_of(flows.chain, name).events) for name in ("tea", "ale"))
    changed = [line.strip("+- ").split("  ")[0].strip() for line in changed_lines(before, after)]
    assert changed == ["executor_invoked"] * 2 + ["executor_completed"] * 4


def test_a_changed_time_is_one_line() -> None:
    """An executor that takes longer than before, but not longest: the line where it ends."""

    def build(seconds: float) -> Any:
        workers = [flows.Worker(id="a", seconds=9), flows.Worker(id="b", seconds=seconds)]
        return flows._fan("fan", flows.Printer(id="printer"), *workers)

    before, after = (view(run_of(lambda s=s: build(s), "x").events) for s in (2, 5))
    assert changed_lines(before, after) == [
        '-    executor_completed        b at T+2s  "x b"',
        '+    executor_completed        b at T+5s  "x b"',
    ]


# --- order --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("workflow", "message"), [(flows.fan, "x"), (flows.trio, "abc")])
def test_order_at_once_does_not_matter(workflow: Any, message: str) -> None:
    """Whatever the schedule, events and checkpoints of one instant look the same."""
    runs = [run_of(workflow, message, schedule="random", seed=seed) for seed in range(6)]
    recorded = {str(view(run.events, exact_order=True)) for run in runs}
    assert len(recorded) > 1
    assert len({str(view(run.events)) for run in runs}) == 1


def test_order_across_supersteps_matters() -> None:
    """The same events, some of them a superstep later: the border between them moves."""
    one: Supersteps = [[doing("a"), doing("b")], [doing("c")]]
    other: Supersteps = [[doing("a")], [doing("b"), doing("c")]]
    assert changed_lines(view(events_of(one)), view(events_of(other))) == [
        "+superstep 2",
        "-superstep 2",
    ]


def doing(who: str) -> Doing:
    """Somebody who gets nothing and gives nothing."""
    return Doing(who=who, got=None, gives=[], sends=[])


# --- properties ---------------------------------------------------------------------------------


@given(steps=supersteps(), seed=st.integers(0, 99))
def test_any_order_inside_supersteps_has_one_view(steps: Supersteps, seed: int) -> None:
    """However executors take turns inside a superstep, the view is the same."""
    mixed = events_of(steps, random.Random(seed))
    assert str(view(mixed)) == str(view(events_of(steps)))


@given(one=supersteps(), other=supersteps())
def test_different_events_have_different_views(one: Supersteps, other: Supersteps) -> None:
    """Two runs of a graph have the same view only if the same happens in each superstep."""
    assume(lines_of(one) != lines_of(other))
    assert str(view(events_of(one))) != str(view(events_of(other)))


@given(steps=supersteps(), data=st.data())
def test_a_small_change_is_never_lost(steps: Supersteps, data: st.DataObject) -> None:
    """One value of one executor is changed: another view, wherever the value comes again."""
    changed = [list(step) for step in steps]
    step = data.draw(st.sampled_from(changed))
    place = data.draw(st.integers(0, len(step) - 1))
    field = data.draw(st.sampled_from(["got", "gives", "sends"]))
    value = data.draw(VALUES if field == "got" else st.lists(VALUES, max_size=2))
    step[place] = replace(step[place], **{field: value})
    assume(lines_of(changed) != lines_of(steps))
    assert str(view(events_of(changed))) != str(view(events_of(steps)))


@pytest.mark.parametrize("scene", SCENES)
def test_a_view_of_a_view_is_that_view(scene: str) -> None:
    """For every scenario: viewing twice changes nothing, and a second run has the same view."""
    first, second = play(SCENES[scene]), play(SCENES[scene], seed=1)
    for before, after in ((first, second), (first.events, second.events)):
        once = view(before)
        assert view(once) == once
        assert str(view(after)) == str(once)


# --- what a user hides --------------------------------------------------------------------------


def test_masks_types_and_redaction_reach_events() -> None:
    """By their paths, by their types, and wherever a secret stands."""
    run = run_of(flows.review, "x", True)
    assert "text: <draft>" in str(view(run.events, masks={"data.text": "<draft>"}))
    shown = str(view(run.events, types={flows.Draft: lambda draft: f"draft {draft.round}"}))
    assert 'data: "draft 1"' in shown
    scene = SCENES["agents in a graph"]
    hidden = str(view(play(scene).events, redact=["otter."]))
    assert "- ' <redacted>'" in hidden
