"""Routes and links of the extension (semantics 6.3, 6.4)."""

from __future__ import annotations

import json

import pytest

from tests.webhooks.app import Client, example
from wfsim.workers.azure_functions.webhooks import Links


@pytest.mark.parametrize(
    "request_line",
    [
        "GET orchestrators/waiting",
        "POST orchestrators",
        "POST orchestrators/waiting/i/more",
        "PUT instances",
        "POST instances",
        "PATCH instances/i",
        "POST instances/i",
        "GET instances/i/terminate",
        "POST instances/i/explode",
        "POST instances/i/raiseEvent",
        "GET instances/i/raiseEvent/x",
        "POST instances//terminate",
        "PUT entities/counter/k",
        "GET entities/counter/k/more",
        "GET makeprimary",
        "GET nothing",
        "OPTIONS instances",
        "GET ",
    ],
)
def test_anything_else_is_not_found(client: Client, request_line: str) -> None:
    """Other verbs and other routes answer without a body."""
    client.start("waiting", "i")
    method, _, route = request_line.partition(" ")
    answer = client.call(method, route)
    assert (answer.status_code, answer.content) == (404, b"")


def test_literal_segments_match_in_any_case(client: Client) -> None:
    """Ids do not, and a slash at the end does no harm."""
    assert client.post("Orchestrators/waiting/Id/").status_code == 202
    assert client.get("INSTANCES/Id").status_code == 202
    assert client.get("instances/id").status_code == 404
    assert client.post("instances/Id/TERMINATE/").status_code == 202


def test_makeprimary_succeeds(client: Client) -> None:
    """There is one app, which is the primary one."""
    answer = client.post("makeprimary")
    assert (answer.status_code, answer.content) == (200, b"")


def test_the_binding_is_that_of_the_example() -> None:
    """Members, their order and every URL agree."""
    expected = example("client_binding")
    text = Links(key="KEY").binding()
    assert json.loads(text) == expected
    assert list(json.loads(text)["managementUrls"]) == list(expected["managementUrls"])


def test_links_follow_their_origin_and_hub() -> None:
    """A binding may name another task hub and connection, a request another host."""
    links = Links(base_url="http://localhost:7072", hub_name="Mine", key="k 1")
    plain = links.management("a%20b")
    assert plain["statusQueryGetUri"] == (
        "http://localhost:7072/runtime/webhooks/durabletask/instances/a%20b"
        "?taskHub=Mine&connection=Storage&code=k+1"
    )
    other = links.management("é", origin="https://x.example", task_hub="T", connection="C")
    assert other["purgeHistoryDeleteUri"] == (
        "https://x.example/runtime/webhooks/durabletask/instances/%C3%A9"
        "?taskHub=T&connection=C&code=k+1"
    )
    binding = json.loads(links.binding(task_hub="T", connection="C"))
    assert (binding["taskHubName"], binding["connectionName"]) == ("T", "C")


def test_a_host_without_a_key_hands_out_none() -> None:
    """No URL ends in an empty code."""
    links = Links(key="")
    assert links.management("i")["statusQueryGetUri"].endswith(
        "?taskHub=TestHubName&connection=Storage"
    )


def test_links_name_the_host_that_the_client_asked(client: Client) -> None:
    """Except for Python's own address, where clients outside reach nobody."""
    base = "/durabletask/orchestrators/waiting"
    rpc = client.sim.http.post(f"http://127.0.0.1:17071{base}").json()
    assert rpc["statusQueryGetUri"].startswith("http://localhost:7071/runtime/")
    asked = client.sim.http.post(
        "http://127.0.0.1:7071/runtime/webhooks/durabletask/orchestrators/waiting",
        params={"taskHub": "Other Hub"},
    ).json()
    assert asked["statusQueryGetUri"].startswith("http://127.0.0.1:7071/runtime/")
    assert "taskHub=Other+Hub&" in asked["statusQueryGetUri"]
