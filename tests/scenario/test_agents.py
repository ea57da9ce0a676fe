"""Scripts of agents in a scenario."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenario.conftest import Play, Write
from wfsim import ScenarioError
from wfsim.cli import main
from wfsim.scenario import load, play

APP = """
import azure.durable_functions as df
from agent_framework import Agent
from tests.agents.support import KeyedClient

app = df.DFApp()
clerk = Agent(client=KeyedClient(), name="Clerk")


@app.orchestration_trigger(context_name="context")
def lead(context):
    return (yield context.call_activity("ask", context.get_input()))


@app.activity_trigger(input_name="question")
async def ask(question: str) -> str:
    return (await clerk.run(question)).text
"""
START = "start: {orchestrator: lead, instance_id: x, input: 'How much?'}\n"


@pytest.fixture
def agents(written: Write, tmp_path: Path) -> Play:
    """Plays a scenario of an app whose activity asks an agent."""
    (tmp_path / "function_app.py").write_text(APP, encoding="utf-8")
    return lambda text: play(load(written(text)))


def test_turns_stand_under_the_agents_name(agents: Play) -> None:
    """A list of turns is the agent's script, latency and all."""
    outcome = agents(
        f"{START}stubs: {{agents: {{Clerk: [{{reply: Three., takes: 3s}}]}}}}\n"
        "expect: {output: Three., finished_by: 3s}\n"
    )
    assert outcome.is_good, outcome.mismatches


def test_one_turn_needs_no_list(agents: Play) -> None:
    """A turn alone is a list of one."""
    outcome = agents(
        f"{START}stubs: {{agents: {{Clerk: {{fail: RateLimitError}}}}}}\n"
        "expect: {failure: RateLimitError}\n"
    )
    assert outcome.is_good, outcome.mismatches


def test_a_script_may_be_a_file_beside_the_scenario(agents: Play, tmp_path: Path) -> None:
    """Text is the path of a script, relative to the scenario."""
    (tmp_path / "clerk.yaml").write_text("- Three.\n", encoding="utf-8")
    outcome = agents(
        f"{START}stubs: {{agents: {{Clerk: clerk.yaml}}}}\nexpect: {{output: Three.}}\n"
    )
    assert outcome.is_good, outcome.mismatches


def test_turns_left_over_count_as_wrong(agents: Play) -> None:
    """A script that is not used up is what went wrong, and the run is reported all the same."""
    outcome = agents(f"{START}stubs: {{agents: {{Clerk: [Three., Four.]}}}}\n")
    assert not outcome.is_good
    assert str(outcome.error).startswith("The script of Clerk: 1 request came, and this was never")
    assert outcome.runs[0].output == "Three."


def test_a_request_without_a_turn_ends_the_scenario(agents: Play) -> None:
    """A script that is too short stops the run where it is, with the conversation."""
    outcome = agents(f"{START}stubs: {{agents: {{Clerk: []}}}}\n")
    assert not outcome.is_good
    assert "there is no turn left for request 1" in str(outcome.error)
    assert "user: How much?" in str(outcome.error)


def test_an_agent_without_a_script_ends_it_too(agents: Play) -> None:
    """A scenario that forgets an agent says which one asked what."""
    outcome = agents(START)
    assert str(outcome.error).startswith("The agent 'Clerk' asked its model, and has no script.")


@pytest.mark.parametrize(
    ("turns", "line", "message"),
    [
        ("      - {reply: a}\n      - {rply: b}\n", 7, "Did you mean 'reply'?"),
        ("      - {reply: a, take: 3s}\n", 6, "Did you mean 'takes'?"),
        ("      - {reply: a, takes: soon}\n", 6, "soon"),
        ("      - 5\n", 6, "a turn is text, or a mapping"),
    ],
)
def test_a_wrong_turn_names_its_line(agents: Play, turns: str, line: int, message: str) -> None:
    """What is wrong in a turn is said with file, line and the nearest key."""
    with pytest.raises(ScenarioError) as caught:
        agents(f"{START}stubs:\n  agents:\n    Clerk:\n{turns}")
    assert f"s.yaml:{line}: stubs.agents.Clerk" in str(caught.value)
    assert message in str(caught.value)


def test_a_script_that_is_not_there_names_the_line(agents: Play) -> None:
    """A missing file is a mistake in the scenario."""
    with pytest.raises(ScenarioError, match=r"s\.yaml:3: There is no script at '.*clark\.yaml'"):
        agents(f"{START}stubs: {{agents: {{Clerk: clark.yaml}}}}\n")


def test_the_command_shows_the_timeline_before_what_is_wrong(
    agents: Play, written: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    """`wfsim run` ends with 1 where a script does not fit, and shows what was asked till then."""
    path = written(f"{START}stubs: {{agents: {{Clerk: [Three., Four.]}}}}\n")
    assert main(["run", str(path)]) == 1
    shown = capsys.readouterr().out
    assert "· model  \"How much?\" → replies 'Three.'" in shown
    assert "  2. replies 'Four.'" in shown
