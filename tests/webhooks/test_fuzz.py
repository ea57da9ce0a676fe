"""Whatever a client sends is answered with a documented status code."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.webhooks.app import SETTINGS, Client, webhooks_app
from wfsim import Simulation

ODD = ("@counter@k", "a%20b", "%00", "%ff", "é", "..", "x" * 300, "$", "i", "k", "@", "@@", "a:0")
NAMES = ("waiting", "echo", "tired", "Counter", "box", "nope")
OPERATIONS = ("terminate", "suspend", "resume", "rewind", "restart", "raiseEvent/go", "nope")
WORDS = ("instances", "orchestrators", "entities", "makeprimary", "raiseEvent", "")
PARAMETERS = (
    *("reason", "op", "top", "timeout", "pollingInterval", "createdTimeFrom", "createdTimeTo"),
    *("runtimeStatus", "instanceIdPrefix", "showHistory", "showHistoryOutput", "showInput"),
    *("version", "restartWithNewInstanceId", "lastOperationTimeFrom", "fetchState", "taskHub"),
)
VALUES = (
    *("", "true", "false", "1", "-1", "0", "1e308", "nan", "inf", "9" * 30, "1.5", "Running"),
    *("2000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "[[{"),
    *("2000-02-30", "delete", "Failed,Nope,7", "10", "%00", "\ufffd", "add"),
)
BODIES = (b"", b"1", b"{", b'{"a": [1, 2]}', b'"\\ud800"', b"\xff\xfe", b"[" * 90, b"1e999", b"NaN")
KINDS = ("application/json", "text/plain", "application/json; charset=x", "")
METHODS = ("GET", "POST", "DELETE", "PUT", "HEAD")

segments = st.sampled_from(ODD)
routes = st.one_of(
    st.builds("instances/{}".format, segments),
    st.builds("instances/{}/{}".format, segments, st.sampled_from(OPERATIONS)),
    st.builds("orchestrators/{}/{}".format, st.sampled_from(NAMES), segments),
    st.builds("entities/{}/{}".format, st.sampled_from(NAMES), segments),
    st.sampled_from(WORDS),
    st.lists(st.sampled_from(WORDS) | segments, max_size=4).map("/".join),
)
requests = st.fixed_dictionaries(
    {
        "method": st.sampled_from(METHODS),
        "route": routes,
        "params": st.dictionaries(
            st.sampled_from(PARAMETERS), st.sampled_from(VALUES) | st.text(max_size=5), max_size=3
        ),
        "body": st.sampled_from(BODIES) | st.binary(max_size=8),
        "headers": st.fixed_dictionaries(
            {"Content-Type": st.sampled_from(KINDS)},
            optional={"x-ms-continuation-token": st.text("aQ=é", max_size=6)},
        ),
    }
)

REFUSALS = (
    "Cannot suspend the orchestration instance",
    "Cannot resume the orchestration instance",
    "The rewind operation is only supported",
    "An Orchestration instance with the status",
)


def is_documented(answer: Any) -> bool:
    """Whether the host may answer so."""
    if answer.status_code == 500:
        text = answer.json().get("ExceptionMessage", "")
        return bool(text.startswith(REFUSALS))
    return answer.status_code in {200, 202, 400, 404, 410}


@settings(max_examples=25)
@given(st.lists(requests, min_size=1, max_size=12))
def test_every_request_has_a_documented_answer(sent: list[dict[str, Any]]) -> None:
    """No request raises or is a server error but the host's own, and the host goes on."""
    with Simulation(webhooks_app(), findings="ignore", settings=SETTINGS) as sim:
        client = Client(sim)
        client.start("waiting", "i")
        for request in sent:
            answer = client.call(request.pop("method"), request.pop("route"), **request)
            assert is_documented(answer), answer.text
            if answer.content:
                answer.json()
            sim.run_until_idle()
        assert client.get("instances/").status_code == 200
