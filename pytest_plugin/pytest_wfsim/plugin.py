"""What pytest loads: options, the marker, the fixtures, and the sections of a failing report."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

from pytest_wfsim.stash import EXPLORED, IS_BROKEN, OUTCOME, REPORTING, SESSIONS, STAGE

if TYPE_CHECKING:
    from wfsim import AsyncSimulation, Simulation

__all__: list[str] = []

pytest_plugins = (
    "pytest_wfsim.snapshot_fixtures",
    "pytest_wfsim.comparison",
    "pytest_wfsim.report_hooks",
    "pytest_wfsim.explore_hooks",
    "pytest_wfsim.corpus_hooks",
)

_FINDINGS = ("default", "error", "warn", "ignore")
_GUARD = ("warn", "error", "off")
_MARKER = (
    "wfsim(app=, start=, seed=, findings=, guard=, replay=, schedule=, max_steps=, freeze=, "
    "settings=, timer_triggers=, allow_network=, explore=, faults=, strategy=, allow_outcomes=): "
    "how the fixtures `sim` and `async_sim` open their simulation, and under how many schedules "
    "the test runs; the closest marker wins, argument by argument."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add wfsim's options."""
    parser.addini(
        "wfsim_app",
        "The function app that the fixtures `sim` and `async_sim` simulate: a path, relative to "
        "the root folder, or module:attribute.",
        default="",
    )
    parser.addini(
        "wfsim_findings",
        f"What findings about an app do: {', '.join(_FINDINGS)}.",
        default="default",
    )
    parser.addini(
        "wfsim_guard",
        f"What orchestrators that ask for clocks, chance, files and the like do: "
        f"{', '.join(_GUARD)}.",
        default="warn",
    )
    parser.getgroup("wfsim").addoption(
        "--wfsim-seed",
        type=int,
        metavar="N",
        help="Decides all chance of the simulations, instead of the marker's seed=.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and refuse a wrong ini option before any test runs."""
    config.addinivalue_line("markers", _MARKER)
    for name, known in (("wfsim_findings", _FINDINGS), ("wfsim_guard", _GUARD)):
        value = config.getini(name)
        if value not in known:
            raise pytest.UsageError(f"{name} = {value!r} must be one of {', '.join(known)}.")


@pytest.fixture
def sim(request: pytest.FixtureRequest) -> Iterator[Simulation]:
    """Run a function app in memory, in virtual time.

    The app is named by `@pytest.mark.wfsim(app=…)` or by the ini option `wfsim_app`. What was
    left behind is reported when the test ends, unless it failed.
    """
    from pytest_wfsim.sessions import Session  # noqa: PLC0415 - the first use, not pytest's start

    session = Session.open(request)
    yield session.simulation
    session.close()


@pytest.fixture
def async_sim(request: pytest.FixtureRequest) -> Iterator[AsyncSimulation]:
    """Run a function app as `sim` does, with the names that one awaits."""
    from pytest_wfsim.sessions import Session  # noqa: PLC0415 - the first use, not pytest's start

    session = Session.open(request)
    yield session.awaited()
    session.close()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what happened, and how to repeat it, where a test that simulates fails."""
    report = yield
    if call.excinfo is not None:
        item.stash[IS_BROKEN] = True
    if report.failed and item.stash.get(SESSIONS, None):
        from pytest_wfsim.sessions import describe  # noqa: PLC0415 - imported already

        describe(item, report)
    reporting = item.config.stash.get(REPORTING, None)
    if reporting is not None and item.stash.get(SESSIONS, None):
        from pytest_wfsim.pages import add_page  # noqa: PLC0415 - for a report only

        add_page(item, report, reporting)
    if call.when == "teardown":
        # Tests live as long as the run; their simulations must not, nor reach a second attempt.
        item.stash[SESSIONS] = []
        item.stash[IS_BROKEN] = False
        item.stash[OUTCOME] = "passed"
        item.stash[STAGE] = None
        item.stash[EXPLORED] = None
    return report
