"""The rules: one table, from which messages, help, SARIF and the pages of the docs are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from wfsim.errors import UsageError, nearest

__all__ = ["RULES", "UNUSED", "Rule", "Severity", "expand"]

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is looked for."""

    code: str
    name: str
    severity: Severity
    summary: str
    why: str
    way_out: str


_TABLE: Final = (
    Rule(
        "DURABLE0001",
        "clock",
        "error",
        "An orchestrator reads the clock.",
        "An orchestrator is run again from its first line at each turn. What it does must follow "
        "from its history, and the worker's clock is in no history.",
        "Take `context.current_utc_datetime`, which each replay sees alike.",
    ),
    Rule(
        "DURABLE0002",
        "uuid",
        "error",
        "An orchestrator makes a random id.",
        "Each replay makes another id, so what was asked for under the first one is not found "
        "again.",
        "Take `context.new_uuid()`, which each replay makes alike, or make the id in an activity.",
    ),
    Rule(
        "DURABLE0003",
        "sleep",
        "error",
        "An orchestrator sleeps.",
        "The worker is blocked for that time at each replay, and a restart begins the wait anew.",
        "Yield `context.create_timer(context.current_utc_datetime + timedelta(…))`.",
    ),
    Rule(
        "DURABLE0004",
        "thread",
        "error",
        "An orchestrator starts a thread, a process or an asyncio task.",
        "Work that the host did not schedule is in no history: it starts again at each replay, and "
        "nobody waits for it.",
        "Call activities, several at once with `context.task_all`.",
    ),
    Rule(
        "DURABLE0005",
        "io",
        "error",
        "An orchestrator goes to a file, the network, a database or a process.",
        "It goes there again at each replay, and may get another answer each time.",
        "Do it in an activity, whose result is kept; HTTP also with `context.call_http`.",
    ),
    Rule(
        "DURABLE0006",
        "environment",
        "error",
        "An orchestrator reads environment variables.",
        "A deployment, a slot swap or another machine changes them while instances are under way.",
        "Read the setting in an activity, or where the run is started, and pass it in the input.",
    ),
    Rule(
        "DURABLE0008",
        "other-binding",
        "error",
        "An orchestrator has a binding besides its trigger.",
        "A client, an output or an input binding acts at each replay, outside the history.",
        "Move the binding to an activity and call that.",
    ),
    Rule(
        "DURABLE0010",
        "logging",
        "warning",
        "An orchestrator logs at each replay.",
        "A run of ten steps writes its first line eleven times.",
        "Put it under `if not context.is_replaying:`, or log in the activity.",
    ),
    Rule(
        "DURABLE0011",
        "endless-history",
        "warning",
        "A loop never ends and never continues as new.",
        "Each turn adds to the history, and each turn replays all of it.",
        "Call `context.continue_as_new(…)` after some rounds, and return.",
    ),
    Rule(
        "DURABLE1001",
        "orchestration-trigger",
        "error",
        "The trigger of an orchestrator does not fit its function.",
        "The worker hands the context over by the parameter that the decorator names. Where that "
        "does not fit, no function of the app is loaded, or the first run fails.",
        'Write `@app.orchestration_trigger(context_name="context")` right above '
        "`def name(context: df.DurableOrchestrationContext):`.",
    ),
    Rule(
        "DURABLE1002",
        "client-binding",
        "error",
        "A durable client is bound to no parameter, or to one of another type.",
        "The worker refuses to load a function whose bindings and parameters differ.",
        'Write `@app.durable_client_input(client_name="client")` and a parameter '
        "`client: df.DurableOrchestrationClient`.",
    ),
    Rule(
        "DURABLE1003",
        "entity-trigger",
        "error",
        "The trigger of an entity does not fit its function.",
        "The worker hands the context over by the parameter that the decorator names. Where that "
        "does not fit, no function of the app is loaded, or the first operation fails.",
        'Write `@app.entity_trigger(context_name="context")` right above '
        "`def name(context: df.DurableEntityContext):`.",
    ),
    Rule(
        "DURABLE2001",
        "activity-input",
        "error",
        "What is passed to an activity or sub-orchestrator is not what it takes.",
        "The input travels as one JSON value. A second one is an error, and one of another kind "
        "fails in the activity, at run time.",
        "Pass one value of the kind that the activity's parameter has.",
    ),
    Rule(
        "DURABLE2002",
        "activity-output",
        "error",
        "What an activity returns is not what the orchestrator takes it for.",
        "The result travels as JSON: what the activity returns is what the orchestrator gets.",
        "Correct one of the two annotations.",
    ),
    Rule(
        "DURABLE2003",
        "unknown-activity",
        "error",
        "An activity of this name is not registered.",
        "The host does not find the function, and the instance stays Running for ever or fails.",
        "Correct the name, or pass the function itself instead of its name.",
    ),
    Rule(
        "DURABLE2004",
        "unknown-orchestrator",
        "error",
        "A sub-orchestrator of this name is not registered.",
        "The host does not find the function, and the instance stays Running for ever or fails.",
        "Correct the name, or pass the function itself instead of its name.",
    ),
    Rule(
        "WF201",
        "async-orchestrator",
        "error",
        "An orchestrator or entity is an `async def`.",
        "The SDK drives a generator. It never awaits a coroutine: nothing in it ever runs.",
        "Write `def`, and `yield` in place of `await`.",
    ),
    Rule(
        "WF202",
        "task-not-yielded",
        "error",
        "A task is made and not yielded.",
        "A call of the context only makes a task. The host gets to know of it, and the result "
        "comes back, when the task is yielded.",
        "Put `yield` in front, or yield the task later, alone or in `context.task_all`.",
    ),
    Rule(
        "WF203",
        "list-yielded",
        "error",
        "A list of tasks is yielded.",
        "The SDK takes a list for a plain value: the orchestrator goes on at once, and the tasks "
        "never run.",
        "Yield `context.task_all([…])`.",
    ),
    Rule(
        "WF204",
        "generator-not-run",
        "error",
        "A helper with a `yield` is called without `yield from`.",
        "Calling a generator function only makes a generator; not one line of it runs.",
        "Write `yield from helper(…)`.",
    ),
    Rule(
        "WF205",
        "set-order",
        "error",
        "The order of a set decides what an orchestrator does.",
        "Texts lie in a set in another order in each process, and each replay may be in another.",
        "Walk `sorted(…)`, or keep a list or a dict, which remember their order.",
    ),
    Rule(
        "WF206",
        "hash-or-id",
        "error",
        "An orchestrator uses `hash()` or `id()`.",
        "Both differ from process to process, and each replay may be in another.",
        "Take a hash of the content: `hashlib.sha256(…)` or `zlib.crc32(…)`.",
    ),
    Rule(
        "WF207",
        "mutable-default",
        "error",
        "A default argument is changed by the function.",
        "The default is made once, when the module is imported: each replay adds to what the last "
        "one left.",
        "Let the default be None, and make the list or dict in the function.",
    ),
    Rule(
        "WF208",
        "module-state-written",
        "error",
        "An orchestrator or entity writes a variable of a module or class.",
        "The worker's memory is shared by all instances, written again at each replay, and gone "
        "after a restart.",
        "Keep it in a local variable, in the input of `continue_as_new`, or in an entity's state.",
    ),
    Rule(
        "WF209",
        "module-state-read",
        "error",
        "An orchestrator reads a variable that activities or clients change.",
        "The activity may run in another worker, and a replay finds what the variable holds by "
        "then.",
        "Return the value from the activity, and take its result.",
    ),
    Rule(
        "WF210",
        "is-replaying-steers",
        "error",
        "`is_replaying` decides more than what is logged.",
        "Replays take another way than the first run, and no longer fit the history.",
        "Do it each time, or in an activity, which runs once by itself.",
    ),
    Rule(
        "WF211",
        "swallowed-exception",
        "warning",
        "A handler around a `yield` or `await` swallows everything.",
        "A bare except also catches the signals of the framework, as GeneratorExit; an empty one "
        "makes failed activities look like successful ones.",
        "Catch `Exception`, and say what follows from the failure: compensate, note it, or raise.",
    ),
    Rule(
        "WF212",
        "cached-function",
        "warning",
        "An orchestrator calls a function that caches in memory.",
        "What comes back depends on what ran in the same worker before.",
        "Compute it again, or keep the result of an activity.",
    ),
    Rule(
        "WF213",
        "print",
        "warning",
        "An orchestrator prints at each replay.",
        "A run of ten steps prints its first line eleven times.",
        "Put it under `if not context.is_replaying:`, or remove it.",
    ),
    Rule(
        "WF214",
        "timer-not-cancelled",
        "warning",
        "A timer of a race is left open.",
        "The instance stays Running until each of its timers has fired or is cancelled, though its "
        "result is there.",
        "Call `timer.cancel()` wherever something else than the timer has won.",
    ),
    Rule(
        "WF215",
        "agent-called-directly",
        "error",
        "An orchestrator asks an agent or a model itself.",
        "The model is asked, and paid, again at each replay, and answers differently.",
        "Take `app.get_agent(context, name)` and yield its `run`, or ask in an activity.",
    ),
    Rule(
        "WF216",
        "randomness",
        "error",
        "An orchestrator draws random numbers.",
        "Each replay draws others, and takes another way than its history says.",
        "Draw in an activity, or from `random.Random(seed)` with a seed out of the input.",
    ),
    Rule(
        "WF217",
        "machine-identity",
        "error",
        "An orchestrator asks which process or machine it is in.",
        "Each turn may be in another one.",
        "Take `context.instance_id`, or ask in an activity.",
    ),
    Rule(
        "WF218",
        "activity-called-directly",
        "error",
        "An orchestrator calls the function of an activity itself.",
        "It then runs inside the orchestrator, again at each replay, and is in no history.",
        "Yield `context.call_activity(name, input)`.",
    ),
    Rule(
        "WF219",
        "unknown-entity",
        "error",
        "An entity of this name is not registered.",
        "The host does not find the function: a call of the entity never comes back.",
        "Correct the name in `EntityId`.",
    ),
    Rule(
        "WF220",
        "workflow-not-replayable",
        "error",
        "A functional workflow reads a clock or draws an id outside a step.",
        "The body of a workflow runs again when it is resumed from a checkpoint; only results of "
        "steps are kept.",
        "Do it in a function with `@step`, or pass it in.",
    ),
    Rule(
        "WF221",
        "step-closure",
        "warning",
        "A step reads or writes state that it does not get as an argument.",
        "A step's result is kept by its arguments. State that comes from around it is not among "
        "them, so a resumed run may take over a result that was made from other state.",
        "Pass it as an argument and return what changes, or give the step a `replay_key`.",
    ),
    Rule(
        "WF222",
        "activity-trigger",
        "error",
        "The trigger of an activity does not fit its function.",
        "The worker hands the input over by the parameter that the decorator names. Where that "
        "does not fit, no function of the app is loaded.",
        "Name the parameter in `@app.activity_trigger(input_name=…)`.",
    ),
)
RULES: Final = {rule.code: rule for rule in _TABLE}
"""By code, in the order of the codes."""

UNUSED: Final = {
    "DURABLE0007": "Cancellation tokens are a thing of .NET: no parameter of a Python orchestrator "
    "is one.",
    "DURABLE0009": "It prefers an input parameter to `GetInput()`; in Python `context.get_input()` "
    "is the only way.",
}
"""Codes of the .NET analyzer that mean nothing in Python, and why."""


def expand(words: object, where: str) -> frozenset[str]:
    """Return the codes that a list of codes or prefixes names, as `DURABLE`, `WF2` or `WF205`.

    Raises:
        UsageError: A word names no rule.
    """
    if isinstance(words, str):
        words = [words]
    if not isinstance(words, list | tuple):
        raise UsageError(f"{where} must be a list of codes, not {words!r}.")
    found: set[str] = set()
    for word in words:  # pyright: ignore[reportUnknownVariableType]
        text = str(word).strip().upper()  # pyright: ignore[reportUnknownArgumentType]
        codes = set(RULES) if text == "ALL" else {code for code in RULES if code.startswith(text)}
        if not codes or not text:
            if text in UNUSED:
                raise UsageError(f"{where}: {text} is not a rule for Python. {UNUSED[text]}")
            raise UsageError(f"{where}: {word!r} is no rule.{nearest(text, RULES)}")
        found |= codes
    return frozenset(found)
