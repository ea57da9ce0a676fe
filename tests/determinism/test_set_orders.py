"""The order of sets of text differs from process to process, and is caught in one."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tests.apps import Context, Steps, app_of, fixture_app
from tests.determinism import set_orders
from tests.determinism.marks import line_of
from tests.determinism.set_orders import NAMES, RIGHT, WRONG
from wfsim import NonDeterminismError, Simulation


@pytest.mark.parametrize("name", WRONG)
def test_the_order_of_a_set_of_text_is_caught_at_the_line_of_its_yield(name: str) -> None:
    """However the set was made, the error says that its order is what varies."""
    with Simulation(app_of(WRONG[name])) as sim:
        run = sim.start(f"wrong_{name}")
        with pytest.raises(NonDeterminismError, match="the order of a set of text") as caught:
            run.result()
    error = caught.value
    wanted = line_of(set_orders, f"yield: {'delegated' if name == 'delegated' else name}")
    if wanted:
        assert (Path(error.file).name, error.line) == ("set_orders.py", wanted)
    assert "sort it" in error.cause


@pytest.mark.parametrize("name", RIGHT)
def test_sets_whose_order_does_not_matter_are_not_flagged(name: str) -> None:
    """Sorted sets, sets of numbers, membership, isinstance and equality are fine."""
    with Simulation(app_of(RIGHT[name])) as sim:
        run = sim.start(f"right_{name}")
        sim.run_until_idle()
        assert run.status == "Completed"
        assert sim.findings == []


_roads = {"north"}
_limit = 1


def test_globals_may_change_between_two_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test changes in the app's module is nothing that varies."""

    def survey(context: Context) -> Steps:
        yield context.call_activity("say", sorted(_roads))
        return _limit

    with Simulation(app_of(survey)) as sim:
        assert sim.start("survey").result() == 1
        monkeypatch.setitem(globals(), "_limit", 2)
        monkeypatch.setitem(globals(), "_roads", {"north", "south"})
        assert sim.start("survey").result() == 2


def test_a_set_in_a_closure_is_caught() -> None:
    """Code made inside a function is found by its qualified name and line."""
    wanted = ["north", "south", "west"]

    def closing(context: Context) -> Steps:
        def distinct() -> set[str]:
            return set(wanted)

        for name in distinct():
            yield context.call_activity("say", name)

    with Simulation(app_of(closing)) as sim:
        sim.start("closing")
        with pytest.raises(NonDeterminismError, match="the order of a set of text"):
            sim.run_until_idle()


def test_isinstance_checks_see_the_twins_sets_as_sets() -> None:
    """What the code recorded about types is the same with the twin's sets."""
    with Simulation(app_of(RIGHT["isinstance"])) as sim:
        stub = sim.stub_activity("say", returns=None)
        sim.start("right_isinstance").result()
    kinds, matched = stub.calls[0]
    assert kinds == [[True, False], [False, True], [False, False], [False, False], [True, False]]
    assert matched == ["set", "frozenset", "other", "other", "set"]


def test_the_app_itself_never_sees_a_set_of_the_twin() -> None:
    """Module-level sets are those of the app before and after the check."""
    before = set_orders.MODULE_SET
    with Simulation(app_of(RIGHT["membership"])) as sim:
        sim.start("right_membership").result()
    assert set_orders.MODULE_SET is before
    assert type(set_orders.MODULE_SET) is set
    assert type(set_orders.RIGHT["membership"](None).gi_frame.f_globals["MODULE_SET"]) is set


@pytest.mark.parametrize("name", ["reindex", "reindex_in_order"])
def test_the_fixture_app_and_its_twin(name: str) -> None:
    """The broken fixture is caught inside its `for`, and its sorted sibling is not."""
    app = fixture_app("broken") / "wf110_set_order"
    articles = [{"topics": NAMES}]
    with Simulation(app) as sim:
        run = sim.start(name, input={"articles": articles})
        if name == "reindex_in_order":
            assert run.result() == {"topics": 5, "documents": 26}
            return
        with pytest.raises(NonDeterminismError) as caught:
            run.result()
    line = (app / "function_app.py").read_text(encoding="utf-8").splitlines()[caught.value.line - 1]
    assert 'yield context.call_activity("reindex_topic", topic)' in line


@pytest.mark.slow
def test_no_set_is_missed_because_its_items_collide(tmp_path: Path) -> None:
    """Items that change places when a set is made again do not hide its order."""
    count = 60
    source = "\n".join(
        f"def f{n}(context):\n"
        f"    for name in {{'a{n}', 'b{n}', 'c{n}'}}:\n"
        "        yield context.call_activity('say', name)\n"
        for n in range(count)
    )
    file = tmp_path / "colliding.py"
    file.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("colliding", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with Simulation(app_of(*(getattr(module, f"f{n}") for n in range(count)))) as sim:
        for n in range(count):
            sim.start(f"f{n}")
            with pytest.raises(NonDeterminismError):
                sim.run_until_idle()
        sim.close(check=False)
