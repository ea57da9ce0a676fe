"""What workflows and agents do without wfsim as well; docs/agent-behaviours.md lists it."""

import asyncio
from dataclasses import dataclass
from typing import Any, Never

import pytest
from agent_framework import (
    Agent,
    CheckpointStorage,
    Executor,
    InMemoryCheckpointStorage,
    RunContext,
    Workflow,
    WorkflowBuilder,
    WorkflowCheckpoint,
    WorkflowContext,
    WorkflowConvergenceException,
    WorkflowEvent,
    WorkflowExecutor,
    executor,
    handler,
    response_handler,
    step,
    tool,
    workflow,
)

from fixtures.workflows import loan, payslip, purchase, tickets, venues
from tests.workflow_scenarios.conftest import OpenWorkflow
from tests.workflow_scenarios.support import CORE
from wfsim import WfsimWarning
from wfsim.chat import Reply, ScriptedChatClient, ToolCall
from wfsim.workflows import CheckpointStore

# --- functional workflows -----------------------------------------------------------------------


def runnable(made: Any) -> Any:
    """Return what `@workflow` made in a shape that runs: since 1.14 it has to be built."""
    return made.build() if hasattr(made, "build") else made


def test_events_of_functional_workflows_come_at_the_end() -> None:
    """A stream brings what happened inside the function once the function has ended."""
    seen: list[str] = []

    @workflow
    async def slow(text: str, ctx: RunContext) -> str:
        await ctx.add_event(WorkflowEvent("progress", 1))  # type: ignore[arg-type]
        await asyncio.sleep(0.01)
        seen.append("ended")
        return text

    async def follow() -> None:
        async for event in runnable(slow).run("go", stream=True):
            seen.append(event.type)  # noqa: PERF401 - one by one, as they come

    asyncio.run(follow())
    assert seen.index("ended") < seen.index("progress") < seen.index("output")


def test_checkpoints_hold_no_answers() -> None:
    """Restored with the second answer alone, the workflow asks for the first again."""
    yes = purchase.Approval(by="Li", agrees=True)
    storage = InMemoryCheckpointStorage()

    async def restore() -> list[str]:
        first = runnable(purchase.purchase)
        await first.run({"item": "van", "amount": 5_000}, checkpoint_storage=storage)
        await first.run(responses={"lead": yes}, checkpoint_storage=storage)
        saved = await storage.list_checkpoint_ids(workflow_name="purchase")
        again = await runnable(purchase.purchase).run(
            responses={"finance": yes}, checkpoint_id=saved[-1], checkpoint_storage=storage
        )
        return [event.request_id for event in again.get_request_info_events()]

    assert asyncio.run(restore()) == ["lead"]


def test_answers_begin_a_new_chain_of_checkpoints(opened: OpenWorkflow) -> None:
    """The first checkpoint after an answer has no predecessor."""
    sim = opened(purchase.purchase)
    run = sim.run({"item": "van", "amount": 500})
    before = len(run.checkpoints)
    sim.respond("lead", purchase.Approval(by="Li", agrees=True))
    assert run.checkpoints[before - 1].previous_checkpoint_id is not None
    assert run.checkpoints[before].previous_checkpoint_id is None


def test_a_step_over_changing_variables_cannot_be_checkpointed(opened: OpenWorkflow) -> None:
    """The classic counter in a closure: since 1.20 such a step has no identity that lasts."""
    calls = 0

    @step
    async def counted(text: str) -> str:
        nonlocal calls
        calls += 1
        return text

    @workflow
    async def counting(text: str) -> str:
        return await counted(text)

    run = opened(counting).run("hello")
    if CORE >= (1, 20):
        assert "durable replay identity" in str(run.failure)
    else:
        assert run.result() == "hello"


@dataclass
class Parcel:
    """What is no plain JSON."""

    weight: int


@step
async def weigh(parcel: Parcel) -> int:
    """Weigh one parcel."""
    await asyncio.sleep(1)
    return parcel.weight


@workflow
async def weigh_all(weights: list[int]) -> int:
    """Weigh parcels at the same time."""
    return sum(await asyncio.gather(*(weigh(Parcel(weight)) for weight in weights)))


def test_steps_at_once_want_plain_arguments(opened: OpenWorkflow) -> None:
    """Since 1.20, steps under `gather` whose arguments are objects need a `replay_key`."""
    run = opened(weigh_all).run([1, 2])
    if CORE >= (1, 20):
        assert "stable replay identity" in str(run.failure)
    else:
        assert run.result() == 3


def test_details_of_failures_are_withheld(opened: OpenWorkflow) -> None:
    """Since 1.22 the events of a failure name the class only; the exception itself says all."""
    run = opened(payslip.payslip).run("pilot:ada")
    (failed,) = [event for event in run.events if event.type == "failed"]
    assert failed.details is not None
    assert failed.details.error_type == "ValueError"
    assert ("No rate" in failed.details.message) == (CORE < (1, 22))
    assert "No rate" in str(run.failure)


# --- graphs -------------------------------------------------------------------------------------


class Writer(Executor):
    """Adds its name to a list in the shared state, in one of the ways there are."""

    def __init__(self, name: str, *, way: str) -> None:
        super().__init__(id=name)
        self.way = way

    @handler
    async def write(self, text: str, ctx: WorkflowContext[str]) -> None:
        """Read the list, and write it back."""
        names = ctx.get_state("names", [])
        if self.way == "in place":
            names.append(self.id)
        elif self.way == "at once":
            ctx.set_state("names", [*names, self.id])
        else:
            await asyncio.sleep(1)
            ctx.set_state("names", [*names, self.id])
        await ctx.send_message(text)


@executor(id="start")
async def start(text: str, ctx: WorkflowContext[str]) -> None:
    """Set the list up."""
    ctx.set_state("names", [])
    await ctx.send_message(text)


@executor(id="tell")
async def tell(texts: list[str], ctx: WorkflowContext[Never, list[str]]) -> None:
    """Yield the list."""
    await ctx.yield_output(ctx.get_state("names"))


def writers(way: str) -> Workflow:
    """Build a graph of two writers side by side."""
    branches = [Writer("left", way=way), Writer("right", way=way)]
    builder = WorkflowBuilder(start_executor=start, name="writers")
    return builder.add_fan_out_edges(start, branches).add_fan_in_edges(branches, tell).build()


@pytest.mark.parametrize(
    ("way", "names"), [("at once", ["left", "right"]), ("with a break", ["right"])]
)
def test_executors_of_a_superstep_overwrite_each_other(
    opened: OpenWorkflow, way: str, names: list[str]
) -> None:
    """They share pending state; whoever waits between reading and writing undoes the others."""
    assert opened(lambda: writers(way)).run("go").result() == names


def test_changing_state_in_place_is_lost(opened: OpenWorkflow) -> None:
    """Since 1.16 `get_state` gives a copy; before, it gave the list itself."""
    run = opened(lambda: writers("in place")).run("go")
    assert run.result() == ([] if CORE >= (1, 16) else ["left", "right"])


def test_one_superstep_more_than_executors(opened: OpenWorkflow) -> None:
    """The last message costs a superstep; before 1.13 the first executor cost none."""
    run = opened(venues.build).run(venues.Wedding(guests=5, month="May"))
    started = [event.iteration for event in run.events if event.type == "superstep_started"]
    assert started == ([1, 2, 3] if CORE >= (1, 13) else [1, 2])
    run.respond("choice", "barn")


@executor(id="again")
async def again(text: str, ctx: WorkflowContext[str]) -> None:
    """Send on for ever."""
    await ctx.send_message(text)


@executor(id="and_again")
async def and_again(text: str, ctx: WorkflowContext[str]) -> None:
    """Send back for ever."""
    await ctx.send_message(text)


def test_a_graph_that_never_comes_to_an_end(opened: OpenWorkflow) -> None:
    """After `max_iterations` supersteps the framework raises."""
    builder = WorkflowBuilder(start_executor=again, name="circle", max_iterations=5)
    built = builder.add_edge(again, and_again).add_edge(and_again, again).build()
    run = opened(built).run("hello")
    assert isinstance(run.failure, WorkflowConvergenceException)


def test_requests_of_an_inner_workflow_get_lost(opened: OpenWorkflow) -> None:
    """Without `propagate_request` they are messages to the outer graph, where nobody takes them."""

    def build() -> Workflow:
        intake, letter = loan.Intake(id="intake"), loan.Letter(id="letter")
        check = WorkflowExecutor(loan.build_check(), id="check")
        builder = WorkflowBuilder(start_executor=intake, name="loan")
        return builder.add_chain([intake, check, letter]).build()

    run = opened(build).run("Ada 50000")
    assert not run.pending
    assert not run.outputs


class TwoQuestions(Executor):
    """Asks twice at once."""

    @handler
    async def ask(self, text: str, ctx: WorkflowContext[Never, str]) -> None:
        """Ask."""
        await ctx.request_info({"about": text}, response_type=bool, request_id="one")
        await ctx.request_info({"about": text}, response_type=bool, request_id="two")

    @response_handler
    async def hear(self, question: dict, said: bool, ctx: WorkflowContext[Never, str]) -> None:  # type: ignore[type-arg]
        """Pass one answer on."""
        await ctx.yield_output(f"{question['about']}: {said}")


def test_graphs_take_answers_one_by_one(opened: OpenWorkflow) -> None:
    """In process, unlike hosted, the handler of the first answer runs at once."""
    builder = WorkflowBuilder(start_executor=TwoQuestions(id="questions"), name="questions")
    sim = opened(builder.build())
    run = sim.run("tea")
    sim.respond("two", True)
    assert run.outputs == ["tea: True"]
    assert [request.id for request in run.pending] == ["one"]
    sim.respond("one", False)


def test_the_framework_refuses_answers_to_unknown_requests(opened: OpenWorkflow) -> None:
    """`raw=True` hands an answer over unchecked, and the graph raises."""
    sim = opened(venues.build)
    sim.run(venues.Wedding(guests=5, month="May"))
    with pytest.raises(ValueError, match="unknown"):
        sim.respond("unknown", "barn", raw=True)


class BrokenStorage(InMemoryCheckpointStorage):
    """Cannot save."""

    async def save(self, checkpoint: Any) -> str:
        """Fail as a full disk does."""
        raise OSError("the disk is full")


def test_a_graph_goes_on_when_checkpoints_cannot_be_saved(
    opened: OpenWorkflow, caplog: pytest.LogCaptureFixture
) -> None:
    """The framework writes a line into the log; wfsim warns as well."""
    sim = opened(lambda: writers("at once"), storage=BrokenStorage())
    with pytest.warns(WfsimWarning, match="could not be saved"):
        run = sim.run("go")
    assert run.result() == ["left", "right"]
    assert "the disk is full" in caplog.text


def test_the_oldest_of_two_checkpoints_of_one_time_is_the_latest() -> None:
    """The framework's storage goes by time; `CheckpointStore` goes by the order of saving."""

    async def latest(storage: CheckpointStorage) -> int:
        for number in (1, 2):
            saved = WorkflowCheckpoint("w", "h", timestamp="2000-01-01", iteration_count=number)
            await storage.save(saved)
        found = await storage.get_latest(workflow_name="w")
        return found.iteration_count if found else 0

    assert asyncio.run(latest(InMemoryCheckpointStorage())) == 1
    assert asyncio.run(latest(CheckpointStore())) == 2


def test_checkpoints_of_one_instant_have_times_of_their_own(opened: OpenWorkflow) -> None:
    """So in a simulation the framework's storage finds the latest, too."""
    run = opened(tickets.build, storage=InMemoryCheckpointStorage()).run("Hello")
    times = [checkpoint.timestamp for checkpoint in run.checkpoints]
    assert len(set(times)) == len(times) > 1
    assert times == sorted(times)


def test_response_handlers_cannot_have_annotations_as_text() -> None:
    """The class itself is refused by old versions; `@handler` has no such trouble."""

    def define() -> None:
        class Late(Executor):
            @handler
            async def ask(self, text: "str", ctx: "WorkflowContext[Never, str]") -> None:
                """Ask."""

            @response_handler
            async def hear(
                self, question: "str", said: "bool", ctx: "WorkflowContext[Never, str]"
            ) -> None:
                """Hear."""

        Late(id="late")

    if CORE >= (1, 19):
        define()
    else:
        with pytest.raises(ValueError, match="must be annotated as WorkflowContext"):
            define()


# --- agents -------------------------------------------------------------------------------------


@tool(approval_mode="never_require")
def double(number: int) -> int:
    """Double a number."""
    return 2 * number


def run_agent(client: ScriptedChatClient) -> str:
    """Ask an agent with one tool; return the text of its answer."""

    async def ask() -> str:
        agent = Agent(client, "You calculate.", name="Calculator", tools=[double])
        return str((await agent.run("Go")).text)

    return asyncio.run(ask())


def asked(*turns: Any) -> ScriptedChatClient:
    """Ask an agent with one tool; return its client, which remembers."""
    client = ScriptedChatClient(list(turns))
    run_agent(client)
    client.verify()
    return client


def test_instructions_are_an_option() -> None:
    """They are no message; a test finds them in the request's options."""
    (request,) = asked("fine").requests
    assert [message.role for message in request.messages] == ["user"]
    assert request.instructions == "You calculate."


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (ToolCall("dubble", {"number": 2}, check=False), 'Requested function "dubble" not found'),
        (ToolCall("double", {"number": "two"}, check=False), "Argument parsing failed"),
    ],
)
def test_wrong_calls_are_told_to_the_model(call: ToolCall, told: str) -> None:
    """No exception reaches the app; the model may try again."""
    _, second = asked(call, "I give up").requests
    (result,) = second.messages[-1].contents
    assert told in str(result.result)


def test_too_many_rounds_of_tools_end_without_an_answer() -> None:
    """At the limit the model is asked once more without tools; silence then becomes a text."""
    call = ToolCall("double", {"number": 2})
    client = ScriptedChatClient(
        [call, call, Reply("")], function_invocation_configuration={"max_iterations": 2}
    )
    answer = run_agent(client)
    assert client.requests[-1].options["tool_choice"] == "none"
    assert ("limit reached" in answer) == (CORE >= (1, 11))
