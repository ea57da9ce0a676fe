"""What outlasts a workflow's process: deadlines, answers on their way, what models have said."""

# No `from __future__ import annotations`: the framework reads annotations of steps as they stand.
import pytest
from agent_framework import (
    Agent,
    Workflow,
    WorkflowBuilder,
    WorkflowContext,
    handler,
    step,
    workflow,
)

from tests.workflows import flows
from wfsim.chat import ScriptedChatClient
from wfsim.explore import Faults
from wfsim.explore.words import FollowWords, parse_words
from wfsim.workflows import WorkflowSimulation

pytestmark = pytest.mark.slow

poet = Agent(client=ScriptedChatClient([]), name="poet")


def _died(words: str, source: object) -> WorkflowSimulation:
    """Return a simulation in which the process dies as the words say."""
    chooser = FollowWords(parse_words(words))
    return WorkflowSimulation(source, schedule=chooser, faults=Faults(episode_crashes=1))


class Asker(flows.Reviewer):
    """Asks, beside somebody who works for an hour."""

    @handler
    async def ask_about(self, message: str, ctx: WorkflowContext[str, str]) -> None:
        """Ask."""
        await ctx.request_info(flows.Draft(message), bool)


def beside() -> Workflow:
    """A question, and an hour of work in the same superstep."""
    sender, asker = flows.Sender(id="sender"), Asker(id="asker")
    worker, printer = flows.Worker(id="worker", seconds=3600), flows.Printer(id="printer")
    return (
        WorkflowBuilder(start_executor=sender, name="beside")
        .add_fan_out_edges(sender, [asker, worker])
        .add_edge(worker, printer)
        .build()
    )


_HOUR_LATER = "crash after save(superstep 2 of beside)"


def test_a_deadline_counts_from_when_it_was_asked() -> None:
    """And not from when a new process has asked again."""
    with _died(_HOUR_LATER, beside) as sim:
        sim.on_timeout("asker", after="2h", answer=True)
        run = sim.run("x")
        sim.advance("1d")
        assert "died" in run.timeline()
        assert run.outputs == ["x worker", "x (1)"]
        assert run.elapsed.total_seconds() == 7200


def test_an_answer_on_its_way_reaches_the_new_process() -> None:
    """Whoever has answered need not do so again."""
    with _died(_HOUR_LATER, beside) as sim:
        sim.at("30m", sim.respond, "asker", True)
        run = sim.run("x")
        assert "died" in run.timeline()
        assert (run.pending, run.outputs) == ([], ["x worker", "x (1)"])


@step
async def verse(about: str) -> str:
    """Let the poet write one."""
    return (await poet.run(about)).text


@workflow
async def song(about: str) -> str:
    """Ask the same twice, and want two verses."""
    return f"{await verse(about)}, {await verse(about)}"


def test_what_is_in_a_checkpoint_is_not_said_again() -> None:
    """The same question, asked once more by another step, has the next answer."""
    with _died("crash after save(checkpoint 1 of song)", song) as sim:
        script = sim.script("poet", ["one", "two"])
        run = sim.run("night")
        assert "died" in run.timeline()
        assert run.result() == "one, two"
        assert len(script.requests) == 2
