"""What an orchestrator sees on replay: clock, flags, ids (semantics 3.4)."""

from __future__ import annotations

import uuid
from datetime import timedelta

from tests.apps import Context, Steps, app_of
from wfsim import Simulation


def test_is_replaying_is_false_only_where_this_episode_brought_something_new() -> None:
    """Code after a yield is not replaying only in the episode whose news completed it."""
    seen: list[list[bool]] = []

    def flags(context: Context) -> Steps:
        episode = [context.is_replaying]
        seen.append(episode)
        yield context.call_activity("say", 1)
        episode.append(context.is_replaying)
        yield context.call_activity("say", 2)
        episode.append(context.is_replaying)

    with Simulation(app_of(flags), replay="off") as sim:
        sim.start("flags").result()
    assert seen == [[False], [True, False], [True, True, False]]


def test_is_replaying_of_a_compound_is_that_of_its_last_child() -> None:
    """A task_all that this episode completed counts as new."""
    seen: list[list[bool]] = []

    def flags(context: Context) -> Steps:
        episode = [context.is_replaying]
        seen.append(episode)
        yield context.task_all([context.call_activity("nap", n) for n in (1, 2)])
        episode.append(context.is_replaying)

    with Simulation(app_of(flags), replay="off") as sim:
        sim.start("flags").result()
    assert seen == [[False], [True], [True, False]]


def test_is_replaying_is_true_throughout_when_a_run_is_only_looked_at() -> None:
    """A generator goes on from episode to episode; the check after each marks all as replayed."""
    seen: list[list[bool]] = []

    def flags(context: Context) -> Steps:
        episode = [context.is_replaying]
        seen.append(episode)
        yield context.call_activity("say", 1)
        episode.append(context.is_replaying)

    with Simulation(app_of(flags)) as sim:
        sim.start("flags").result()
    assert seen[0] == [False, False]
    assert {len(episode) for episode in seen[1:]} == {1, 2}
    assert all(flag for episode in seen[1:] for flag in episode)


def clocked(context: Context) -> Steps:
    times = [context.current_utc_datetime]
    yield context.call_activity("nap", 90)
    times.append(context.current_utc_datetime)
    yield context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    times.append(context.current_utc_datetime)
    return [time.isoformat() for time in times]


def test_current_utc_datetime_moves_only_with_orchestrator_started() -> None:
    """Between two yields it stands still, and it is the time of the episode that went on."""
    with Simulation(app_of(clocked)) as sim:
        run = sim.start("clocked")
        assert run.result() == [
            "2000-01-01T00:00:00+00:00",
            "2000-01-01T00:01:30+00:00",
            "2000-01-01T01:01:30+00:00",
        ]


def test_current_utc_datetime_starts_with_the_episode_and_not_with_the_start_call() -> None:
    """A start that waits for its turn shows the time of its first episode."""

    def when(context: Context) -> str:
        return str(context.current_utc_datetime)

    with Simulation(app_of(when)) as sim:
        sim.at("5m", sim.start, "when")
        sim.advance("5m")
        (run,) = sim.runs
        assert run.output == "2000-01-01 00:05:00+00:00"


def test_new_uuid_is_the_same_on_every_replay_and_differs_between_calls() -> None:
    """Ids made by the context depend on instance, clock and a counter only."""
    made: list[list[str]] = []

    def ids(context: Context) -> Steps:
        found = [context.new_uuid(), context.new_uuid(), str(context.new_guid())]
        made.append(found)
        yield context.call_activity("say", found)
        return found

    with Simulation(app_of(ids)) as sim:
        result = sim.start("ids", instance_id="one").result()
        assert sim.start("ids", instance_id="two").result() != result
    ours = [found for found in made if found == result]
    assert len(set(result or ())) == 3  # type: ignore[arg-type]
    assert len(ours) == len(made) // 2 > 2
    moment = "2000-01-01T00:00:00.000000Z"
    space = uuid.uuid5(uuid.NAMESPACE_OID, "9e952958-5e33-4daf-827f-2fa12937b875")
    assert made[0][0] == str(uuid.uuid5(space, f"one_{moment}_0"))


def test_input_of_an_orchestration_survives_two_rounds_of_json() -> None:
    """Started as the Python client does it, the code gets the value itself."""

    def same(context: Context) -> object:
        return context.get_input()

    with Simulation(app_of(same)) as sim:
        for value in [None, 0, "x", '"', [1, None], {"a": {"b": "ü"}}]:
            assert sim.start("same", input=value).result() == value


def test_version_is_that_of_the_start() -> None:
    """`start(version=…)` is what the context shows, and "" without."""

    def version(context: Context) -> str:
        return str(getattr(context, "version", "unknown to this SDK"))

    with Simulation(app_of(version)) as sim:
        assert sim.start("version", version="2.1").result() in {"2.1", "unknown to this SDK"}
        assert sim.start("version").result() in {"", "unknown to this SDK"}
