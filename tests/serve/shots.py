"""Requests at random, for the fuzz test: well-formed ones by their family, and malformed ones."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from hypothesis import strategies as st

__all__ = ["WEBHOOKS", "Shot", "shots"]

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


PLAIN_IDS = (*"abcdefghijkl",)
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
    *("..", "%2e", "x" * 2_000, "%F0%9F%98%80", "runtime", "webhooks", "durabletask", "api"),
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
    *("2000-02-30", "add", "delete", "rest", "Failed,Nope,7", "Running", "\0", "\ud7ff", "é" * 500),
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

ids = st.sampled_from(PLAIN_IDS * 6 + ODD_IDS)
bodies = st.one_of(st.sampled_from(BODIES), st.sampled_from(BODIES), st.binary(max_size=30))
kinds = st.sampled_from(KINDS)
json_kind = st.just("application/json")


def _query(pairs: list[tuple[str, str]]) -> str:
    return f"?{urlencode(pairs, errors='replace')}" if pairs else ""


queries = st.lists(
    st.tuples(st.sampled_from(PARAMETERS), st.sampled_from(VALUES) | st.text(max_size=4)),
    max_size=3,
).map(_query)


def _shots(
    family: str,
    method: st.SearchStrategy[str] | str,
    path: st.SearchStrategy[str],
    body: st.SearchStrategy[bytes] | None = None,
    kind: st.SearchStrategy[str] = kinds,
) -> st.SearchStrategy[Shot]:
    return st.builds(
        Shot,
        family=st.just(family),
        method=st.just(method) if isinstance(method, str) else method,
        path=path,
        body=st.just(b"") if body is None else body,
        kind=kind,
        is_chunked=st.sampled_from((False, False, False, True)),
    )


def _below(template: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(f"{WEBHOOKS}/{template}".format, *parts)


functions = st.sampled_from(ORCHESTRATORS * 3 + UNKNOWN)
versions = st.sampled_from(("", "", "", "?version=9", "?version=1", "?VERSION=%00"))
waits = st.sampled_from(WAITS).map(lambda wait: f"?timeout={wait[0]}&pollingInterval={wait[1]}")
windows = st.sampled_from(
    (
        "?createdTimeFrom=2000-01-01T00:00:00Z&runtimeStatus=Terminated",
        "?createdTimeFrom=2000-01-01T00:00:00Z&runtimeStatus=Completed",
        "?createdTimeFrom=2000-01-01&createdTimeTo=1999-01-01",
        "?createdTimeFrom=nonsense",
        "",
    )
)

STARTS = st.one_of(
    _shots("start", "POST", _below("orchestrators/{}{}", functions, versions), bodies),
    _shots("start", "POST", _below("orchestrators/{}/{}{}", functions, ids, versions), bodies),
    _shots("start", "POST", _below("orchestrators/{}/{}{}", functions, ids, versions), bodies),
    _shots("wait", "POST", _below("orchestrators/{}/{}{}", functions, ids, waits), bodies),
)
LOOKS = st.one_of(
    _shots("status", "GET", _below("instances/{}{}", ids, queries)),
    _shots("list", "GET", _below("instances{}{}", st.sampled_from(("", "/")), queries)),
)
CHANGES = st.one_of(
    _shots(
        "event", "POST", _below("instances/{}/raiseEvent/{}", ids, st.sampled_from(EVENTS)),
        bodies, json_kind | kinds,
    ),
    _shots(
        "operation",
        "POST",
        _below("instances/{}/{}{}", ids, st.sampled_from(OPERATIONS), queries),
    ),
    _shots(
        "operation",
        "POST",
        _below("instances/{}/{}{}", ids, st.sampled_from(OPERATIONS), queries),
        bodies,
    ),
)  # fmt: skip
PURGES = st.one_of(
    _shots("purge", "DELETE", _below("instances/{}", ids)),
    _shots("purge", "DELETE", _below("instances/{}", ids)),
    _shots("purge", "DELETE", _below("instances/{}{}", ids, queries)),
    _shots("purge many", "DELETE", _below("instances/{}", windows)),
)
SIGNALS = st.one_of(
    _shots(
        "signal",
        st.sampled_from(("POST", "POST", "POST", "DELETE")),
        _below("entities/{}/{}{}", st.sampled_from(ENTITIES), ids | st.just("k"), queries),
        bodies,
    ),
    _shots(
        "signal",
        "POST",
        _below("entities/counter/{}?op={}", ids, st.sampled_from(("add", "delete", "", "%00"))),
        bodies,
        json_kind,
    ),
    _shots(
        "entity",
        "GET",
        _below("entities/{}/{}{}", st.sampled_from(ENTITIES), ids | st.just("k"), queries),
    ),
    _shots("entity", "GET", _below("entities/{}{}", st.sampled_from((*ENTITIES, "")), queries)),
)
FUNCTIONS = st.one_of(
    _shots("function", "POST", st.builds("/api/runs/{}".format, ids), bodies),
    _shots("function", "GET", st.builds("/api/runs/{}{}".format, ids, queries)),
    _shots("function", "PUT", st.just("/api/weather"), bodies),
    _shots(
        "function",
        st.sampled_from(METHODS),
        st.builds("/api/{}/{}".format, st.sampled_from(("runs", "RUNS", "weather", "")), ids),
        bodies,
    ),
)
ADMIN = _shots(
    "admin",
    st.sampled_from(("GET", "POST", "GET", "DELETE")),
    st.builds(
        "/admin/{}{}".format,
        st.sampled_from(
            (
                *("wfsim/now", "wfsim/advance", "wfsim/pending", "wfsim/findings", "wfsim/x"),
                *("host/status", "host/ping", "functions/waiting", "functions/%00", "", "wfsim"),
            )
        ),
        queries,
    ),
    bodies,
)
ANYTHING = _shots(
    "anything",
    st.sampled_from(METHODS),
    st.builds(
        lambda prefix, words, text, query: (
            f"{prefix}/{'/'.join(words)}{quote(text, errors='replace')}{query}"
        ),
        st.sampled_from(PREFIXES),
        st.lists(st.sampled_from(WORDS), max_size=4),
        st.text(max_size=5),
        queries,
    ),
    bodies,
)
HUGE_BODIES = _shots(
    "huge",
    "POST",
    st.sampled_from(
        (
            f"{WEBHOOKS}/orchestrators/echo/huge",
            f"{WEBHOOKS}/instances/a/raiseEvent/go",
            f"{WEBHOOKS}/entities/box/huge?op=put",
            "/api/runs/huge",
        )
    ),
    st.sampled_from(HUGE),
    json_kind,
)

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


def _malformed(
    line: tuple[bytes, bytes, bytes], headers: list[bytes], end: bytes, body: bytes
) -> Shot:
    whole = end.join([b" ".join(line), *headers, b"", b""]) + body
    return Shot(family="malformed", body=whole)


MALFORMED = st.one_of(
    st.builds(
        _malformed,
        st.tuples(st.sampled_from(_METHODS), st.sampled_from(_TARGETS), st.sampled_from(_VERSIONS)),
        st.lists(st.sampled_from(_HEADERS), max_size=4),
        st.sampled_from(_ENDS),
        st.sampled_from(_BODIES),
    ),
    st.builds(
        _malformed,
        st.tuples(st.just(b"POST"), st.sampled_from(_TARGETS), st.just(b"HTTP/1.1")),
        st.lists(st.sampled_from(_HEADERS), max_size=3).map(lambda more: [_HEADERS[0], *more]),
        st.just(b"\r\n"),
        st.sampled_from(_BODIES),
    ),
    st.builds(lambda noise: Shot(family="malformed", body=noise), st.binary(max_size=60)),
)

_FAMILIES = (
    *([STARTS] * 24 + [LOOKS] * 16 + [CHANGES] * 24 + [PURGES] * 8 + [SIGNALS] * 14),
    *([FUNCTIONS] * 14 + [ADMIN] * 6 + [ANYTHING] * 16 + [MALFORMED] * 20 + [HUGE_BODIES]),
)
shots = st.sampled_from(range(len(_FAMILIES))).flatmap(_FAMILIES.__getitem__)
"""Any of them, the ordinary ones more often than the odd ones."""
