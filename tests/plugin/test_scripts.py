"""Scripts of agents in tests that use the fixture."""

from __future__ import annotations

import pytest

# So that runs in this process share them: pytester forgets what is first imported in one.
import wfsim.agents._sdk
import wfsim.chat.load  # noqa: F401
from tests.plugin.conftest import Run

APP = """
import azure.durable_functions as df
from agent_framework import Agent
from tests.agents.support import KeyedClient

app = df.DFApp()
clerk = Agent(client=KeyedClient(), name="Clerk")

@app.orchestration_trigger(context_name="context")
def lead(context):
    return (yield context.call_activity("ask", "How much?"))

@app.activity_trigger(input_name="question")
async def ask(question: str) -> str:
    return (await clerk.run(question)).text
"""


@pytest.fixture
def agents(project: pytest.Pytester) -> pytest.Pytester:
    """A project whose app has an agent."""
    (project.path / "function_app.py").write_text(APP, encoding="utf-8")
    return project


def test_a_script_that_was_not_used_up_fails_the_test(
    agents: pytest.Pytester, run_pytest: Run
) -> None:
    """Turns left over are said without a traceback, beside what happened."""
    agents.makepyfile(
        """
        def test_it(sim):
            sim.script("Clerk", ["Three.", "Four."])
            assert sim.start("lead").result() == "Three."
        """
    )
    result = run_pytest()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            "The script of Clerk: 1 request came, and this was never used:",
            "  2. replies 'Four.'",
            "*wfsim: what happened*",
            "*Clerk * model*replies 'Three.'*",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_script_that_is_too_short_fails_where_it_was_asked(
    agents: pytest.Pytester, run_pytest: Run
) -> None:
    """The operation in which the agent asked in vain raises, and the end does not repeat it."""
    agents.makepyfile(
        """
        def test_it(sim):
            sim.script("Clerk", [])
            sim.start("lead").result()
        """
    )
    result = run_pytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*ScriptError: The script of Clerk: there is no turn left*"])
