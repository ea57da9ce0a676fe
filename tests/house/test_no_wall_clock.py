"""One clock, one generator, one loop: what wfsim itself must never ask the machine for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.source import ROOT, Module, dotted, listing, modules

# These put wfsim on top of the machine's clock and generators, so they must name them; serve/,
# explore/ with its budgets and processes, replay/bulk.py with its own, and the command line stand
# in the real world. Guards look out for others that ask.
EXEMPT = (
    *("wfsim/freeze/", "wfsim/freeze.py", "wfsim/loop/", "wfsim/loop.py"),
    *("wfsim/guards/", "wfsim/another_worker.py", "wfsim/cli/", "wfsim/serve/", "wfsim/explore/"),
    "wfsim/replay/bulk.py",
)

BANNED_MODULES = {
    "concurrent.futures",
    "multiprocessing",
    "secrets",
    "selectors",
    "socket",
    "subprocess",
    "threading",
    "_thread",
}
BANNED_CALLS = {
    "asyncio.run",
    "asyncio.to_thread",
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "os.getrandom",
    "os.urandom",
    "time.localtime",
    "time.gmtime",
    "time.monotonic",
    "time.monotonic_ns",
    "time.perf_counter",
    "time.perf_counter_ns",
    "time.process_time",
    "time.sleep",
    "time.time",
    "time.time_ns",
    "uuid.uuid1",
    "uuid.uuid4",
}
# Of `random`, only a generator of one's own, with a seed.
SEEDED = "random.Random"


def offences(module: Module) -> Iterator[str]:
    """Name every use of the machine's time, chance or concurrency, with its line."""
    aliases = _aliases(module)
    for line, name in module.imports():
        if any(name == banned or name.startswith(f"{banned}.") for banned in BANNED_MODULES):
            yield f"{module.name}:{line} imports {name}"
        if name in BANNED_CALLS:
            yield f"{module.name}:{line} imports {name}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute | ast.Name):
            name = _resolved(dotted(node), aliases)
            if isinstance(node, ast.Attribute) and name in BANNED_CALLS:
                yield f"{module.name}:{node.lineno} uses {name}"
            if name.startswith("random.") and not name.startswith(SEEDED):
                yield f"{module.name}:{node.lineno} uses {name}"
        if isinstance(node, ast.Call) and not (node.args or node.keywords):
            name = _resolved(dotted(node.func), aliases)
            if name == SEEDED:
                yield f"{module.name}:{node.lineno} makes a generator without a seed"


def _aliases(module: Module) -> dict[str, str]:
    """Map each name bound by an import to the full name it stands for."""
    found: dict[str, str] = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound = alias.asname or alias.name.partition(".")[0]
                found[bound] = alias.name if alias.asname else bound
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


def _resolved(name: str, aliases: dict[str, str]) -> str:
    head, dot, rest = name.partition(".")
    return f"{aliases[head]}{dot}{rest}" if head in aliases else ""


def test_wfsim_asks_the_machine_for_nothing() -> None:
    """No thread, socket, real sleep, uuid4, unseeded chance or wall clock below serve/."""
    found = [
        offence
        for module in modules("wfsim")
        if not module.name.startswith(EXEMPT)
        for offence in offences(module)
    ]
    assert not found, listing(found)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import time\ntime.sleep(1)", ["uses time.sleep"]),
        ("import time as t\nnow = t.monotonic", ["uses time.monotonic"]),
        ("from time import sleep\nsleep(1)", ["imports time.sleep"]),
        ("from datetime import datetime\ndatetime.now()", ["uses datetime.datetime.now"]),
        ("from uuid import uuid4", ["imports uuid.uuid4"]),
        ("import threading", ["imports threading"]),
        ("from concurrent.futures import Future", ["imports concurrent.futures.Future"]),
        ("import random\nrandom.random()", ["uses random.random"]),
        ("import random\nrandom.Random()", ["makes a generator without a seed"]),
        ("import random\nrandom.Random(7)", []),
        ("from datetime import datetime\ndatetime.fromtimestamp(0, None)", []),
        ("def f(time: object) -> None:\n    time.sleep(1)", []),
    ],
)
def test_the_ban_sees_what_it_bans(source: str, expected: list[str]) -> None:
    """The ban resolves aliases and imported names, and leaves seeded generators alone."""
    module = Module(path=Path(ROOT / "x.py"), text=source, tree=ast.parse(source))
    assert [offence.split(" ", 1)[1] for offence in offences(module)] == expected
