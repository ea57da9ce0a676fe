"""Requests at random, for the fuzz test: well-formed ones by their family, and malformed ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar
from urllib.parse import quote, urlencode

__all__ = ["WEBHOOKS", "Shot", "take_aim"]

_T = TypeVar("_T")

WEBHOOKS = "/runtime/webhooks/durabletask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A request; of a malformed one `body` is all of it."""

    family: str
    method: str = ""
    path: str = ""
    """With its query, encoded."""
    body: bytes = b""
    kind: str = ""
    is_chunked: bool = False

    def __str__(self) -> str:
        parts = (self.family, self.method, self.path, self.kind, self.body)
        return " ".join(f"{part!s:.200}" for part in parts)


PLAIN_IDS = tuple("abcdefghijkl")
ODD_IDS = (
    *("50%25", "a%20b", "%C3%A9", "%F0%9F%98%80", "..", ".", "x" * 257, "x" * 3_000, "@counter@k"),
    *("%00", "%2F", "%2e%2e", "~", "a:b", "%ff", "%", "%zz", "@@", "$", "a;b=c", "(a)", "'", "%5C"),
    *("INSTANCEID", "0" * 32, "%23", "%3F", "a%0D%0Ab", "%E2%80%AE", "%ED%A0%80"),
)
ORCHESTRATORS = ("waiting", "waiting", "waiting", "echo", "tired", "broken", "trip", "WAITING")
UNKNOWN = ("nope", "Counter", "%77aiting", "", "get_run")
ENTITIES = ("Counter", "counter", "box", "BOX", "nope", "%42ox")
OPERATIONS = ("terminate", "suspend", "resume", "rewind", "restart", "Suspend", "nonsense")
EVENTS = ("go", "go", "go", "GO", "other", "%20", "%00", "é".encode().hex())
WORDS = (
    *("instances", "orchestrators", "entities", "makeprimary", "raiseEvent", "terminate", "a", ""),
    *("..", "%2e", "x" * 900, "%F0%9F%98%80", "runtime", "webhooks", "durabletask", "api"),
)
PREFIXES = (WEBHOOKS, WEBHOOKS, "/durabletask", WEBHOOKS.upper(), "/runtime/webhooks", "/api", "")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW", "get")
PARAMETERS = (
    *("reason", "op", "top", "createdTimeFrom", "createdTimeTo", "runtimeStatus", "showInput"),
    *("instanceIdPrefix", "showHistory", "showHistoryOutput", "version", "fetchState", "taskHub"),
    *("restartWithNewInstanceId", "lastOperationTimeFrom", "returnInternalServerErrorOnFailure"),
    *("code", "connection", "SHOWHISTORY", "", "width"),
)
VALUES = (
    *("", "true", "true", "false", "1", "-1", "0", "1e308", "nan", "inf", "9" * 30, "1.5", "9"),
    *("2000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "[[{"),
    *("2000-02-30", "add", "delete", "rest", "Failed,Nope,7", "Running", "\0", "\ud7ff", "é" * 200),
)
WAITS = (("1", "1"), ("0", "0"), ("5", "0.5"), ("1", "5"), ("nan", "1"), ("-1", "-1"), ("1e9", "1"))
BODIES = (
    *(b"", b"1", b'"1"', b'"3"', b'"fail"', b'"\\"fail\\""', b'{"a": [1, 2.5, null]}', b"null"),
    *(b'"{\\"n\\": 1}"', '{"é": "😀"}'.encode(), b"{", b'{"a":}', b"[" * 3_000, b"NaN", b"1e999"),
    *(b"[" * 60 + b"]" * 60, b"[" * 90 + b"]" * 90, b'{"a":' * 500 + b"1" + b"}" * 500),
    *('"é"'.encode("utf-16"), '"é"'.encode("latin-1"), '"é"'.encode("utf-8-sig"), b"\xff\xfe\x00"),
    *(b'"\\ud800"', b'"\x00"', b"-" * 500, b"9" * 5_000, b'{"a":1,"a":2}', b'"' + b"x" * 20_000),
    json.dumps({"is_fine": True}).encode(),
    json.dumps({"by": "1m"}).encode(),
    json.dumps({"input": "1"}).encode(),
)
HUGE = (b'"' + b"x" * 1_000_000 + b'"', b"[" + b"1," * 20_000 + b"1]", b"x" * 2_000_000)
KINDS = (
    *("application/json", "application/json", "application/json; charset=utf-8", "text/plain", ""),
    *("application/json; charset=nonsense", "multipart/form-data", "application/xml", "x" * 3_000),
)

WINDOWS = (
    "?createdTimeFrom=2000-01-01T00:00:00Z&runtimeStatus=Terminated",
    "?createdTimeFrom=2000-01-01T00:00:00Z&runtimeStatus=Completed",
    "?createdTimeFrom=2000-01-01&createdTimeTo=1999-01-01",
    "?createdTimeFrom=nonsense",
    "",
)
VERSIONS = ("", "", "", "", "?version=9", "?version=1", "?VERSION=%00")
OPS = ("add", "add", "delete", "", "%00")
ADMIN = (
    *("wfsim/now", "wfsim/advance", "wfsim/pending", "wfsim/findings", "wfsim/x", "wfsim"),
    *("host/status", "host/ping", "functions/waiting", "functions/%00", ""),
)
ROOMY = ("orchestrators/echo/huge", "instances/a/raiseEvent/go", "entities/box/huge?op=put")

# --- malformed HTTP -----------------------------------------------------------------------------

_METHODS = (b"GET", b"POST", b"get", b"", b"G E T", b"\x00", b"POST" * 3_000, b"CONNECT", b"PRI")
_TARGETS = (
    *(b"/", b"*", b"", b"/\xc3\xa9", b"/\xff", b"/%", b"/%zz", b"http://other.test/x", b"/a b"),
    *(b"//", b"/" + b"x" * 9_000, b"/\x00", b"host:80", b"?x", b"#f", b"/..%2f..", b"/\x7f"),
    *(b"http://", b"http://[/", b"/\x1b[31m", f"{WEBHOOKS}/instances/nobody".encode()),
)
_VERSIONS = (b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9.9", b"HTTP/1.", b"x", b"")
_HEADERS = (
    *(b"Host: localhost", b"Host: localhost", b"Host:", b"Host: a b", b"Host: \xff", b"Host: a/b"),
    *(b"Content-Length: -1", b"Content-Length: 5", b"Content-Length: x", b"Content-Length: 0"),
    *(b"Content-Length: 99999999999999999999", b"Content-Length: 500000000", b": nameless"),
    *(b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked", b"X: \x00", b"NoColon"),
    *(b"X-Long: " + b"a" * 20_000, b"X : y", b" folded", b"Expect: 100-continue", b"Expect: 9"),
    *(b"Connection: upgrade\r\nUpgrade: websocket", b"Connection: close", b"Cookie: \xff=\xfe"),
    *(b"Content-Encoding: gzip", b"Content-Type: \xe2\x98\x83", b"X-Functions-Key: \x80"),
)
_ENDS = (b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b"\r\n\r\n")
_BODIES = (
    *(b"", b"", b"zz\r\n", b"5\r\nhello\r\n0\r\n\r\n", b"ffffffffffffffff\r\n", b"\x00" * 100),
    *(b"-5\r\nhello\r\n", b"5;ext=\x00\r\nhello\r\n0\r\n\r\n", b"hello", b"0\r\nX: y\r\n\r\n"),
)


class Dice:
    """What a request is made of, at random."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance

    def choice(self, items: Sequence[_T]) -> _T:
        """Return one of several."""
        return self.chance.choice(items)

    def id(self) -> str:
        """Return an id as it stands in a path; mostly one of few, so that requests meet."""
        return self.choice(PLAIN_IDS if self.chance.random() < 0.75 else ODD_IDS)

    def text(self, most: int) -> str:
        """Return any characters."""
        ends = self.choice((0x7F, 0xFF, 0xFFFF, 0x10FFFF))
        size = self.chance.randint(0, most)
        return "".join(chr(self.chance.randint(0, ends)) for _ in range(size))

    def query(self) -> str:
        """Return up to three parameters."""
        pairs = [
            (self.choice(PARAMETERS), self.choice((self.choice(VALUES), self.text(4))))
            for _ in range(self.chance.randint(0, 3))
        ]
        return f"?{urlencode(pairs, errors='replace')}" if pairs else ""

    def body(self) -> bytes:
        """Return a body: JSON, nearly JSON, or noise."""
        return self.choice(BODIES) if self.chance.random() < 0.8 else self.chance.randbytes(20)

    def shot(
        self, family: str, method: str, path: str, body: bytes = b"", kind: str | None = None
    ) -> Shot:
        """Return a request to a path of the extension, or of the host if it starts with a slash."""
        return Shot(
            family=family,
            method=method,
            path=path if path.startswith("/") or not path else f"{WEBHOOKS}/{path}",
            body=body,
            kind=self.choice(KINDS) if kind is None else kind,
            is_chunked=self.chance.random() < 0.2,
        )

    # --- families -------------------------------------------------------------------------------

    def start(self) -> Shot:
        """Start something, with an id or without."""
        name = self.choice(ORCHESTRATORS if self.chance.random() < 0.8 else UNKNOWN)
        place = "" if self.chance.random() < 0.3 else f"/{self.id()}"
        path = f"orchestrators/{name}{place}{self.choice(VERSIONS)}"
        return self.shot("start", "POST", path, self.body())

    def wait(self) -> Shot:
        """Start something and wait for its end."""
        timeout, interval = self.choice(WAITS)
        path = f"orchestrators/{self.choice(ORCHESTRATORS)}/{self.id()}"
        query = f"?timeout={timeout}&pollingInterval={interval}"
        return self.shot("wait", "POST", path + query, self.body())

    def status(self) -> Shot:
        """Look at one."""
        return self.shot("status", "GET", f"instances/{self.id()}{self.query()}")

    def list(self) -> Shot:
        """Look at all."""
        return self.shot("list", "GET", f"instances{self.choice(('', '/'))}{self.query()}")

    def event(self) -> Shot:
        """Raise an event."""
        path = f"instances/{self.id()}/raiseEvent/{self.choice(EVENTS)}"
        return self.shot(
            "event", "POST", path, self.body(), self.choice(("application/json", None))
        )

    def operation(self) -> Shot:
        """Ask something of an instance."""
        path = f"instances/{self.id()}/{self.choice(OPERATIONS)}{self.query()}"
        return self.shot("operation", "POST", path, self.choice((b"", self.body())))

    def purge(self) -> Shot:
        """Delete one."""
        return self.shot("purge", "DELETE", f"instances/{self.id()}{self.choice(('', '/', '?x'))}")

    def purge_many(self) -> Shot:
        """Delete those of a time."""
        return self.shot("purge many", "DELETE", f"instances/{self.choice(WINDOWS)}")

    def signal(self) -> Shot:
        """Signal an entity."""
        method = self.choice(("POST", "POST", "POST", "DELETE"))
        op = f"?op={self.choice(OPS)}" if self.chance.random() < 0.5 else self.query()
        path = f"entities/{self.choice(ENTITIES)}/{self.choice(('k', self.id()))}{op}"
        return self.shot("signal", method, path, self.body())

    def entity(self) -> Shot:
        """Look at entities."""
        key = self.choice(("", "/", "/k", f"/{self.id()}"))
        return self.shot("entity", "GET", f"entities/{self.choice(ENTITIES)}{key}{self.query()}")

    def function(self) -> Shot:
        """Call a function of the app; some have a durable client."""
        if self.chance.random() < 0.3:
            weather = json.dumps({"is_fine": self.chance.random() < 0.5}).encode()
            return self.shot("function", "PUT", "/api/weather", self.choice((weather, self.body())))
        method = self.choice(("GET", "POST", self.choice(METHODS)))
        path = f"/api/{self.choice(('runs', 'runs', 'RUNS', ''))}/{self.id()}{self.query()}"
        return self.shot("function", method, path, self.body() if method != "GET" else b"")

    def admin(self) -> Shot:
        """Ask something of the host, or of the server."""
        path = f"/admin/{self.choice(ADMIN)}{self.query()}"
        return self.shot("admin", self.choice(("GET", "POST", "DELETE")), path, self.body())

    def anything(self) -> Shot:
        """Send any method to any path."""
        words = "/".join(self.choice(WORDS) for _ in range(self.chance.randint(0, 4)))
        path = f"{self.choice(PREFIXES)}/{words}{quote(self.text(5), errors='replace')}"
        return self.shot("anything", self.choice(METHODS), path + self.query(), self.body())

    def huge(self) -> Shot:
        """Send a body of megabytes."""
        path = self.choice((*ROOMY, "/api/runs/huge"))
        return self.shot("huge", "POST", path, self.choice(HUGE), "application/json")

    def malformed(self) -> Shot:
        """Send what is hardly HTTP."""
        if self.chance.random() < 0.1:
            return Shot(family="malformed", body=self.chance.randbytes(60))
        line = (self.choice(_METHODS), self.choice(_TARGETS), self.choice(_VERSIONS))
        headers = [self.choice(_HEADERS) for _ in range(self.chance.randint(0, 4))]
        if self.chance.random() < 0.5:
            line, headers = (b"POST", line[1], b"HTTP/1.1"), [_HEADERS[0], *headers]
        end = self.choice(_ENDS)
        whole = end.join([b" ".join(line), *headers, b"", b""]) + self.choice(_BODIES)
        return Shot(family="malformed", body=whole)


WEIGHTS: dict[Callable[[Dice], Shot], int] = {
    Dice.start: 20,
    Dice.wait: 5,
    Dice.status: 10,
    Dice.list: 5,
    Dice.event: 14,
    Dice.operation: 14,
    Dice.purge: 5,
    Dice.purge_many: 1,
    Dice.signal: 7,
    Dice.entity: 5,
    Dice.function: 12,
    Dice.admin: 5,
    Dice.anything: 12,
    Dice.malformed: 14,
    Dice.huge: 1,
}


def take_aim(seed: int, count: int) -> list[Shot]:
    """Return requests at random, the ordinary ones more often than the odd ones."""
    dice = Dice(Random(seed))
    families = dice.chance.choices(list(WEIGHTS), list(WEIGHTS.values()), k=count)
    return [family(dice) for family in families]
