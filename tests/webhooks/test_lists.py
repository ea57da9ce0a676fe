"""Lists of instances, and purging many at once (semantics 6.2, 6.3)."""

from __future__ import annotations

import pytest

from tests.webhooks.app import Client

TOKEN = "x-ms-continuation-token"


@pytest.fixture
def peopled(client: Client) -> Client:
    """A client of a simulation with one instance an hour: done, failed, open, ended, new."""
    client.start("echo", "done", 1)
    client.sim.advance("1h")
    client.start("broken", "failed")
    client.sim.advance("1h")
    client.start("waiting", "open")
    client.sim.advance("1h")
    client.start("waiting", "ended")
    client.post("instances/ended/terminate")
    client.sim.advance("1h")
    client.post("orchestrators/waiting/new", version="9")
    return client


def ids(client: Client, **params: object) -> list[str]:
    """Return the ids that a list shows."""
    answer = client.get("instances/", **params)
    assert answer.status_code == 200
    return [item["instanceId"] for item in answer.json()]


def test_a_list_shows_every_instance_in_the_order_of_ids(peopled: Client) -> None:
    """Each item is the status that the instance's own route shows."""
    assert ids(peopled) == ["done", "ended", "failed", "new", "open"]
    items = peopled.get("instances").json()
    assert items == [peopled.get(f"instances/{item['instanceId']}").json() for item in items]


@pytest.mark.parametrize(
    ("params", "shown"),
    [
        ({"runtimeStatus": "Running,Pending"}, ["new", "open"]),
        ({"RUNTIMESTATUS": "Failed"}, ["failed"]),
        ({"runtimeStatus": "3, 1"}, ["done", "failed"]),
        ({"runtimeStatus": "Nonsense,Failed"}, ["failed"]),
        ({"runtimeStatus": "Nonsense"}, ["done", "ended", "failed", "new", "open"]),
        ({"runtimeStatus": "failed"}, ["done", "ended", "failed", "new", "open"]),
        ({"runtimeStatus": "Canceled"}, []),
        ({"instanceIdPrefix": "e"}, ["ended"]),
        ({"instanceIdPrefix": "E"}, []),
        ({"createdTimeFrom": "2000-01-01T02:00:00Z"}, ["ended", "new", "open"]),
        ({"createdTimeTo": "2000-01-01T02:00:00.000000Z"}, ["done", "failed", "open"]),
        ({"createdTimeFrom": "01/01/2000 03:00:00"}, ["ended", "new"]),
        ({"createdTimeFrom": "2000-01-01T05:00:00+02:00"}, ["ended", "new"]),
        ({"createdTimeFrom": "1-01-01T00:00:00.000000Z", "createdTimeTo": "2000-01-01"}, ["done"]),
        ({"createdTimeFrom": "Sat, 01 Jan 2000 04:00:00 GMT"}, ["new"]),
        ({"createdTimeFrom": "tomorrow"}, ["done", "ended", "failed", "new", "open"]),
        ({"createdTimeFrom": "99999-01-01"}, ["done", "ended", "failed", "new", "open"]),
        ({"top": "0"}, ["done", "ended", "failed", "new", "open"]),
        ({"top": "-3"}, ["done", "ended", "failed", "new", "open"]),
        ({"top": "9" * 40}, ["done", "ended", "failed", "new", "open"]),
        ({"top": "2"}, ["done", "ended"]),
    ],
)
def test_a_list_is_filtered(peopled: Client, params: dict[str, str], shown: list[str]) -> None:
    """Filters are case-sensitive, bounds inclusive, and what makes no sense is ignored."""
    assert ids(peopled, **params) == shown


def test_a_list_hides_inputs(peopled: Client) -> None:
    """They are shown by default."""
    first = peopled.get("instances", showInput="false").json()[0]
    assert (first["input"], peopled.get("instances").json()[0]["input"]) == (None, "1")


def test_pages_follow_each_other(peopled: Client) -> None:
    """The token of the last page is empty, and purging meanwhile loses nothing."""
    seen: list[str] = []
    token = "before the first page"
    headers: dict[str, str] = {}
    while token:
        answer = peopled.call("GET", "instances/", params={"top": 2}, headers=headers)
        page = [item["instanceId"] for item in answer.json()]
        seen += page
        peopled.call("DELETE", f"instances/{page[-1]}")
        token = answer.headers[TOKEN]
        headers = {TOKEN: token}
    assert seen == ["done", "ended", "failed", "new", "open"]


def test_a_page_has_100_items(client: Client) -> None:
    """Unless `top` says otherwise."""
    for number in range(101):
        client.post(f"orchestrators/waiting/{number:03}")
    first = client.get("instances/")
    assert len(first.json()) == 100
    rest = client.call("GET", "instances/", headers={TOKEN: first.headers[TOKEN]})
    assert [item["instanceId"] for item in rest.json()] == ["100"]
    assert len(ids(client, top=500)) == 101


@pytest.mark.parametrize("token", ["nonsense", "====", "é", "/w=="])
def test_a_token_of_another_host_is_a_bad_request(client: Client, token: str) -> None:
    """Nothing is shown for it."""
    assert client.call("GET", "instances/", headers={TOKEN: token}).status_code == 400
    assert client.call("GET", "entities/", headers={TOKEN: token}).status_code == 400


@pytest.mark.parametrize(
    ("params", "left"),
    [
        ({}, []),
        ({"runtimeStatus": "Failed,Completed"}, ["ended", "new", "open"]),
        ({"runtimeStatus": "Failed,Running"}, ["done", "ended", "new", "open"]),
        ({"runtimeStatus": "Running"}, []),
        ({"runtimeStatus": "Nonsense"}, []),
        ({"createdTimeTo": "2000-01-01T02:00:00Z"}, ["ended", "new"]),
        ({"createdTimeFrom": "2000-01-01T03:00:00Z"}, ["done", "failed", "open"]),
    ],
)
def test_purging_by_filter(peopled: Client, params: dict[str, str], left: list[str]) -> None:
    """A filter without a final status is no filter at all."""
    window = {"createdTimeFrom": "2000-01-01T00:00:00Z"} | params
    answer = peopled.call("DELETE", "instances/", params=window)
    assert answer.json() == {"instancesDeleted": 5 - len(left)}
    assert ids(peopled) == left


def test_purging_nothing_is_not_found(peopled: Client) -> None:
    """The answer has no body."""
    window = {"createdTimeFrom": "2000-01-02"}
    answer = peopled.call("DELETE", "instances", params=window)
    assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize("params", [{}, {"createdTimeFrom": "soon"}, {"createdTimeFrom": ""}])
def test_purging_by_filter_needs_a_beginning(peopled: Client, params: dict[str, str]) -> None:
    """The answer is a JSON string, and nothing is lost."""
    answer = peopled.call("DELETE", "instances/", params=params)
    text = "Please provide value for 'createdTimeFrom' parameter."
    assert (answer.status_code, answer.json()) == (400, text)
    assert len(ids(peopled)) == 5
