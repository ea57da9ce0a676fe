"""The status of an instance over HTTP (semantics 6.3)."""

from __future__ import annotations

import pytest

from tests.webhooks.app import BASE, Client, example


def test_a_running_instance_is_accepted_and_says_where_to_look_again(client: Client) -> None:
    """Shape, texts, whole seconds and headers are the host's."""
    client.sim.advance("1500ms")
    client.start("order", "order-1", {"city": "Tokyo"})
    answer = client.get("instances/order-1", showInput="True")
    assert answer.status_code == 202
    assert answer.headers["Retry-After"] == "5"
    url = f"http://localhost:7071{BASE}/instances/order-1?showInput=True"
    assert answer.headers["Location"] == url
    second = "2000-01-01T00:00:01Z"
    ours = {"name": "order", "createdTime": second, "lastUpdatedTime": second}
    expected = example("http_status_running") | ours
    assert answer.json() == expected
    assert list(answer.json()) == list(expected)


def test_a_completed_instance_shows_its_output(client: Client) -> None:
    """The output is JSON, and there is nothing more to poll for."""
    client.start("order", "order-1", {"city": "Tokyo"})
    client.send("order-1", "approve", {"ok": True})
    answer = client.get("instances/order-1")
    assert (answer.status_code, answer.headers.get("Location")) == (200, None)
    assert answer.json()["output"] == ["Hello Tokyo", {"n": 1}]
    assert answer.json()["customStatus"] == "greeting"


def test_a_failed_instance_shows_its_failure_as_text(client: Client) -> None:
    """It is a server error only for those who ask for that."""
    client.start("broken", "i")
    answer = client.get("instances/i")
    assert (answer.status_code, list(answer.json())) == (200, list(example("http_status_failed")))
    begin = "Orchestrator function 'broken' failed: Activity function 'boom' failed:  ValueError"
    assert answer.json()["output"].startswith(begin)
    asked = client.get("instances/i", RETURNinternalservererroronfailure="true")
    assert (asked.status_code, asked.json()) == (500, answer.json())


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("missing", 404),
        ("Pending", 202),
        ("Running", 202),
        ("Suspended", 202),
        ("Completed", 200),
        ("Terminated", 200),
        ("Failed", 200),
    ],
)
def test_the_status_code_follows_the_state(client: Client, state: str, status: int) -> None:
    """What has not ended is accepted, what is not there has no body."""
    client.reach(state)
    answer = client.get("instances/i")
    assert answer.status_code == status
    if state == "missing":
        assert answer.content == b""
    else:
        assert answer.json()["runtimeStatus"] == state


@pytest.mark.parametrize(
    ("flag", "shown"),
    [("false", None), ("FALSE", None), ("true", 1), ("no", 1), ("", 1), ("false,false", 1)],
)
def test_show_input_hides_the_input(client: Client, flag: str, shown: object) -> None:
    """It is on by default, and what is neither true nor false changes nothing."""
    client.call("POST", "orchestrators/waiting/i", json=1)
    assert client.get("instances/i", SHOWinput=flag).json()["input"] == shown


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("too late", "too late"),
        ('{"a": 1}', {"a": 1}),
        ("NaN", "NaN"),
        ("[" * 5000, "[" * 5000),
        ("[" * 65 + "]" * 65, "[" * 65 + "]" * 65),
        ("\ufffd é", "\ufffd é"),
    ],
)
def test_a_reason_is_the_output(client: Client, reason: str, shown: object) -> None:
    """One that happens to be JSON is shown as JSON, as the host does."""
    client.start("waiting", "i")
    assert client.post("instances/i/terminate", reason=reason).status_code == 202
    client.sim.run_until_idle()
    assert client.get("instances/i").json()["output"] == shown


def test_a_suspended_instance_shows_its_reason(client: Client) -> None:
    """Reasons to suspend and to resume stand where the output will."""
    client.reach("Suspended")
    assert client.get("instances/i").json()["output"] == "pause"
    client.post("instances/i/resume", reason="go on")
    client.sim.run_until_idle()
    body = client.get("instances/i").json()
    assert (body["runtimeStatus"], body["output"]) == ("Running", "go on")


def test_an_id_is_not_percent_decoded(client: Client) -> None:
    """What the client quotes is the id, in its links too."""
    links = client.post("orchestrators/waiting/a%20b").json()
    assert links["id"] == "a%20b"
    assert client.sim.http.get(links["statusQueryGetUri"]).json()["instanceId"] == "a%20b"
