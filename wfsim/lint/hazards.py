"""Calls that give another answer at each replay, or do something outside: which rule names them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

__all__ = ["Hazard", "hazard"]


@dataclass(frozen=True, slots=True)
class Hazard:
    """What is wrong with one call or name."""

    code: str
    name: str
    """As users know it."""


_TIMES: Final = (
    *("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns"),
    *("process_time", "process_time_ns", "thread_time", "thread_time_ns", "clock_gettime"),
    "clock_gettime_ns",
)
_ASYNC_TASKS: Final = (
    *("run", "create_task", "ensure_future", "gather", "wait", "wait_for", "to_thread", "Runner"),
    *("get_event_loop", "get_running_loop", "new_event_loop", "run_coroutine_threadsafe"),
    *("TaskGroup", "as_completed"),
)
_FILES: Final = (
    *("read_text", "read_bytes", "write_text", "write_bytes", "open", "exists", "is_file", "mkdir"),
    *("is_dir", "iterdir", "glob", "rglob", "stat", "unlink", "rename", "replace", "touch"),
    *("rmdir", "home", "cwd", "resolve"),
)
_OS_FILES: Final = (
    *("listdir", "scandir", "walk", "mkdir", "makedirs", "remove", "unlink", "rename", "rmdir"),
    *("stat", "open", "replace", "removedirs", "chmod", "chown", "link", "symlink", "truncate"),
    *("system", "popen", "fork", "spawnl", "spawnv", "execv", "execl", "startfile", "kill"),
    *("path.exists", "path.isfile", "path.isdir", "path.getmtime", "path.getsize", "getcwd"),
)
_EXACT: Final[dict[str, str]] = {
    **{f"time.{name}": "DURABLE0001" for name in _TIMES},
    **{
        f"datetime.{name}": "DURABLE0001"
        for name in ("datetime.now", "datetime.utcnow", "datetime.today", "date.today")
    },
    **dict.fromkeys(("arrow.now", "arrow.utcnow", "pendulum.now", "pendulum.today"), "DURABLE0001"),
    **dict.fromkeys(("django.utils.timezone.now", "pandas.Timestamp.now"), "DURABLE0001"),
    **{f"uuid.{name}": "DURABLE0002" for name in ("uuid1", "uuid4", "uuid6", "uuid7", "getnode")},
    **dict.fromkeys(("time.sleep", "asyncio.sleep", "trio.sleep", "anyio.sleep"), "DURABLE0003"),
    **{f"asyncio.{name}": "DURABLE0004" for name in _ASYNC_TASKS},
    **dict.fromkeys(("threading.Thread", "threading.Timer"), "DURABLE0004"),
    **dict.fromkeys(("_thread.start_new_thread", "anyio.run", "trio.run"), "DURABLE0004"),
    **{f"pathlib.Path.{name}": "DURABLE0005" for name in _FILES},
    **{f"os.{name}": "DURABLE0005" for name in _OS_FILES},
    **dict.fromkeys(("builtins.open", "builtins.input", "io.open"), "DURABLE0005"),
    **dict.fromkeys(("os.getenv", "os.putenv", "os.unsetenv", "os.environ"), "DURABLE0006"),
    **dict.fromkeys(("os.environb", "os.path.expandvars", "dotenv.load_dotenv"), "DURABLE0006"),
    **dict.fromkeys(("os.getpid", "os.getppid", "os.getlogin", "os.uname"), "WF217"),
    **dict.fromkeys(("os.cpu_count", "os.getloadavg", "os.times", "socket.gethostname"), "WF217"),
    **dict.fromkeys(("socket.getfqdn", "platform.node", "platform.uname"), "WF217"),
    **dict.fromkeys(
        ("getpass.getuser", "threading.get_ident", "multiprocessing.cpu_count"), "WF217"
    ),
    **dict.fromkeys(("os.urandom", "os.getrandom"), "WF216"),
    **dict.fromkeys(("builtins.hash", "builtins.id"), "WF206"),
    **dict.fromkeys(("builtins.print", "sys.stdout.write", "sys.stderr.write"), "WF213"),
}
_PACKAGES: Final[dict[str, str]] = {
    **dict.fromkeys(("multiprocessing", "concurrent.futures.ThreadPoolExecutor"), "DURABLE0004"),
    **dict.fromkeys(("concurrent.futures.ProcessPoolExecutor", "joblib"), "DURABLE0004"),
    **dict.fromkeys(("requests", "httpx", "urllib3", "http.client", "ftplib"), "DURABLE0005"),
    **dict.fromkeys(
        ("urllib.request", "aiohttp", "smtplib", "socket", "subprocess"), "DURABLE0005"
    ),
    **dict.fromkeys(("sqlite3", "shutil", "tempfile", "psycopg", "psycopg2"), "DURABLE0005"),
    **dict.fromkeys(("pymongo", "redis", "pyodbc", "mysql", "asyncpg", "boto3"), "DURABLE0005"),
    **dict.fromkeys(("azure.storage", "azure.cosmos", "azure.servicebus"), "DURABLE0005"),
    **dict.fromkeys(("azure.eventhub", "azure.eventgrid", "azure.data.tables"), "DURABLE0005"),
    **dict.fromkeys(("azure.identity", "azure.keyvault", "paramiko", "grpc"), "DURABLE0005"),
    **dict.fromkeys(("random", "secrets", "numpy.random"), "WF216"),
    **dict.fromkeys(("logging", "loguru.logger", "structlog"), "DURABLE0010"),
}
_HARMLESS: Final = frozenset(
    {
        *("random.getstate", "random.Random.getstate", "secrets.compare_digest"),
        *("requests.Request", "requests.codes", "httpx.URL", "subprocess.list2cmdline"),
        *("socket.inet_aton", "socket.htons", "socket.ntohs", "socket.htonl", "socket.ntohl"),
        *("multiprocessing.current_process", "aiohttp.ClientTimeout", "httpx.Timeout"),
    }
)
_EXCEPTIONS: Final = ("Error", "Exception", "Warning", "Timeout")
_LEVELS: Final = frozenset(
    {"debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log"}
    | {"success", "trace"}
)


def hazard(name: str, call: ast.Call | None) -> Hazard | None:
    """Return what is wrong with calling something of this name, or with naming it.

    Args:
        name: The full name, without calls in it.
        call: The call; None where the name is only read or passed on.
    """
    last = name.rpartition(".")[2]
    if name in _HARMLESS or last.endswith(_EXCEPTIONS) or _is_given_its_answer(name, call):
        return None
    code = _EXACT.get(name) or _by_package(name)
    if call is None and name not in _EXACT and (code != "WF216" or not last.islower()):
        return None
    if code == "DURABLE0010" and last not in _LEVELS:
        return None
    return Hazard(code, name.removeprefix("builtins.")) if code else None


def _by_package(name: str) -> str | None:
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        if code := _PACKAGES.get(".".join(parts[:length])):
            return None if length == len(parts) and "." not in name else code
    return None


def _is_given_its_answer(name: str, call: ast.Call | None) -> bool:
    """Say whether the arguments decide alone: a seeded generator, a time to be formatted."""
    check = _WITH_ARGUMENTS.get(name)
    if check is not None and call is not None:
        return check(call)
    # What a seeded generator draws follows from its seed; where it has none, making it is reported.
    return name.startswith(
        ("random.Random.", "numpy.random.default_rng.", "numpy.random.RandomState.")
    )


def _has(count: int) -> Callable[[ast.Call], bool]:
    return lambda call: len(call.args) + len(call.keywords) >= count


_WITH_ARGUMENTS: Final[dict[str, Callable[[ast.Call], bool]]] = {
    "random.Random": _has(1),
    "numpy.random.default_rng": _has(1),
    "numpy.random.RandomState": _has(1),
    "numpy.random.Generator": _has(1),
    "numpy.random.PCG64": _has(1),
}
_CLOCK_UNLESS: Final[dict[str, int]] = {
    "time.localtime": 1,
    "time.gmtime": 1,
    "time.ctime": 1,
    "time.asctime": 1,
    "time.strftime": 2,
}
_EXACT.update(dict.fromkeys(_CLOCK_UNLESS, "DURABLE0001"))
_WITH_ARGUMENTS.update({name: _has(count) for name, count in _CLOCK_UNLESS.items()})
