"""Single shapes of code, and what each check makes of them."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest

from tests.lint.conftest import Lint, app
from wfsim.lint import lint

IMPORTS = """
import asyncio, contextlib, logging, os, random, sys, time, uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import azure.durable_functions as df
"""
ENVELOPE = """
@app.activity_trigger(input_name="x")
def act(x): ...
@dataclass
class Order:
    name: str
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    tags: list = field(default_factory=list)
@dataclass
class Plain:
    tags: list = field(default_factory=list)
def in_turn(context):
    yield context.call_activity("act", 1)
async def in_time(context):
    await in_time(context)
def note(context, text):
    if context.is_replaying:
        return
    logging.info(text)
def note_or_act(context, text):
    if context.is_replaying:
        return
    open(text)
def writes(text):
    global WRITTEN
    WRITTEN = text
def asks(text):
    writes(text)
def later(context):
    return context.create_timer(context.current_utc_datetime)
def stop(timer):
    timer.cancel()
WRITTEN = ""
ALIASES = {"os": os}
"""

LOOP = "while True:\n    yield context.call_activity('act', 1)\n"


def codes(tmp_path: Path, body: str, *, is_generator: bool = True) -> set[str]:
    """Return the codes that the lines of an orchestrator give."""
    end = "    yield context.wait_for_external_event('x')\n" if is_generator else ""
    orchestrator = f"@orch\ndef one(context):\n{indent(body, '    ')}\n{end}"
    path = tmp_path / "function_app.py"
    path.write_text(app(IMPORTS + ENVELOPE + orchestrator), encoding="utf-8")
    return {finding.code for finding in lint([tmp_path]).findings}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("Order('a')", "DURABLE0002"),
        ("list(map(uuid.uuid4, []))", "DURABLE0002"),
        ("dict(key=uuid.uuid4)", "DURABLE0002"),
        ("sorted([], key=random.random)", "WF216"),
        ("Plain()", None),
        ("time.strftime('%Y')", "DURABLE0001"),
        ("time.strftime('%Y', (0,) * 9)", None),
        ("time.ctime(0)", None),
        ("random.Random(context.instance_id).random()", None),
        ("random.Random().random()", "WF216"),
        ("os.environ.get('WEBSITE_HOSTNAME')", None),
        ("os.getenv('WEBSITE_SITE_NAME')", None),
        ("os.getenv(context.get_input())", "DURABLE0006"),
        ("'x' in os.environ", "DURABLE0006"),
        ("logging.getLogger('x').setLevel('INFO')", None),
        ("logging.getLogger('x').error('x')", "DURABLE0010"),
        ("context.is_replaying or logging.info('x')", None),
        ("not context.is_replaying and logging.info('x')", None),
        ("context.is_replaying and logging.info('x')", "DURABLE0010"),
        ("logging.info('x') if not context.is_replaying else None", None),
        ("if context.is_replaying == False:\n    print(1)", None),
        ("if not context.is_replaying and time.time():\n    print(1)", None),
        ("note(context, 'x')", None),
        ("note_or_act(context, 'x')", "WF210"),
        ("if not context.is_replaying:\n    asks('x')", "WF210"),
        ("if not context.is_replaying:\n    in_turn(context)", "WF210"),
        ("if not context.is_replaying:\n    note(context, 'x')", None),
        ("if not context.is_replaying:\n    context.get_input()", None),
        ("if not context.is_replaying:\n    time.sleep(1)", "WF210"),
        ("if not context.is_replaying:\n    self.x = 1", "WF210"),
        ("first = context.is_replaying", None),
        ("first = 1 if context.is_replaying else 2", "WF210"),
        ("context.is_replaying and in_turn(context)", "WF210"),
        ("context.set_custom_status(context.is_replaying)", "WF210"),
        ("while not context.is_replaying:\n    pass", "WF210"),
        ("a, *b = {'x', 'y'}", "WF205"),
        ("a = {'x'}\nfor b in a:\n    pass", None),
        ("a = []\na.extend({'x', 'y'})", "WF205"),
        ("a = dict.fromkeys(frozenset('xy'))", "WF205"),
        ("a = set('xy')\nb = len([c for c in a])", None),
        ("a = set('xy').union('z').copy()\nb = [*a]", "WF205"),
        ("a = set('xy').pop()", "WF205"),
        ("a = set('xy')\nb = {c for c in a}", None),
        ("a = {c: 1 for c in set('xy')}", "WF205"),
        ("with contextlib.suppress(KeyError):\n    yield context.call_activity('act', 1)", None),
        ("with contextlib.suppress(Exception):\n    x = 1", None),
        ("for a in context.call_activity('act', 1):\n    pass", "WF202"),
        ("a = context.call_activity('act', 1) + 1", "WF202"),
        ("a = f\"{context.call_activity('act', 1)}\"", "WF202"),
        ("a = context.call_activity('act', 1).is_completed\nb = a", None),
        ("a = context.call_activity('act', 1)\ncontext.continue_as_new(a)", "WF202"),
        ("call = context.call_activity\ncall('act', 1)", "WF202"),
        ("call = context.call_activity\nyield call('acct', 1)", "DURABLE2003"),
        ("yield context.call_activity(name='acct', input_=1)", "DURABLE2003"),
        ("yield context.call_activity(act, 1)", None),
        ("yield context.call_activity(in_turn, 1)", "DURABLE2003"),
        ("yield context.call_sub_orchestrator(one, 1)", None),
        ("yield context.call_activity(**context.get_input())", None),
        ("yield (context.call_activity('act', n) for n in '12')", "WF203"),
        ("a = 'x', 'y'\nyield a", None),
        ("a = in_turn(context)\nyield a", "WF204"),
        ("a = in_turn(context)", "WF204"),
        ("a = list(in_turn(context))", None),
        ("return in_turn(context)", "WF204"),
        ("in_time(context)", "WF204"),
        ("yield in_time(context)", "WF204"),
        ("yield context.call_activity('act', len([in_time]))", None),
        ("while True:\n    with open('x'):\n        break", "DURABLE0005"),
        (LOOP + "    def f():\n        return", "DURABLE0011"),
        (LOOP + "    while 1:\n        break", "DURABLE0011"),
        (LOOP + "    for a in '12':\n        pass\n    else:\n        break", None),
        (LOOP + "    try:\n        pass\n    except E:\n        break", None),
        (LOOP + "    match 1:\n        case 1:\n            return", None),
        (LOOP + "    context.continue_as_new(1)", None),
        ("ALIASES['os'].getcwd()", None),
        ("global WRITTEN\ndel WRITTEN", "WF208"),
        ("ALIASES.update(a=1)", "WF208"),
        ("del ALIASES['os']", "WF208"),
        ("ALIASES['a']['b'] = 1", "WF208"),
        ("copy = dict(ALIASES)\ncopy['a'] = 1", None),
    ],
)
def test_shapes_of_code(body: str, code: str | None, tmp_path: Path) -> None:
    """Each shape gives its code, or none."""
    found = codes(tmp_path, body)
    assert (code in found) if code is not None else (found == set())


RACE = """
event = context.wait_for_external_event('x')
timer = context.create_timer(context.current_utc_datetime)
winner = yield context.task_any([event, timer])
"""
ANEW = "timer = context.create_timer(context.current_utc_datetime)"
AGAIN = "winner = yield context.task_any([event, timer])"


@pytest.mark.parametrize(
    ("body", "is_left_open"),
    [
        ("return 1", True),
        ("timer.cancel()", False),
        ("if winner == event:\n    timer.cancel()", False),
        ("if event == winner:\n    timer.cancel()", False),
        ("if winner is not timer:\n    timer.cancel()", False),
        ("if not (winner == timer):\n    timer.cancel()", False),
        ("if winner != event:\n    return 1\ntimer.cancel()", False),
        ("if winner == timer:\n    timer.cancel()", True),
        ("if winner == event and event.result:\n    timer.cancel()", True),
        ("if winner == timer or context.get_input():\n    return 1\ntimer.cancel()", True),
        ("if winner == timer or winner == event:\n    timer.cancel()", False),
        ("late = winner == timer\nif late:\n    return 1\ntimer.cancel()", False),
        ("if timer.is_completed:\n    return 1\ntimer.cancel()", False),
        ("if event.is_completed:\n    timer.cancel()", False),
        ("if not timer.is_completed:\n    timer.cancel()", False),
        ("if True:\n    timer.cancel()", False),
        ("if context.get_input():\n    timer.cancel()", True),
        ("yield timer", False),
        ("stop(timer)", False),
        ("raise ValueError", False),
        ("try:\n    act2 = 1\nfinally:\n    timer.cancel()", False),
        ("try:\n    return 1\nfinally:\n    timer.cancel()", False),
        ("try:\n    yield event\n    timer.cancel()\nexcept Exception:\n    return 1", True),
        ("with contextlib.nullcontext():\n    timer.cancel()", False),
        ("match context.get_input():\n    case 1:\n        timer.cancel()", True),
        ("match winner:\n    case 1:\n        timer.cancel()\ntimer.cancel()", False),
        ("def inner():\n    timer.cancel()\ninner()", False),
        ("for a in '12':\n    if winner == event:\n        timer.cancel()\n        break", True),
        ("while winner == event:\n    timer.cancel()\n    break", False),
        ("while True:\n    if winner == timer:\n        break\n    " + AGAIN, False),
        (f"while context.get_input():\n    {ANEW}\ntimer.cancel()", True),
        (f"while context.get_input():\n    timer.cancel()\n    {ANEW}\ntimer.cancel()", False),
        ("while context.get_input():\n    continue\ntimer.cancel()", False),
    ],
)
def test_ways_out_of_a_race(body: str, is_left_open: bool, tmp_path: Path) -> None:
    """A timer is reported if some way through the function leaves it open, and only then."""
    found = codes(tmp_path, RACE + body, is_generator=False)
    assert ("WF214" in found) is is_left_open


@pytest.mark.parametrize(
    ("body", "is_left_open"),
    [
        ("race = context.task_any([event, timer])\nyield race", True),
        ("tasks = [event, timer]\nyield context.task_any(tasks)", True),
        ("tasks = [event, timer]\nyield context.task_any(tasks)\ntasks.remove(event)", False),
        ("tasks = [event]\ntasks.append(timer)\nyield context.task_any(tasks)", False),
        ("yield context.task_all([event, timer])", False),
        ("yield context.task_any([timer])\nkept = {'timer': timer}\nreturn kept", False),
        ("yield timer", False),
        ("yield context.task_any(activities=[event, timer])", True),
    ],
)
def test_shapes_of_races(body: str, is_left_open: bool, tmp_path: Path) -> None:
    """A race is recognised however it is written; a timer that goes elsewhere is left alone."""
    made = "\n".join(RACE.strip().splitlines()[:2])
    assert ("WF214" in codes(tmp_path, f"{made}\n{body}")) is is_left_open


def test_too_many_ways_are_not_followed(tmp_path: Path) -> None:
    """Where comparisons tell nothing for long, no timer is reported."""
    timers = "".join(
        f"t{n} = context.create_timer(context.current_utc_datetime)\n"
        f"yield context.task_any([event, t{n}])\n"
        f"if context.get_input() == {n}:\n    t{n}.cancel()\n"
        for n in range(8)
    )
    event = "event = context.wait_for_external_event('x')\n"
    assert "WF214" not in codes(tmp_path, event + timers)


@pytest.mark.parametrize(
    ("annotation", "passed", "is_reported"),
    [
        ("str", "1", True),
        ("str", "'a'", False),
        ("int", "True", False),
        ("float", "1", False),
        ("bool", "1", True),
        ("int | str", "'a'", False),
        ("int | None", "'a'", True),
        ("'int'", "'a'", True),
        ("'not python'", "'a'", False),
        ("Optional[int]", "'a'", True),
        ("Optional[Thing]", "'a'", False),
        ("List[int]", "{}", True),
        ("Dict[str, int]", "{}", False),
        ("tuple[int]", "[1]", False),
        ("Thing", "1", False),
        ("list", "(1, 2)", False),
        ("str", "context.get_input()", False),
        ("str", "None", True),
        ("'str | None'", "None", False),
        ("None", "None", False),
        ("", "1", False),
    ],
)
def test_kinds_of_inputs(annotation: str, passed: str, is_reported: bool, lint_app: Lint) -> None:
    """What the call shows is held against plain annotations; everything else is left alone."""
    parameter = f"x: {annotation}" if annotation else "x"
    body = f"""
from typing import Dict, List, Optional
class Thing: ...
@orch
def one(context):
    yield context.call_activity("act", {passed})
@app.activity_trigger(input_name="x")
def act({parameter}):
    return x
"""
    assert lint_app(body) == (["function_app.py:7 DURABLE2001"] if is_reported else [])


def test_names_may_be_constants_of_a_class(lint_app: Lint) -> None:
    """A constant of a class is read; one of an Enum may be turned into text in many ways."""
    body = """
        from enum import Enum
        class Names:
            GOOD = "act"
            BAD = "acct"
        class Kinds(Enum):
            BAD = "acct"
        @orch
        def one(context):
            yield context.call_activity(Names.GOOD, 1)
            yield context.call_activity(Names.BAD, 1)
            yield context.call_activity(Names.OTHER, 1)
            yield context.call_activity(Kinds.BAD, 1)
        @app.activity_trigger(input_name="x")
        def act(x): ...
    """
    assert lint_app(body) == ["function_app.py:12 DURABLE2003"]


def test_odd_function_files_do_no_harm(tmp_path: Path) -> None:
    """Files that describe no function are passed by; functions with code elsewhere are known."""
    for name, text in (
        ("Broken", "{"),
        ("List", "[]"),
        ("Strange", '{"bindings": [1, {"type": "httpTrigger"}], "scriptFile": 3}'),
        ("Compiled", '{"bindings": [{"type": "activityTrigger"}], "scriptFile": "x.pyc"}'),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "function.json").write_text(text, encoding="utf-8")
    (tmp_path / "host.json").write_text("{}", encoding="utf-8")
    (tmp_path / "run.py").write_text(
        "import azure.durable_functions as df\n"
        "def run(context):\n"
        "    yield context.call_activity('compiled', 1)\n"
        "    yield context.call_activity('Strange', 1)\n"
        "main = df.Orchestrator.create(run)\n",
        encoding="utf-8",
    )
    (finding,) = lint([tmp_path]).findings
    assert (finding.line, finding.code) == (4, "DURABLE2003")


def test_clients_of_projects_count_as_models(lint_app: Lint) -> None:
    """A chat client is one through several classes; a class of other bases is none."""
    body = """
        from agent_framework import BaseChatClient
        class Base(BaseChatClient):
            def get_response(self): ...
        class Local(Base): ...
        class Other(dict):
            def get_response(self): ...
        @orch
        def one(context):
            Local().get_response()
            Other().get_response()
            yield context.wait_for_external_event("x")
    """
    assert lint_app(body) == ["function_app.py:11 WF215"]


def test_clients_may_be_bound_in_other_ways(lint_app: Lint) -> None:
    """A client that a generic binding or a constant names is bound."""
    body = """
        CLIENT = "client"
        @app.route(route="a")
        @app.generic_input_binding(arg_name="client", type="durableClient")
        async def first(req, client: df.DurableOrchestrationClient): ...
        @app.route(route="b")
        @app.durable_client_input(client_name=CLIENT)
        async def second(req, client: df.DurableOrchestrationClient): ...
    """
    assert lint_app(body) == []


def test_activities_called_directly_are_not_followed(lint_app: Lint) -> None:
    """The call is reported, and not what the activity does, which is fine in itself."""
    body = """
        import time
        @orch
        def one(context):
            act(1)
            yield context.call_activity("act", 1)
        @app.activity_trigger(input_name="x")
        def act(x):
            time.sleep(1)
    """
    assert lint_app(body) == ["function_app.py:6 WF218"]


def test_variables_that_orchestrators_write_are_reported_once(lint_app: Lint) -> None:
    """A helper that activities share makes the write a finding, and not each read as well."""
    body = """
        STATE = {}
        def remember(x):
            STATE[x] = 1
        @orch
        def one(context):
            remember(1)
            yield context.call_activity("act", len(STATE))
        @app.activity_trigger(input_name="x")
        def act(x):
            remember(x)
    """
    assert lint_app(body) == ["function_app.py:5 WF208"]


def test_wrong_arguments_are_told_by_one_finding(lint_app: Lint) -> None:
    """An unknown keyword is reported, and not that the input is missing, too."""
    body = """
        @orch
        def one(context):
            yield context.call_activity("act", inputs=1)
        @app.activity_trigger(input_name="x")
        def act(x: int) -> int:
            return x
    """
    assert lint_app(body) == ["function_app.py:5 DURABLE2001"]


def test_chains_are_told_by_their_first_call(tmp_path: Path) -> None:
    """Of `requests.get(…).json()` the part that goes outside is named."""
    body = """
        import requests
        @orch
        def one(context):
            requests.get("https://x.example", timeout=1).json()["a"].strip()
            yield context.wait_for_external_event("x")
    """
    (tmp_path / "function_app.py").write_text(app(body), encoding="utf-8")
    (finding,) = lint([tmp_path]).findings
    assert finding.message == "`requests.get()` goes outside at each replay"


def test_attributes_may_be_set_in_pairs(lint_app: Lint) -> None:
    """What `__init__` assigns, in whatever way, is known in the methods."""
    body = """
        class Steps:
            def __init__(self, context, names: list) -> None:
                self.context, self.names = context, set(names)
                self.other: object = self.context
            def run(self):
                for name in self.names:
                    self.other.call_activity("act", name)
                yield self.context.call_activity("acct", 1)
        @orch
        def one(context):
            yield from Steps(context, ["a"]).run()
        @app.activity_trigger(input_name="x")
        def act(x): ...
    """
    assert lint_app(body) == [
        "function_app.py:8 WF205",
        "function_app.py:9 WF202",
        "function_app.py:10 DURABLE2003",
    ]
