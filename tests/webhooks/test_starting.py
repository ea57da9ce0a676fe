"""Starting orchestrations over HTTP (semantics 6.2, 6.3)."""

from __future__ import annotations

import pytest

from tests.webhooks.app import BASE, Client, example, webhooks_app
from wfsim import HostSettings, Simulation
from wfsim.history import ExecutionStarted

ORIGIN = "http://localhost:7071"


def test_a_start_answers_with_links_and_where_to_look(client: Client) -> None:
    """Status, headers, and keys in their order are the host's."""
    answer = client.post("orchestrators/order/order-1")
    links = answer.json()
    assert answer.status_code == 202
    assert list(links) == list(example("http_start_response"))
    assert links["id"] == "order-1"
    assert answer.headers["Location"] == links["statusQueryGetUri"]
    assert answer.headers["Retry-After"] == "10"
    assert links["statusQueryGetUri"].startswith(f"{ORIGIN}{BASE}/instances/order-1?taskHub=")


def test_each_link_leads_somewhere(client: Client) -> None:
    """A client that follows the links needs to know nothing else."""
    links = client.post("orchestrators/waiting").json()
    assert len(links["id"]) == 32
    assert client.sim.http.get(links["statusQueryGetUri"]).status_code == 202
    go = links["sendEventPostUri"].replace("{eventName}", "go")
    assert client.sim.http.post(go, json=1).status_code == 202
    client.sim.run_until_idle()
    assert client.sim.http.get(links["statusQueryGetUri"]).json()["output"] == 1
    again = client.sim.http.post(links["restartPostUri"]).json()
    assert client.sim.http.delete(links["purgeHistoryDeleteUri"]).status_code == 200
    client.sim.run_until_idle()
    stop = again["terminatePostUri"].replace("{text}", "why")
    assert client.sim.http.post(stop).status_code == 202
    client.sim.run_until_idle()
    assert client.sim.run(again["id"]).output == "why"


@pytest.mark.parametrize(
    ("body", "stored"),
    [
        ('"{\\"a\\": 1}"', '{"a": 1}'),
        (' { "a" : [ 1, "\\u00e9" ] } ', {"a": [1, "é"]}),
        ("", None),
        ("  ", None),
        ("null", None),
        ("[1,2]", [1, 2]),
        ('"\\ud800 \\ud83d\\ude00"', "\ufffd 😀"),
        (b'"\xff"', "\ufffd"),
        (b"\xef\xbb\xbf7", 7),
    ],
)
def test_the_body_is_the_input(client: Client, body: str | bytes, stored: object) -> None:
    """It is stored as JSON, normalised as the host's JSON library does it."""
    assert client.call("POST", "orchestrators/waiting/i", body=body).status_code == 202
    assert client.get("instances/i").json()["input"] == stored


@pytest.mark.parametrize(
    "body", ["{", "nope", "1 2", "[" * 65 + "]" * 65, "[" * 100_000, "9" * 5000, b"\xff"]
)
def test_a_body_that_is_not_json_is_refused(client: Client, body: str | bytes) -> None:
    """Malformed and too deep texts are bad requests, and nothing starts."""
    answer = client.call("POST", "orchestrators/waiting/i", body=body)
    assert answer.status_code == 400
    assert answer.json()["Message"] == "Invalid JSON content"
    assert list(answer.json()) == list(example("http_error"))
    assert client.get("instances/i").status_code == 404


def test_64_levels_are_not_too_deep(client: Client) -> None:
    """The limit is that of the host's JSON reader, and brackets in strings do not count."""
    body = "[" * 63 + '["[[[[[[", "\\"[[["]' + "]" * 63
    assert client.call("POST", "orchestrators/waiting/i", body=body).status_code == 202


def test_an_unknown_orchestrator_is_refused_in_the_hosts_words(client: Client) -> None:
    """The text lists what is known; case does not matter."""
    answer = client.post("orchestrators/Nope")
    expected = example("http_error")
    assert answer.status_code == 400
    body = answer.json()
    assert body["Message"] == expected["Message"]
    assert body["ExceptionType"] == expected["ExceptionType"]
    assert body["ExceptionMessage"] == (
        "The function 'Nope' doesn't exist, is disabled, or is not an orchestrator function. "
        "Additional info: The following are the known orchestrator functions: "
        "'waiting', 'echo', 'order', 'tired', 'broken'."
    )
    assert client.post("orchestrators/WAITING/i").status_code == 202
    assert client.get("instances/i").json()["name"] == "WAITING"


@pytest.mark.parametrize(
    ("instance_id", "text"),
    [
        ("@a", "instanceId (Parameter 'Orchestration instance ids must not start with @.')"),
        ("x" * 257, "Instance ID lengths must not exceed 256 characters."),
    ],
)
def test_an_illegal_id_is_refused_in_the_hosts_words(
    client: Client, instance_id: str, text: str
) -> None:
    """The slip in the order of the exception's arguments included."""
    answer = client.post(f"orchestrators/waiting/{instance_id}")
    assert answer.status_code == 400
    assert answer.json()["ExceptionMessage"] == text


def test_an_id_in_use_is_refused_as_the_release_does(client: Client) -> None:
    """A server error by default, a conflict where the setting says so."""
    client.reach("Running")
    answer = client.post("orchestrators/waiting/i")
    assert answer.status_code == 500
    assert answer.json()["Message"] == "Something went wrong while processing your request"
    text = "An Orchestration instance with the status Running already exists."
    assert answer.json()["ExceptionMessage"] == text
    newer = HostSettings(duplicate_start_status=409)
    with Simulation(webhooks_app(), findings="ignore", settings=newer) as sim:
        other = Client(sim)
        other.reach("Running")
        answer = other.post("orchestrators/waiting/i")
        assert (answer.status_code, answer.json()) == (409, {"Message": text})
        again = other.post("instances/i/restart", restartWithNewInstanceId="false")
        assert (again.status_code, again.json()["ExceptionMessage"]) == (409, text)


def test_an_id_in_use_is_started_over_where_any_state_may_be() -> None:
    """`overridableExistingInstanceStates` lets a running instance be replaced."""
    lenient = HostSettings(overridable_states="AnyState")
    with Simulation(webhooks_app(), findings="ignore", settings=lenient) as sim:
        client = Client(sim)
        client.reach("Suspended")
        assert client.post("orchestrators/echo/i").status_code == 202
        sim.run_until_idle()
        assert (sim.run("i").name, sim.run("i").status) == ("echo", "Completed")


def test_a_start_takes_its_version_from_the_query_or_the_settings() -> None:
    """A restart takes the default of now, whatever the first one had."""
    settings = HostSettings(default_version="2.0")
    with Simulation(webhooks_app(), findings="ignore", settings=settings) as sim:
        client = Client(sim)
        client.post("orchestrators/waiting/old", version="1.0")
        client.post("orchestrators/waiting/new")
        client.post("instances/old/restart")
        sim.run_until_idle()
        starts = [run.history[1] for run in sim.runs]
        versions = [event.version for event in starts if isinstance(event, ExecutionStarted)]
        assert versions == ["1.0", "2.0", "2.0"]


def test_create_and_wait_answers_with_the_output(client: Client) -> None:
    """The client stays on the line until the run has ended."""
    began = client.sim.now
    options = {"params": {"timeout": 60, "pollingInterval": 2}, "json": "5"}
    answer = client.call("POST", "orchestrators/tired", **options)
    assert (answer.status_code, answer.json()) == (200, "rested")
    assert (client.sim.now - began).total_seconds() == 6


def test_create_and_wait_answers_with_the_status_of_a_failure(client: Client) -> None:
    """A failure is no server error here."""
    answer = client.post("orchestrators/broken", timeout=10, POLLINGINTERVAL=1)
    assert (answer.status_code, answer.json()["runtimeStatus"]) == (200, "Failed")


@pytest.mark.parametrize("interval", ["0", "0.5", "3"])
def test_create_and_wait_gives_up_after_its_timeout(client: Client, interval: str) -> None:
    """Then the answer is that of a plain start."""
    began = client.sim.now
    answer = client.post("orchestrators/waiting", timeout="3", pollingInterval=interval)
    assert answer.status_code == 202
    assert list(answer.json()) == list(example("http_start_response"))
    assert (client.sim.now - began).total_seconds() == 3


@pytest.mark.parametrize(
    ("timeout", "interval", "status"),
    [
        ("1", "2", 400),
        ("nan", "1", 400),
        ("1e30", "1", 400),
        ("inf", "inf", 400),
        ("1e9", "1e8", 400),
        ("5", "-1", 400),
        ("-1", "-2", 202),
        ("soon", "1", 202),
        ("10", "", 202),
    ],
)
def test_lengths_of_time_that_make_no_sense(
    client: Client, timeout: str, interval: str, status: int
) -> None:
    """What is no number is not there, and what is too much is a bad request."""
    answer = client.post("orchestrators/waiting", timeout=timeout, pollingInterval=interval)
    assert answer.status_code == status
