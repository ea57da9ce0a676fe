"""Apps that ask for everything they should not, imported in every way."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import azure.durable_functions as df

from tests.apps import Context, Steps

__all__ = ["SOURCES", "STYLES", "Planted", "Source", "planted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One thing that no orchestrator should do."""

    module: str
    name: str
    """What is imported from the module."""
    use: str
    """What is done with it, `$` standing for it."""
    does: str
    """How the finding says so."""
    shown: str
    """The function that the finding names; with other spellings behind bars."""

    @property
    def key(self) -> str:
        return self.shown.partition("|")[0]


def _clock(module: str, name: str, use: str, shown: str) -> Source:
    return Source(module=module, name=name, use=use, does="reads a clock", shown=shown)


def _chance(module: str, name: str, use: str, shown: str) -> Source:
    return Source(module=module, name=name, use=use, does="draws random numbers", shown=shown)


def _file(module: str, name: str, use: str, shown: str) -> Source:
    return Source(module=module, name=name, use=use, does="goes to the file system", shown=shown)


def _other(module: str, name: str, use: str, shown: str, does: str) -> Source:
    return Source(module=module, name=name, use=use, does=does, shown=shown)


_ENVIRONMENT = "asks the environment"
_NETWORK = "goes to the network"

SOURCES = (
    *(
        _clock("time", name, "$()", f"time.{name}()")
        for name in (
            *("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns"),
            *("process_time", "ctime"),
        )
    ),
    _clock("datetime", "datetime", "$.now()", "datetime.now()"),
    _clock("datetime", "date", "$.today()", "date.today()"),
    _chance("random", "random", "$()", "random.random()"),
    _chance("random", "choice", "$('ab')", "random.choice()"),
    _chance("random", "shuffle", "$([1, 2, 3])", "random.shuffle()"),
    _chance("random", "getrandbits", "$(8)", "random.getrandbits()"),
    _chance("random", "Random", "$()", "random.Random()"),
    _chance("secrets", "token_hex", "$()", "secrets.token_hex()"),
    _chance("os", "urandom", "$(4)", "os.urandom()"),
    _other("uuid", "uuid4", "$()", "uuid.uuid4()", "makes an id"),
    _other("uuid", "uuid1", "$()", "uuid.uuid1()", "makes an id"),
    _other("os", "getenv", "$('PRICES')", "os.getenv()", _ENVIRONMENT),
    _other("os", "environ", "$.get('PRICES')", "os.environ['PRICES']", _ENVIRONMENT),
    _other("os", "getpid", "$()", "os.getpid()", _ENVIRONMENT),
    _other("socket", "gethostname", "$()", "socket.gethostname()", _ENVIRONMENT),
    _file("builtins", "open", "$(__file__).close()", "open()"),
    _file("pathlib", "Path", "$(__file__).read_bytes()", "pathlib.Path.read_bytes()"),
    _file("os", "listdir", "$('.')", "os.listdir()"),
    _file("os", "stat", "$('.')", "os.stat()"),
    _other("socket", "socket", "$().close()", "socket.socket()", _NETWORK),
    _other("socket", "getaddrinfo", "$('127.0.0.1', 1)", "socket.getaddrinfo()", _NETWORK),
    _other("subprocess", "run", "$(['true'])", "subprocess.run()", "starts a process"),
    _other(
        "threading", "Thread", "$(target=int).start()", "threading.Thread.start()",
        "starts a thread",
    ),
    _other("time", "sleep", "$(0)", "time.sleep()", "sleeps"),
    _other(
        "asyncio", "new_event_loop", "$().close()", "asyncio.new_event_loop()",
        "runs an event loop",
    ),
)  # fmt: skip


def _function(index: int, *lines: str, also: str = "") -> str:
    body = "\n".join(f"    {line}" for line in lines)
    return f"def f{index}(context{also}):\n{body}\n    yield context.call_activity('say', 0)\n\n\n"


def _plain(index: int, source: Source) -> str:
    used = source.use.replace("$", f"{source.module}.{source.name}")
    return f"import {source.module}\n" + _function(index, f"{used}  # here: {index}")


def _renamed(index: int, source: Source) -> str:
    used = source.use.replace("$", f"m{index}.{source.name}")
    return f"import {source.module} as m{index}\n" + _function(index, f"{used}  # here: {index}")


def _named(index: int, source: Source) -> str:
    used = source.use.replace("$", source.name)
    before = f"from {source.module} import {source.name}\n"
    return before + _function(index, f"{used}  # here: {index}")


def _named_otherwise(index: int, source: Source) -> str:
    used = source.use.replace("$", f"n{index}")
    before = f"from {source.module} import {source.name} as n{index}\n"
    return before + _function(index, f"{used}  # here: {index}")


def _inside(index: int, source: Source) -> str:
    used = source.use.replace("$", source.name)
    late = f"from {source.module} import {source.name}"
    return _function(index, late, f"{used}  # here: {index}")


def _kept(index: int, source: Source) -> str:
    used = source.use.replace("$", f"KEPT{index}['it']")
    before = f"import {source.module}\nKEPT{index} = {{'it': {source.module}.{source.name}}}\n"
    return before + _function(index, f"{used}  # here: {index}")


def _default(index: int, source: Source) -> str:
    used = source.use.replace("$", "it")
    also = f", it={source.module}.{source.name}"
    return f"import {source.module}\n" + _function(index, f"{used}  # here: {index}", also=also)


def _helper(index: int, source: Source) -> str:
    used = source.use.replace("$", f"{source.module}.{source.name}")
    before = f"import {source.module}\ndef h{index}():\n    return {used}  # here: {index}\n"
    return before + _function(index, f"h{index}()")


STYLES: dict[str, Callable[[int, Source], str]] = {
    "import": _plain,
    "import as": _renamed,
    "from": _named,
    "from as": _named_otherwise,
    "inside": _inside,
    "kept": _kept,
    "default": _default,
    "helper": _helper,
}


@dataclass(frozen=True, slots=True)
class Planted:
    """A module of orchestrators, one for each source."""

    module: ModuleType
    lines: dict[int, int]
    """In which line the source of that number is used."""

    def app(self) -> df.DFApp:
        """Return an app with all of them, called `f0` and on, and with each in an activity."""
        app = df.DFApp()
        for index in range(len(SOURCES)):
            function: Any = getattr(self.module, f"f{index}")

            def orchestrator(context: Context, _function: Any = function) -> Steps:
                return (yield from _function(context))

            orchestrator.__name__ = f"f{index}"
            app.orchestration_trigger(context_name="context")(orchestrator)
            app.activity_trigger(input_name="x")(_activity(f"a{index}", function))

        @app.activity_trigger(input_name="x")
        def say(x: int) -> int:
            return x

        @app.orchestration_trigger(context_name="context")
        def works(context: Context) -> Steps:
            for index in range(len(SOURCES)):
                yield context.call_activity(f"a{index}", 0)

        return app


class _NoContext:
    def call_activity(self, name: str, given: object) -> None:
        """Take what an orchestrator would ask for."""


def _activity(name: str, function: Any) -> Callable[[int], int]:
    def activity(x: int) -> int:
        for _ in function(_NoContext()):
            pass
        return x

    activity.__name__ = name
    return activity


@contextmanager
def planted(folder: Path, style: str) -> Iterator[Planted]:
    """Write a module in which each source is used in one style, and import it meanwhile."""
    parts = [STYLES[style](index, source) for index, source in enumerate(SOURCES)]
    name = f"hazards_{style.replace(' ', '_')}"
    text = "".join(parts)
    (folder / f"{name}.py").write_text(text, encoding="utf-8")
    lines = {
        int(line.rpartition("# here: ")[2]): number
        for number, line in enumerate(text.splitlines(), start=1)
        if "# here: " in line
    }
    sys.path.insert(0, str(folder))
    try:
        yield Planted(importlib.import_module(name), lines)
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop(name, None)
