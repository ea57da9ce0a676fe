"""Small workflows of both kinds that the tests of this folder share; all of them resume well."""

# No `from __future__ import annotations`: older releases of the framework read annotations as they
# stand.
import asyncio
from dataclasses import dataclass
from importlib.metadata import version

from agent_framework import (
    Agent,
    AgentExecutor,
    Executor,
    RunContext,
    Workflow,
    WorkflowBuilder,
    WorkflowContext,
    WorkflowEvent,
    WorkflowExecutor,
    executor,
    handler,
    response_handler,
    step,
    workflow,
)

from wfsim.chat import ScriptedChatClient

CORE = tuple(int(part) for part in version("agent-framework-core").split(".")[:2])
"""Major and minor of the Agent Framework that is installed."""


@dataclass
class Draft:
    """What a reviewer gets to see."""

    text: str
    round: int = 1


# --- functional ---------------------------------------------------------------------------------


@step
async def fetch(name: str, seconds: float = 0) -> str:
    """Take some time."""
    await asyncio.sleep(seconds)
    return name.upper()


@step
async def shout(text: str) -> str:
    """Take none."""
    return f"{text}!"


@workflow
async def chain(name: str) -> str:
    """Two steps, one after the other."""
    return await shout(await fetch(name, 1.5))


@workflow
async def trio(names: str) -> str:
    """Three steps at once that take no time."""
    return " ".join(await asyncio.gather(*(shout(name) for name in names)))


@workflow
async def race(names: str) -> str:
    """Steps at once, the first of which takes longest."""
    count = len(names)
    found = await asyncio.gather(*(fetch(name, count - at) for at, name in enumerate(names)))
    return " ".join(found)


async def _branch(name: str) -> str:
    return await shout(await fetch(name))


@workflow
async def branches(names: str) -> str:
    """Chains of steps at once."""
    return " ".join(await asyncio.gather(*(_branch(name) for name in names)))


@workflow
async def boxed(names: str) -> str:
    """Steps with a time limit each, one of which is too slow."""

    async def within(name: str, seconds: float, limit: float) -> str:
        try:
            return await asyncio.wait_for(fetch(name, seconds), limit)
        except TimeoutError:
            return "late"

    found = [within(names[0], 1, 5), within(names[1], 10, 20), within(names[2], 30, 10)]
    return " ".join(await asyncio.gather(*found))


@workflow
async def background(name: str) -> str:
    """A step in the background, while others run in front."""
    slow = asyncio.create_task(fetch(name, 5))
    fast = await shout(await fetch("front", 1))
    return f"{fast} {await slow}"


@workflow
async def people(names: str, ctx: RunContext) -> str:
    """Asks several people at once."""

    async def ask(name: str) -> str:
        draft = await fetch(name, len(names))
        return f"{draft} {await ctx.request_info(Draft(draft), bool, request_id=name)}"

    return ", ".join(await asyncio.gather(*(ask(name) for name in names)))


@workflow
async def review(topic: str, ctx: RunContext) -> str:
    """A step, a person, another step."""
    draft = await fetch(topic, 2)
    good = await ctx.request_info(Draft(draft), bool, request_id="review")
    return await shout(draft) if good else "dropped"


@workflow
async def stages(topic: str, ctx: RunContext) -> str:
    """Two people, one after the other, and steps between them."""
    draft = await fetch(topic)
    title = await ctx.request_info({"draft": draft}, str)
    draft = await shout(f"{title}: {draft}")
    good = await ctx.request_info({"draft": draft}, bool)
    return draft if good else "dropped"


@workflow
async def progress(topic: str, ctx: RunContext) -> str:
    """Tells of its progress in between."""
    await ctx.add_event(WorkflowEvent("data", data="begun", executor_id="progress"))
    draft = await fetch(topic)
    ctx.set_state("draft", draft)
    await ctx.add_event(WorkflowEvent("data", data="half way", executor_id="progress"))
    return await shout(str(ctx.get_state("draft")))


@workflow
async def silent(topic: str) -> None:
    """Has no output."""
    await fetch(topic)


@step
async def fails(_: str) -> str:
    """Raise."""
    raise LookupError("no such topic")


@workflow
async def failing(topic: str) -> str:
    """Fails in its second step."""
    return await fails(await fetch(topic, 1))


@workflow
async def waiting(_: str) -> str:
    """Waits for what nobody does."""
    await asyncio.Event().wait()
    return "never"


@workflow
async def polling(_: str) -> str:
    """Looks again and again."""
    while True:  # noqa: ASYNC110 - this is the mistake
        await asyncio.sleep(1)


@workflow
async def turning(_: str) -> str:
    """Turns at one instant."""
    while True:  # noqa: ASYNC110 - this is the mistake
        await asyncio.sleep(0)


# --- graphs -------------------------------------------------------------------------------------


class Sender(Executor):
    """Hands on what it gets."""

    @handler
    async def send(self, message: str, ctx: WorkflowContext[str]) -> None:
        """Hand it on."""
        await ctx.send_message(message)


class Worker(Executor):
    """Takes some time, and adds its name."""

    def __init__(self, id: str, seconds: float = 0) -> None:  # noqa: A002
        super().__init__(id)
        self.seconds = seconds

    @handler
    async def work(self, message: str, ctx: WorkflowContext[str]) -> None:
        """Do it."""
        await asyncio.sleep(self.seconds)
        await ctx.send_message(f"{message} {self.id}")


class Printer(Executor):
    """Yields what it gets."""

    @handler
    async def one(self, message: str, ctx: WorkflowContext[str, str]) -> None:
        """Yield a text."""
        await ctx.yield_output(message)

    @handler
    async def many(self, messages: list[str], ctx: WorkflowContext[str, str]) -> None:
        """Yield several."""
        await ctx.yield_output(", ".join(messages))


class Reviewer(Executor):
    """Asks a person about all that it gets, until it is good."""

    @handler
    async def ask(self, messages: list[str], ctx: WorkflowContext[str, str]) -> None:
        """Ask."""
        await ctx.request_info(Draft(", ".join(messages)), bool)

    @response_handler
    async def answered(self, draft: Draft, good: bool, ctx: WorkflowContext[str, str]) -> None:
        """Yield what is good, and ask again about what is not."""
        if good:
            await ctx.yield_output(f"{draft.text} ({draft.round})")
        else:
            await ctx.request_info(Draft(draft.text, draft.round + 1), bool)


def pair() -> Workflow:
    """Two executors, one after the other."""
    sender, printer = Sender(id="sender"), Printer(id="printer")
    return WorkflowBuilder(start_executor=sender, name="pair").add_edge(sender, printer).build()


def _fan(name: str, join: Executor, *workers: Executor) -> Workflow:
    sender = Sender(id="sender")
    return (
        WorkflowBuilder(start_executor=sender, name=name)
        .add_fan_out_edges(sender, list(workers))
        .add_fan_in_edges(list(workers), join)
        .build()
    )


def fan() -> Workflow:
    """Three workers at once, whose results are joined in the order of the edges."""
    workers = [Worker(id=name) for name in "abc"]
    return _fan("fan", Printer(id="printer"), *workers)


def slow_fan() -> Workflow:
    """As `fan`, but the first worker takes longest."""
    workers = [Worker(id=name, seconds=3 - at) for at, name in enumerate("abc")]
    return _fan("slow_fan", Printer(id="printer"), *workers)


def panel() -> Workflow:
    """Workers at once, and a person who may want it again."""
    return _fan("panel", Reviewer(id="reviewer"), Worker(id="a"), Worker(id="b"))


class Sleeper(Executor):
    """Waits for what nobody does."""

    @handler
    async def work(self, message: str, ctx: WorkflowContext[str]) -> None:
        """Wait."""
        await asyncio.Event().wait()


def stuck() -> Workflow:
    """A graph that never ends."""
    sender, sleeper = Sender(id="sender"), Sleeper(id="sleeper")
    return WorkflowBuilder(start_executor=sender, name="stuck").add_edge(sender, sleeper).build()


class Tally(Executor):
    """Counts what it gets, and saves the count in its checkpoints."""

    def __init__(self, id: str) -> None:  # noqa: A002
        super().__init__(id)
        self.count = 0

    @handler
    async def work(self, message: str, ctx: WorkflowContext[str, str]) -> None:
        """Go round three times."""
        self.count += 1
        if self.count < 3:
            await ctx.send_message(f"{message}{self.count}", target_id="echo")
        else:
            await ctx.yield_output(f"{message}{self.count}")

    async def on_checkpoint_save(self) -> dict[str, object]:
        """Save the count."""
        return {"count": self.count}

    async def on_checkpoint_restore(self, state: dict[str, int]) -> None:
        """Restore it."""
        self.count = state["count"]


def loop() -> Workflow:
    """A graph that goes round."""
    tally, echo = Tally(id="tally"), Worker(id="echo")
    builder = WorkflowBuilder(start_executor=tally, name="loop")
    return builder.add_edge(tally, echo).add_edge(echo, tally).build()


@executor(id="upper")
async def upper(text: str, ctx: WorkflowContext[str]) -> None:
    """Write in capitals, and remember it in the shared state."""
    ctx.set_state("text", text)
    await ctx.send_message(text.upper())


@executor(id="both")
async def both(text: str, ctx: WorkflowContext[str, str]) -> None:
    """Yield what was and what is."""
    await ctx.yield_output(f"{ctx.get_state('text')} {text}")


def functions() -> Workflow:
    """Executors that are functions, and shared state."""
    return WorkflowBuilder(start_executor=upper, name="functions").add_edge(upper, both).build()


def nested() -> Workflow:
    """A graph in a graph, whose inner one asks a person."""
    inner = WorkflowExecutor(panel(), id="inner", propagate_request=True)
    printer = Printer(id="printer")
    builder = WorkflowBuilder(start_executor=inner, name="nested")
    return builder.add_edge(inner, printer).build()


def writers() -> Workflow:
    """Two agents, one after the other."""
    agents = [
        AgentExecutor(Agent(client=ScriptedChatClient([]), name=name), id=name)
        for name in ("Writer", "Editor")
    ]
    builder = WorkflowBuilder(start_executor=agents[0], name="writers")
    return builder.add_edge(agents[0], agents[1]).build()
