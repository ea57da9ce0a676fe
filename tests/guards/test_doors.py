"""Guards are set where simulations are: marker, ini option, scenario, command line."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.apps import Context, Steps, app_of
from tests.cli.conftest import Command, wfsim
from tests.plugin.conftest import Run, project, run_pytest
from wfsim import AsyncSimulation, FindingError, ScenarioError
from wfsim.explore import explore
from wfsim.scenario import load, play

__all__ = ["project", "run_pytest", "wfsim"]

BROKEN = Path(__file__).parents[2] / "fixtures" / "apps" / "broken"
SMALL_ORDER = BROKEN / "wf120_environment" / "small_order.yaml"


APP = """
import os
import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def asks(context):
    os.environ.get("PRICES")
    yield context.call_activity("say", 0)


@app.activity_trigger(input_name="x")
def say(x: int) -> int:
    return x
"""


def scenario(folder: Path, more: str) -> Path:
    """Write the scenario with one more line."""
    path = folder / "scenario.yaml"
    text = SMALL_ORDER.read_text(encoding="utf-8")
    text = text.replace("app: ", f"app: {SMALL_ORDER.parent}/") + more
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("line", "found", "is_good"),
    [("", 1, True), ("guard: warn", 1, True), ("guard: error", 1, False), ("guard: off", 0, True)],
)
def test_a_scenario_says_what_its_guard_does(
    line: str, found: int, is_good: bool, tmp_path: Path
) -> None:
    """`guard:` is as the argument of `Simulation`; without it, a call is a finding."""
    outcome = play(load(scenario(tmp_path, line)))
    assert (len(outcome.findings), outcome.is_good) == (found, is_good)
    assert play(load(scenario(tmp_path, line)), guard="off").findings == ()


def test_a_guard_that_there_is_not(tmp_path: Path) -> None:
    """The complaint names the line and what may stand there."""
    with pytest.raises(ScenarioError, match=r"scenario\.yaml:5: guard: .*'warn', 'error' or 'off'"):
        load(scenario(tmp_path, "guard: loud"))


@pytest.mark.parametrize(("guard", "code"), [("warn", 0), ("error", 1), ("off", 0)])
def test_run_takes_a_guard(guard: str, code: int, wfsim: Command) -> None:
    """`wfsim run --guard` overrules the scenario, and shows the finding once."""
    done = wfsim("run", SMALL_ORDER, "--guard", guard)
    assert done.code == code
    assert done.out.count("asks the environment: os.environ['FREE_FROM_CENTS']") == (guard != "off")
    assert done.out.count("function_app.py:18") == (guard != "off")


@pytest.mark.parametrize(("guard", "code"), [("off", 0), ("warn", 0), ("error", 1)])
def test_fuzz_takes_a_guard(guard: str, code: int, tmp_path: Path, wfsim: Command) -> None:
    """`wfsim fuzz --guard` listens to one more run; "error" makes a problem of what it hears."""
    app = APP.replace('os.environ.get("PRICES")', "os.listdir()")
    (tmp_path / "function_app.py").write_text(app, encoding="utf-8")
    asks_it = tmp_path / "asks.yaml"
    text = "app: function_app.py\nstart: {orchestrator: asks}\n"
    asks_it.write_text(text, encoding="utf-8")
    done = wfsim(
        "fuzz", asks_it, "--guard", guard, "--schedules", 3, "--no-database",
        "--faults", "duplicates",
    )  # fmt: skip
    assert done.code == code
    assert ("WF120" in done.err) == (guard != "off")
    assert "WF120" not in done.out


def asks(context: Context) -> Steps:
    import os

    os.environ.get("PRICES")
    yield context.task_all([context.call_activity("say", n) for n in range(2)])


def test_exploring_does_not_listen() -> None:
    """Runs that are remembered are not run again, so what is heard would be chance."""

    def play_it(sim: AsyncSimulation) -> None:
        sim.start("asks").result()  # type: ignore[attr-defined]

    found = explore(play_it, app_of(asks), schedules=3)
    assert found.failures == ()


def test_async_simulations_have_guards() -> None:
    """`AsyncSimulation` takes the same argument."""

    async def run() -> None:
        async with AsyncSimulation(app_of(asks), guard="error") as sim:
            started = await sim.start("asks")
            await started.result()

    with pytest.raises(FindingError, match="WF120"):
        asyncio.run(run())


TESTS = """
import pytest


def test_plain(sim):
    sim.start("asks").result()


@pytest.mark.wfsim(guard="off")
def test_marked(sim):
    sim.start("asks").result()
"""


def test_marker_and_ini_option(project: pytest.Pytester, run_pytest: Run) -> None:
    """The ini option is for all tests, and the marker for one."""
    project.makepyfile(function_app=APP, test_it=TESTS)
    run_pytest().assert_outcomes(passed=2, warnings=1)
    ini = (project.path / "pytest.ini").read_text(encoding="utf-8")
    project.makefile(".ini", pytest=f"{ini}\nwfsim_guard = error\n")
    result = run_pytest()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*FindingError: WF120 *os.environ[[]'PRICES'[]]*"])


def test_an_ini_option_that_there_is_not(project: pytest.Pytester, run_pytest: Run) -> None:
    """A wrong one ends pytest before any test runs."""
    ini = (project.path / "pytest.ini").read_text(encoding="utf-8")
    project.makefile(".ini", pytest=f"{ini}\nwfsim_guard = loud\n")
    result = run_pytest()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*wfsim_guard = 'loud' must be one of warn, error, off."])
