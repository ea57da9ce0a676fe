"""What operations do to an entity, the SDK's surprises included (semantics 7.3)."""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df
import pytest

from tests.apps import Context, Steps
from tests.entities.counters import app_with
from wfsim import FindingError, Simulation, WfsimWarning
from wfsim.trace import EntityChanged, EntityOperated


def scripted(context: Context) -> None:
    """Do to its context what the operation's input says, step by step."""
    steps: list[list[Any]] = context.get_input()
    for method, *args in steps:
        if method == "raise":
            raise ValueError(*args)
        if method == "tell":
            context.set_result(getattr(context, args[0]))
        else:
            getattr(context, method)(*args)


def do(*steps: list[Any]) -> list[list[Any]]:
    return list(steps)


def batch(sim: Simulation, *inputs: list[list[Any]]) -> list[str | None]:
    """Run operations in one batch; return their results."""
    entity = sim.entity("scripted", "k")
    seen = len(sim.trace)
    for steps in inputs:
        entity.signal("run", steps)
    sim.run_until_idle()
    return [item.result for item in sim.trace[seen:] if isinstance(item, EntityOperated)]


def test_a_failed_operation_is_not_rolled_back() -> None:
    """What an operation did before it raised stays, and the rest of its batch runs."""
    with Simulation(app_with()) as sim:
        entity = sim.entity("counter", "k")
        for operation, value in (("add", 1), ("boom", None), ("add", 1)):
            entity.signal(operation, value)
        sim.run_until_idle()
        assert entity.state == 100
        failures = [item.failure for item in sim.trace if isinstance(item, EntityOperated)]
        assert failures == [None, "boom", None]


def test_a_result_leaks_into_the_next_operation() -> None:
    """Within one batch an operation that sets no result has that of the one before."""
    with Simulation(app_with(entities=(scripted,))) as sim:
        assert batch(sim, do(["set_result", 7]), do(), do(["set_result", None])) == [
            "7",
            "7",
            "null",
        ]
        assert batch(sim, do()) == ["null"]


def test_return_values_are_ignored() -> None:
    """Only set_result gives a result."""

    def returns(context: Context) -> int:
        return 5

    with Simulation(app_with(entities=(returns,))) as sim:
        assert sim.entity("returns", "k").call("x") is None


def test_a_result_alone_makes_an_entity() -> None:
    """set_result marks the entity as existing, with null for a state."""
    with Simulation(app_with(entities=(scripted,))) as sim:
        entity = sim.entity("scripted", "k")
        assert batch(sim, do(["set_result", 1])) == ["1"]
        assert (entity.exists, entity.state) == (True, None)
        changes = [item.state for item in sim.trace if isinstance(item, EntityChanged)]
        assert changes == ["null"]


def test_an_operation_that_does_nothing_makes_none() -> None:
    """A new entity that neither sets state nor result does not exist, nor is it kept."""
    with Simulation(app_with(entities=(scripted,))) as sim:
        entity = sim.entity("scripted", "k")
        assert batch(sim, do()) == ["null"]
        assert (entity.exists, entity.state, sim.entities) == (False, None, [])


def test_what_changes_nothing_is_no_change() -> None:
    """A batch that ends with the state it began with records none."""
    with Simulation(app_with()) as sim:
        entity = sim.entity("counter", "k")
        entity.call("add", 1)
        seen = len(sim.trace)
        assert entity.call("get") == 1
        entity.call("set", 1)
        assert not [item for item in sim.trace[seen:] if isinstance(item, EntityChanged)]


def test_nothing_remains_of_a_deleted_entity() -> None:
    """The host keeps no orchestration for it, so its next batch finds no state at all."""
    with Simulation(app_with()) as sim:
        hub = sim._world.hub  # pyright: ignore[reportPrivateUsage]
        entity = sim.entity("counter", "k")
        entity.call("add", 1)
        assert list(hub.entities) == ["@counter@k"]
        entity.call("delete")
        assert not hub.entities


def test_reading_the_state_makes_none() -> None:
    """get_state with an initializer saves nothing."""
    with Simulation(app_with()) as sim:
        sim.entity("counter", "k").call("nothing")
        assert not sim.entity("counter", "k").exists


def test_destruct_on_exit_deletes() -> None:
    """A deleted entity has no state and starts over with the next operation."""
    with Simulation(app_with()) as sim:
        entity = sim.entity("counter", "k")
        entity.call("add", 5)
        assert sim.entities == [entity]
        entity.call("delete")
        assert (entity.exists, entity.state, sim.entities) == (False, None, [])
        entity.call("add", 1)
        assert entity.state == 1


def test_a_later_operation_of_the_batch_sees_the_deletion() -> None:
    """Within one batch, too, the state is gone after destruct_on_exit."""
    with Simulation(app_with()) as sim:
        entity = sim.entity("counter", "k")
        entity.signal("add", 5)
        entity.signal("delete")
        entity.signal("add", 2)
        sim.run_until_idle()
        assert entity.state == 2


def test_a_result_after_destruct_recreates() -> None:
    """destruct_on_exit followed by set_result in one batch leaves an entity without state."""
    with Simulation(app_with(entities=(scripted,))) as sim:
        entity = sim.entity("scripted", "k")
        batch(sim, do(["set_state", 1]))
        batch(sim, do(["destruct_on_exit"], ["set_result", 2]))
        assert (entity.exists, entity.state) == (True, None)


def test_a_deleted_state_comes_back_as_null() -> None:
    """A batch that was queued before the deletion finds the text null, which reads as None."""

    def keep_one(context: Context) -> None:
        if context.operation_name == "delete":
            context.destruct_on_exit()
        else:
            context.set_state([context.get_state(), context._exists])

    def single(about: str, options: Any) -> int:
        return 1 if about.startswith("operations in one batch") else 0

    with Simulation(app_with(entities=(keep_one,)), schedule=single) as sim:
        entity = sim.entity("keep_one", "k")
        entity.call("note")
        entity.signal("delete")
        entity.signal("note")
        sim.run_until_idle()
        assert entity.state == [None, False]


@pytest.mark.parametrize("value", [None, 0, "", [], {}])
def test_a_missing_input_raises(value: object) -> None:
    """The Python client sends no falsy input, which makes get_input raise TypeError."""
    with Simulation(app_with()) as sim:
        sim.entity("counter", "k").signal("add", value, via="client")
        sim.run_until_idle()
        (operated,) = [item for item in sim.trace if isinstance(item, EntityOperated)]
        assert "the JSON object must be str, bytes or bytearray" in (operated.failure or "")
        assert not sim.entity("counter", "k").exists


def test_a_posted_object_is_no_input() -> None:
    """The HTTP API stores a JSON object as it is; get_input expects text that holds JSON."""
    with Simulation(app_with()) as sim:
        url = "/runtime/webhooks/durabletask/entities/Counter/k?op=add"
        assert sim.http.post(url, json={"by": 1}).status_code == 202
        assert sim.http.post(url, json="2").status_code == 202
        sim.run_until_idle()
        first, second = [item for item in sim.trace if isinstance(item, EntityOperated)]
        assert "not dict" in (first.failure or "")
        assert second.failure is None
        assert sim.entity("counter", "k").state == 2


def test_is_newly_constructed_is_never_true() -> None:
    """Not even in the operation that creates the entity."""
    with Simulation(app_with(entities=(scripted,))) as sim:
        entity = sim.entity("scripted", "k")
        assert entity.call("x", do(["set_state", 1], ["tell", "is_newly_constructed"])) is False


def test_an_operation_knows_who_it_is() -> None:
    """The name is in lower case, the key as given, and so is the operation's name."""
    with Simulation(app_with(entities=(scripted,))) as sim:
        entity = sim.entity("Scripted", "Key")
        told = [
            entity.call("Run", do(["tell", name]))
            for name in ("entity_name", "entity_key", "operation_name")
        ]
        assert told == ["scripted", "Key", "Run"]


def test_an_async_entity_does_nothing() -> None:
    """The SDK never awaits it: WF118, which raises by default."""

    async def absent(context: Context) -> None:
        context.set_state(1)

    app = app_with(entities=(absent,))
    with Simulation(app) as sim:
        sim.entity("absent", "k").signal("x")
        with pytest.raises(FindingError, match=r"WF118 .*'absent' is `async def`"):
            sim.run_until_idle()
        (finding,) = sim.findings
        assert finding.place is not None
        assert finding.place.near.endswith("test_operations.py")
    with Simulation(app, findings="ignore") as sim:
        assert sim.entity("absent", "k").call("x") is None
        assert not sim.entity("absent", "k").exists


@pytest.mark.parametrize("method", ["set_state", "set_result"])
def test_what_is_not_json_fails_the_batch_for_ever(method: str) -> None:
    """WF117: the host repeats the batch, and nothing after it ever runs."""

    def hoarder(context: Context) -> None:
        getattr(context, method)({1, 2} if context.operation_name == "bad" else 1)

    with Simulation(app_with(entities=(hoarder,)), findings="warn") as sim:
        entity = sim.entity("hoarder", "k")
        entity.call("good")
        entity.signal("good")
        entity.signal("bad")
        sim.run_until_idle()
        entity.signal("good")
        sim.advance("1d")
        assert [item.code for item in sim.findings] == ["WF117"]
        assert "fails as a whole on good, bad: TypeError" in sim.findings[0].message
        assert len([item for item in sim.trace if isinstance(item, EntityOperated)]) == 1
        with pytest.warns(WfsimWarning, match="WF117"):
            sim.close()


def test_a_caller_of_a_failing_batch_waits() -> None:
    """The one finding is the entity's; that its caller is stuck is no other."""

    def hoarder(context: Context) -> None:
        context.set_state({1, 2})

    with Simulation(app_with(asks, entities=(hoarder,)), findings="ignore") as sim:
        run = sim.start("asks")
        sim.advance("1d")
        assert run.waiting_for == {"entities": ["@hoarder@k"]}
        sim._world.verdicts.conclude()  # pyright: ignore[reportPrivateUsage]
        assert [item.code for item in sim.findings] == ["WF117"]


def asks(context: Context) -> Steps:
    return (yield context.call_entity(df.EntityId("hoarder", "k"), "x"))
