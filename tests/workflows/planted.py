"""Workflows that do not resume as they run, each with one mistake of its own."""

# No `from __future__ import annotations`: older releases of the framework read annotations as they
# stand.
import asyncio
import itertools
import os
from functools import lru_cache

from agent_framework import (
    Agent,
    AgentSession,
    Executor,
    RunContext,
    Workflow,
    WorkflowBuilder,
    WorkflowContext,
    handler,
    step,
    workflow,
)

from tests.workflows.flows import Sender, Worker, fetch, shout
from wfsim.chat import ScriptedChatClient

COUNTER = "WFSIM_PLANTED"
calls = 0
log: list[str] = []
tickets = itertools.count(1)


async def _collect(name: str, found: list[str]) -> None:
    found.append(await fetch(name))


@workflow
async def swapped(names: str) -> str:
    """Goes by the order in which its steps end, which no checkpoint has."""
    found: list[str] = []
    await asyncio.gather(*(_collect(name, found) for name in names))
    return " ".join(found)


@step
async def note(name: str, ctx: RunContext) -> str:
    """Keep results in the state, in the order in which they come."""
    ctx.set_state("found", [*ctx.get_state("found", []), name])
    return name


async def _note(name: str, ctx: RunContext) -> None:
    await note(name)
    ctx.set_state("ends", [*ctx.get_state("ends", []), name])


@workflow
async def doubled(names: str, ctx: RunContext) -> str:
    """Adds to its state outside of steps, so again after each restart."""
    await asyncio.gather(*(_note(name, ctx) for name in names))
    return " ".join(ctx.get_state("ends", []))


async def _pair(name: str) -> str:
    return await shout(await fetch(name))


@workflow
async def upstream(names: str) -> str:
    """Nothing is wrong with it, but before 1.20 results of steps were told apart by call order."""
    return " ".join(await asyncio.gather(*(_pair(name) for name in names)))


@step
async def counts(text: str) -> str:
    """Remember something in a global."""
    global calls  # noqa: PLW0603
    calls += 1
    return f"{text}{calls}"


@workflow
async def counting(text: str) -> str:
    """Its steps depend on a global."""
    return await counts(await counts(text))


@step
async def numbers(text: str) -> str:
    """Take the next number."""
    return f"{text} {next(tickets)}"


@workflow
async def numbering(text: str) -> str:
    """Its steps depend on a counter."""
    return await numbers(await numbers(text))


@lru_cache
def _first_of(text: str) -> list[str]:
    return [text]


@step
async def remembers(text: str) -> str:
    """Depend on what a cached function returned, and change it."""
    _first_of("x").append(text)
    return f"{text}{len(_first_of('x'))}"


@workflow
async def caching(text: str) -> str:
    """Its steps depend on a cache."""
    return await remembers(await remembers(text))


class Settings:
    """State in a class."""

    used = 0


@step
async def uses(text: str) -> str:
    """Count in an attribute of a class."""
    Settings.used += 1
    return f"{text}{Settings.used}"


@workflow
async def configured(text: str) -> str:
    """Its steps depend on a class attribute."""
    return await uses(await uses(text))


@workflow
async def lasting(text: str) -> str:
    """Leaves something in memory that it finds again when it is run once more."""
    log.append(await shout(text))
    await shout(log[-1])
    return str(len(log))


class Forgetful(Executor):
    """Counts, and forgets to save the count."""

    def __init__(self, id: str) -> None:  # noqa: A002
        super().__init__(id)
        self.count = 0

    @handler
    async def work(self, message: str, ctx: WorkflowContext[str, str]) -> None:
        """Go round twice."""
        self.count += 1
        if self.count < 2:
            await ctx.send_message(message, target_id="echo")
        else:
            await ctx.yield_output(f"{message}{self.count}")


def forgetful() -> Workflow:
    """A graph whose executor has state of its own."""
    tally, echo = Forgetful(id="tally"), Worker(id="echo")
    builder = WorkflowBuilder(start_executor=tally, name="forgetful")
    return builder.add_edge(tally, echo).add_edge(echo, tally).build()


class Collector(Executor):
    """Collects what it gets until it has it all, and saves only how much there was."""

    def __init__(self, id: str, size: int) -> None:  # noqa: A002
        super().__init__(id)
        self.size = size
        self.found: list[str] = []

    @handler
    async def take(self, message: str, ctx: WorkflowContext[str, str]) -> None:
        """Yield all of it when it is complete."""
        self.found.append(message)
        await ctx.send_message(message, target_id="last")

    async def on_checkpoint_save(self) -> dict[str, object]:
        """Save too little: the order is lost."""
        return {"found": sorted(self.found)}

    async def on_checkpoint_restore(self, state: dict[str, list[str]]) -> None:
        """Restore it."""
        self.found = list(state["found"])


class Last(Executor):
    """Yields what the collector has, once it has come often enough."""

    def __init__(self, id: str, collector: Collector) -> None:  # noqa: A002
        super().__init__(id)
        self.collector = collector

    @handler
    async def end(self, message: str, ctx: WorkflowContext[str, str]) -> None:
        """Yield the collection with the first message."""
        if message == self.collector.found[0]:
            await ctx.yield_output(" ".join(self.collector.found))


def sorting() -> Workflow:
    """A graph that loses the order in which its workers finished."""
    sender = Sender(id="sender")
    workers: list[Executor] = [Worker(id=name) for name in "abc"]
    collector = Collector("collector", 3)
    last = Last("last", collector)
    builder = WorkflowBuilder(start_executor=sender, name="sorting")
    builder.add_fan_out_edges(sender, workers)
    for worker in workers:
        builder.add_edge(worker, collector)
    return builder.add_edge(collector, last).build()


class Repeater(Executor):
    """Says hello once, and forgets that it has."""

    def __init__(self, id: str) -> None:  # noqa: A002
        super().__init__(id)
        self.greeted = False

    @handler
    async def work(self, message: str, ctx: WorkflowContext[str, str]) -> None:
        """Go round twice."""
        if not self.greeted:
            await ctx.yield_output("hello")
        self.greeted = True
        if len(message) < 3:
            await ctx.send_message(f"{message}.", target_id="back")


class Back(Executor):
    """Sends back what it gets."""

    @handler
    async def send(self, message: str, ctx: WorkflowContext[str]) -> None:
        """Send it back."""
        await ctx.send_message(message)


def greeting() -> Workflow:
    """A graph that says hello again after a restart."""
    repeater, back = Repeater(id="repeater"), Back(id="back")
    builder = WorkflowBuilder(start_executor=repeater, name="greeting")
    return builder.add_edge(repeater, back).add_edge(back, repeater).build()


class Mute(Executor):
    """Yields what it has kept, if it has it still."""

    def __init__(self, id: str) -> None:  # noqa: A002
        super().__init__(id)
        self.kept = ""

    @handler
    async def work(self, message: str, ctx: WorkflowContext[str, str]) -> None:
        """Keep the first message, yield it with the second."""
        if message.endswith("."):
            if self.kept:
                await ctx.yield_output(self.kept)
        else:
            self.kept = message
            await ctx.send_message(f"{message}.", target_id="back")


def losing() -> Workflow:
    """A graph whose output is lost."""
    mute, back = Mute(id="mute"), Back(id="back")
    builder = WorkflowBuilder(start_executor=mute, name="losing")
    return builder.add_edge(mute, back).add_edge(back, mute).build()


class Falls(Executor):
    """Counts, yields the count, and fails."""

    def __init__(self, id: str) -> None:  # noqa: A002
        super().__init__(id)
        self.count = 0

    @handler
    async def work(self, message: str, ctx: WorkflowContext[str, str]) -> None:
        """Fail with the second message."""
        self.count += 1
        if self.count > 1 or message.endswith("."):
            await ctx.yield_output(str(self.count))
            raise LookupError("no more")
        await ctx.send_message(f"{message}.", target_id="back")


def falling() -> Workflow:
    """A graph that has an output, and fails all the same."""
    falls, back = Falls(id="falls"), Back(id="back")
    builder = WorkflowBuilder(start_executor=falls, name="falling")
    return builder.add_edge(falls, back).add_edge(back, falls).build()


opened: list[asyncio.Event] = []


@step
async def opens(text: str) -> str:
    """Open a gate that is in memory."""
    opened.append(asyncio.Event())
    opened[-1].set()
    return text


@workflow
async def gated(text: str) -> str:
    """Waits for a gate that only a step opens."""
    found = await opens(text)
    while not opened:
        await asyncio.Event().wait()
    return found


@step
async def looks(text: str) -> str:
    """Depend on what no restart brings back."""
    os.environ[COUNTER] = str(int(os.environ.get(COUNTER, "0")) + 1)
    return f"{text}{os.environ[COUNTER]}"


@workflow
async def changing(text: str) -> str:
    """Is another one each time."""
    return await looks(text)


@workflow
async def asking(text: str, ctx: RunContext) -> str:
    """Asks how often it was asked."""
    log.append("asked")
    await shout(text)
    return str(await ctx.request_info(f"asked {len(log)}", str, request_id="question"))


@workflow
async def raising(text: str) -> str:
    """Fails in another way when it is run again."""
    log.append(text)
    await shout(text)
    raise LookupError(f"failed {len(log)}")


poet = Agent(client=ScriptedChatClient([]), name="Poet")
sessions: list[AgentSession] = []


@step
async def verse(text: str) -> str:
    """Ask the agent, in a session that is in memory."""
    if not sessions:
        sessions.append(poet.create_session())
    return str((await poet.run(text, session=sessions[0])).text)


@workflow
async def remembering(text: str) -> str:
    """Two questions in one session."""
    first = await verse(text)
    return f"{first} {await verse(f'{text} again')}"
