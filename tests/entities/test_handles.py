"""sim.entity: names and keys, what it shows, and how it fails."""

from __future__ import annotations

from datetime import timedelta

import azure.durable_functions as df
import pytest

from tests.apps import Context, Steps
from tests.entities.counters import app_with, counter, sleeper
from wfsim import FunctionFailed, Simulation, UsageError
from wfsim.hub.entities import parts_of


def test_names_ignore_case_and_keys_do_not() -> None:
    """The name is lower-cased as the host does; two keys that differ in case are two entities."""
    with Simulation(app_with()) as sim:
        sim.entity("COUNTER", "K").call("add", 1)
        sim.entity("Counter", "k").call("add", 2)
        assert (sim.entity("counter", "K").state, sim.entity("counter", "k").state) == (1, 2)
        assert [entity.entity_id for entity in sim.entities] == ["@counter@K", "@counter@k"]
        assert (
            sim.entity("COUNTER", "k") == sim.entity("counter", "k") != sim.entity("counter", "K")
        )
        assert len({sim.entity("Counter", "k"), sim.entity("counter", "k")}) == 1


def test_orchestrators_meet_the_same_entity() -> None:
    """An EntityId in any case, and one whose key has an @ in it, reach it."""

    def adds(context: Context) -> Steps:
        for name, key in (("COUNTER", "k"), ("counter", "a@b")):
            yield context.call_entity(df.EntityId(name, key), "add", 1)

    with Simulation(app_with(adds)) as sim:
        sim.start("adds").result()
        assert [entity.entity_id for entity in sim.entities] == ["@counter@k", "@counter@a@b"]
        assert sim.entity("counter", "a@b").state == 1


def test_an_entity_may_be_renamed() -> None:
    """entity_name of the trigger is the name that callers use."""
    app = df.DFApp()
    app.entity_trigger(context_name="context", entity_name="Tally")(counter)
    with Simulation(app) as sim:
        sim.entity("tally", "k").call("add", 1)
        assert repr(sim.entity("Tally", "k")) == "<EntityHandle @tally@k: 1>"


def test_ids_are_read() -> None:
    """What is no entity's id has no parts; the name ends at the second @."""
    assert parts_of("@Counter@a@b") == ("counter", "a@b")
    assert [parts_of(text) for text in ("counter@k", "@counter", "@@k", "")] == [None] * 4


def test_what_it_shows() -> None:
    """Both exists and state follow what was saved, and the repr says so."""
    with Simulation(app_with()) as sim:
        entity = sim.entity("counter", "k")
        assert (entity.exists, entity.state) == (False, None)
        assert repr(entity) == "<EntityHandle @counter@k: does not exist>"
        entity.signal("add", 3)
        assert not entity.exists
        sim.run_until_idle()
        assert (entity.exists, entity.state) == (True, 3)
        assert repr(entity) == "<EntityHandle @counter@k: 3>"


def test_a_failed_call_chains_the_exception() -> None:
    """FunctionFailed names operation and entity; the cause is what the operation raised."""
    with Simulation(app_with()) as sim:
        with pytest.raises(FunctionFailed, match="'boom' of @counter@k failed: boom") as caught:
            sim.entity("counter", "k").call("boom")
        assert isinstance(caught.value.__cause__, ValueError)


def test_each_failure_of_a_batch_keeps_its_own_exception() -> None:
    """Exceptions go to the operations that raised them, not to their neighbours."""

    def picky(context: Context) -> None:
        if context.get_input() % 2:
            raise LookupError(f"no {context.get_input()}")

    def asks(context: Context) -> Steps:
        calls = [context.call_entity(df.EntityId("picky", "k"), "x", item) for item in range(4)]
        yield context.task_any(calls)
        yield context.call_activity("nap", 1)
        return [str(call.result) for call in calls]

    with Simulation(app_with(asks, entities=(picky,))) as sim:
        assert sim.start("asks").result() == ["None", "no 1", "None", "no 3"]


def test_a_call_waits_as_long_as_it_is_told() -> None:
    """The default is 230 s of virtual time; timeout= changes it."""
    with Simulation(app_with(entities=(sleeper,))) as sim:
        entity, begun = sim.entity("sleeper", "k"), sim.now
        assert entity.call("sleep", 200) == 200
        assert sim.now - begun == timedelta(seconds=200)
        with pytest.raises(FunctionFailed, match=r"has not ended after 3m 50s .*timeout="):
            entity.call("sleep", 300)
        assert entity.call("sleep", 3600, timeout="2h") == 3600


def test_a_call_that_cannot_be_answered_says_so() -> None:
    """Where the batch fails as a whole, nothing more will happen."""

    def hoarder(context: Context) -> None:
        context.set_state({1})

    with (
        Simulation(app_with(entities=(hoarder,)), findings="ignore") as sim,
        pytest.raises(FunctionFailed, match="'x' of @hoarder@k never ends"),
    ):
        sim.entity("hoarder", "k").call("x")


def test_operations_at_a_later_time() -> None:
    """From inside the simulation signal and call only send."""
    with Simulation(app_with()) as sim:
        entity = sim.entity("counter", "k")
        sim.at("1h", entity.signal, "add", 1)
        sim.at("2h", entity.call, "add", 10)
        sim.advance("1h")
        assert entity.state == 1
        sim.advance("1h")
        assert entity.state == 11


def test_wrong_calls_are_refused() -> None:
    """Unknown names, keys that are none, inputs that are no JSON, operations without a name."""
    with Simulation(app_with()) as sim:
        with pytest.raises(UsageError, match=r"no entity 'countr'.* Did you mean 'counter'"):
            sim.entity("countr", "k")
        for key in ("", None, 5):
            with pytest.raises(UsageError, match="key"):
                sim.entity("counter", key)  # type: ignore[arg-type]
        entity = sim.entity("counter", "k")
        for operation in ("", None):
            with pytest.raises(UsageError, match="An operation has a name"):
                entity.signal(operation, via="client")  # type: ignore[arg-type]
        with pytest.raises(UsageError, match="via='carrier pigeon' must be"):
            entity.signal("add", 1, via="carrier pigeon")
        with pytest.raises(UsageError, match=r"input .* of 'add' is not JSON"):
            entity.call("add", object())
        assert len(sim.trace) == 0
    with pytest.raises(UsageError, match="closed"):
        entity.signal("add", 1)
    with pytest.raises(UsageError, match="closed"):
        entity.call("add", 1)
