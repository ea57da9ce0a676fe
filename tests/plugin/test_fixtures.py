"""The fixtures `sim` and `async_sim`."""

from __future__ import annotations

import pytest

from tests.plugin.conftest import Run

ESCALATES = """
    def test_escalates(sim):
        run = sim.start("approval", input={"topic": "AI"})
        sim.run_until_idle()
        assert run.waiting_for["events"] == ["approval"]
        sim.advance(hours=72)
        assert run.output == {"status": "escalated"}
"""


def test_sim_runs_the_app_of_the_ini_file(project: pytest.Pytester, both_ways: Run) -> None:
    """`sim` simulates what `wfsim_app` names, in one process and in several."""
    project.makepyfile(ESCALATES)
    both_ways().assert_outcomes(passed=1)


def test_async_sim_is_awaited(project: pytest.Pytester, both_ways: Run) -> None:
    """`async_sim` offers the same names to `async def` tests of pytest-asyncio."""
    project.makepyfile("""
        import pytest
        from wfsim import AsyncSimulation

        @pytest.mark.asyncio
        async def test_escalates(async_sim: AsyncSimulation):
            run = await async_sim.start("approval", input={"topic": "AI"})
            assert await run.result() == {"status": "escalated"}
    """)
    both_ways().assert_outcomes(passed=1)


def test_each_test_gets_a_fresh_simulation(project: pytest.Pytester, run_pytest: Run) -> None:
    """Neither instances nor time pass from one test to the next."""
    project.makepyfile("""
        import pytest

        @pytest.mark.parametrize("again", [1, 2])
        def test_fresh(sim, again):
            assert sim.runs == []
            assert sim.now.year == 2000
            sim.start("approval", input={"topic": "AI"}, instance_id="same")
            sim.advance("1d")
    """)
    run_pytest().assert_outcomes(passed=2)


def test_clocks_are_real_after_a_test(project: pytest.Pytester, run_pytest: Run) -> None:
    """The simulation is closed when its test ends, however it ends."""
    project.makepyfile("""
        import datetime, sys

        def test_passes(sim): assert datetime.datetime.now().year == 2000
        def test_fails(sim): assert False
        def test_after():
            assert datetime.datetime.now().year > 2000
            assert "function_app" not in sys.modules
    """)
    run_pytest().assert_outcomes(passed=2, failed=1)


def test_both_fixtures_in_one_test_are_two_simulations(
    project: pytest.Pytester, run_pytest: Run
) -> None:
    """A test may use `sim` and `async_sim`; they share nothing but the test."""
    project.makepyfile("""
        import pytest

        @pytest.mark.asyncio
        async def test_two(sim, async_sim):
            sim.start("approval", input={"topic": "AI"})
            assert async_sim.runs == []
    """)
    run_pytest().assert_outcomes(passed=1)


def test_sim_agrees_with_the_freezer_fixture(project: pytest.Pytester, run_pytest: Run) -> None:
    """With pytest-freezer's `freezer`, before or after `sim`, both show one time."""
    pytest.importorskip("pytest_freezer")
    project.makepyfile("""
        from datetime import UTC, datetime

        import pytest

        @pytest.mark.freeze_time("2024-02-29T12:00:00")
        def test_freezer_first(freezer, sim):
            assert sim.now == datetime(2024, 2, 29, 12, tzinfo=UTC)
            sim.advance("1d")
            assert datetime.now(UTC).date().isoformat() == "2024-03-01"

        def test_sim_first(sim, freezer):
            run = sim.start("approval", input={"topic": "AI"})
            sim.run_until_idle()
            freezer.move_to(datetime(2000, 1, 4))
            sim.run_until_idle()
            assert run.output == {"status": "escalated"}
    """)
    run_pytest("-p", "pytest_freezer").assert_outcomes(passed=2)
