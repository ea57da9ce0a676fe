"""allow_network: the real network, where a test names it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.durable_http.conftest import simulate
from wfsim import OrchestrationFailed, Simulation, UsageError
from wfsim.web import Request
from wfsim.workers.azure_functions.network import AllowedNetwork


class _Answers(BaseHTTPRequestHandler):
    """Echoes what it gets, or does what the path says."""

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        kind = self.headers.get("Content-Type")
        self._send(200, f"{self.command} {self.path} {kind} {body.decode()}")

    def do_GET(self) -> None:
        code, _, target = self.path.strip("/").partition("/")
        if code.isdigit():
            self._send(int(code), f"answer {code}", location=target)
        else:
            self._send(200, self.path)

    def _send(self, code: int, text: str, *, location: str = "") -> None:
        self.send_response(code)
        if location:
            self.send_header("Location", location)
        self.send_header("X-Twice", "1")
        self.send_header("X-Twice", "2")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Print nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A real HTTP server; its origin."""
    with HTTPServer(("127.0.0.1", 0), _Answers) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of this machine is none of these tests' business."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def fetch(sim: Simulation, method: str, uri: str, **options: Any) -> Any:
    """Run one `call_http` and return what the orchestrator gets."""
    return sim.start("fetch", {"method": method, "uri": uri, **options}).result()


def test_an_allowed_url_is_really_called(server: str) -> None:
    """Method, body and type arrive; so does the answer, with headers that came twice as a list."""
    with simulate(allow_network=[f"{server}/*"]) as sim:
        answer = fetch(sim, "POST", f"{server}/a?b=1", content={"c": 2})
        assert answer["statusCode"] == 200
        assert answer["content"] == 'POST /a?b=1 text/plain {"c": 2}'
        assert answer["headers"]["X-Twice"] == ["1", "2"]


@pytest.mark.parametrize("status", [204, 404, 500])
def test_every_status_is_an_answer(server: str, status: int) -> None:
    """4xx and 5xx are returned, as from a stub."""
    with simulate(allow_network=True) as sim:
        assert fetch(sim, "GET", f"{server}/{status}")["statusCode"] == status


def test_redirects_are_followed_where_allowed(server: str) -> None:
    """As .NET does; but not to a URL that the test does not name."""
    with simulate(allow_network=[f"{server}/*"]) as sim:
        assert fetch(sim, "GET", f"{server}/302/{server}/there")["content"] == "/there"
        sim.start("fetch", {"method": "GET", "uri": f"{server}/302/http://elsewhere.invalid/"})
        with pytest.raises(UsageError, match=r"redirects to http://elsewhere\.invalid/, which"):
            sim.run_until_idle()


def test_a_stub_and_the_app_go_before_the_network(server: str) -> None:
    """What is allowed out may be answered inside."""
    with simulate(allow_network=True) as sim:
        sim.stub_http("GET", f"{server}/*", body="stub")
        assert fetch(sim, "GET", f"{server}/x")["content"] == "stub"
        own = fetch(sim, "GET", "http://localhost:7071/api/echo/ada")
        assert own["content"] == "GET ada "


def test_a_connection_that_fails_is_a_transport_error() -> None:
    """The task fails with a text like .NET's, and the cause is chained."""
    with simulate(allow_network=["http://127.0.0.1:1/*"]) as sim:
        run = sim.start("fetch", {"method": "GET", "uri": "http://127.0.0.1:1/x"})
        with pytest.raises(OrchestrationFailed) as caught:
            run.result()
        assert "Connection refused (127.0.0.1:1)" in str(run.output)
        assert isinstance(caught.value.__cause__, ConnectionRefusedError)


def test_what_is_not_allowed_stays_inside(server: str) -> None:
    """A URL that no pattern names is an error, whoever asks."""
    with simulate(allow_network=["https://other.example/*"]) as sim:
        sim.start("fetch", {"method": "GET", "uri": f"{server}/x"})
        with pytest.raises(UsageError, match="nothing answers"):
            sim.run_until_idle()
    with pytest.raises(UsageError, match="is not in allow_network"):
        AllowedNetwork([]).fetch(Request(method="GET", url=f"{server}/x"))


@pytest.mark.parametrize(
    ("allowed", "message"),
    [
        ("https://api.example/*", r"must be a list: \['https://api"),
        (["api.example"], "allow_network='api.example' is not an absolute URL"),
    ],
)
def test_mistaken_patterns_are_refused(allowed: Any, message: str) -> None:
    """A text alone would allow each of its letters; a bare host would allow nothing."""
    with pytest.raises(UsageError, match=message):
        AllowedNetwork(allowed)
