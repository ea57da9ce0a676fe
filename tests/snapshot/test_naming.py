"""Ids, times, hashes, paths and addresses get names; everything else stays as it is."""

from __future__ import annotations

import re
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfsim.clock import parse_duration, to_us
from wfsim.snapshot.naming import Naming, Run, since
from wfsim.snapshot.rules import Rules

START = to_us(datetime(2000, 1, 1, tzinfo=UTC))
HOUR = 3_600_000_000
ONE = "3f58a660-db64-4b01-8840-e860837c198e"
TWO = "c0fc6447b7644e125c33b6796da6c262"


def _naming(**instances: str) -> Naming:
    return Naming(Run(start_us=START, end_us=START + 72 * HOUR, instances=instances))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{ONE} {TWO} {ONE}", "<id:1> <id:2> <id:1>"),
        (f"{ONE} is {ONE.replace('-', '').lower()}", "<id:1> is <id:1>"),
        (f"@dafx-Writer@{ONE}", "@dafx-Writer@<id:1>"),
        (f"{TWO}:1", "<id:1>:1"),
        (f"x{ONE}", f"x{ONE}"),
        ("ab" * 32, "<hash:1>"),
        ("ab" * 20, "<hash:1>"),
        ("<function f at 0x7f3a2b>", "<function f at <address>>"),
        ("0x7f", "0x7f"),
        ("2000-01-04T00:00:00Z", "T+72h"),
        ("2000-01-01 01:30:00", "T+1h30m"),
        ("2000-01-01T02:00:00.000003+02:00", "T+3us"),
        ("due 2000-06-01T00:00:00Z.", "due T+3648h."),
        ("1999-12-31T00:00:00Z", "1999-12-31T00:00:00Z"),
        ("2024-05-01T00:00:00Z", "2024-05-01T00:00:00Z"),
        ("2000-13-01T00:00:00Z", "2000-13-01T00:00:00Z"),
        ("2000-01-04", "2000-01-04"),
        ("Sat, 01 Jan 2000 02:00:00 GMT", "T+2h"),
        ("Sat, 01 Jam 2000 02:00:00 GMT", "Sat, 01 Jam 2000 02:00:00 GMT"),
        ("/data/in.csv and /srv/x", "/data/in.csv and /srv/x"),
    ],
)
def test_what_differs_from_run_to_run_is_named(text: str, expected: str) -> None:
    """Names come in order of first appearance; times of this run count from its beginning."""
    assert _naming().text(text) == expected


def test_instances_are_named_by_their_orchestrators() -> None:
    """A made-up id of an instance has its orchestrator's name; the host's children a number."""
    names = _naming(**{TWO: "approval", f"{TWO}:1": "review"})
    assert names.text(f"{TWO} {TWO}:1 {TWO}:2") == (
        "<instance:approval/1> <instance:review/1> <instance:approval/1>:2"
    )
    assert names.text(f"{TWO}:1:4") == "<instance:review/1>:4"
    assert _naming(**{"post-1": "approval"}).text("post-1") == "post-1"


def test_paths_of_this_machine_lose_their_folders() -> None:
    """Folders for temporary files and frames of tracebacks get names, one for each folder."""
    folder = Path(tempfile.gettempdir(), "pytest-of-me", "pytest-3")
    names = _naming()
    assert names.text(f"{folder}/app.py, {folder}/b.py") == "<path:1>/app.py, <path:1>/b.py"
    assert names.text('File "/opt/x/y.py", line 3') == 'File "<path:2>/y.py", line 3'


def test_texts_that_look_like_names_stay_apart() -> None:
    """What was written in a payload never reads like the name of something."""
    names = _naming()
    shown = [names.text(text) for text in ("<id:1>", ONE, f"\\{ONE}", "\\<id:1>", "T+72h")]
    assert shown == ["\\<id:1>", "<id:1>", "\\\\<id:1>", "\\\\\\<id:1>", "\\T+72h"]
    assert names.text("AT+1 <identity>") == "AT+1 <identity>"


_PIECES = st.sampled_from(
    [ONE, TWO, "<id:1>", "<hash:1>", "T+1h", "2000-01-01T01:00:00Z", "\\", "x", " ", "<", ":", "T"]
)


@given(one=st.lists(_PIECES), other=st.lists(_PIECES))
def test_no_two_texts_become_the_same(one: list[str], other: list[str]) -> None:
    """Within a run naming can be undone: different texts stay different."""
    left, right = "".join(one), "".join(other)
    names = _naming()
    assert (names.text(left) == names.text(right)) == (left == right)


@given(us=st.integers(0, 10**15))
def test_lengths_of_time_are_exact(us: int) -> None:
    """What stands after T+ is the exact length, without days or spaces."""
    text = since(us)
    assert parse_duration(text) == us
    assert not re.search(r"[ d]", text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (946684800, "T+0s"),
        (946684800 + 7200.5, "T+2h500ms"),
        (946684799, 946684799),
        (12, 12),
        (2.5, 2.5),
    ],
)
def test_seconds_since_1970_are_times(value: float, expected: object) -> None:
    """A number is a time only while the run lasts."""
    assert _naming().number(value) == expected
    assert Naming().number(value) == value


def test_times_need_a_run() -> None:
    """Without a run, times stay; a blank naming hides them all."""
    assert Naming().text("2000-01-01T00:00:00Z") == "2000-01-01T00:00:00Z"
    assert Naming(blank=True).text(f"{ONE} 1999-01-01T00:00 {'ab' * 32}") == "<id> <time> <hash>"
    assert _naming().time(datetime(2000, 1, 2, tzinfo=UTC)) == "T+24h"
    assert _naming().time(date(2000, 1, 2)) == "2000-01-02"
    assert Naming(blank=True).time(date(2000, 1, 2)) == "<time>"
    assert Naming(blank=True).text(f'File "{tempfile.gettempdir()}/a.py"') == 'File "<path>/a.py"'
    before = Run(start_us=START, end_us=START).when(START - HOUR)
    assert before == "T-1h"


def test_secrets_are_gone_before_anything_else() -> None:
    """Texts and patterns of redact= stand nowhere."""
    rules = Rules(redact=["s3cret", re.compile(r"sk-\w+")])
    assert Naming(rules=rules).text("a s3cret, sk-123 and more") == (
        "a <redacted>, <redacted> and more"
    )


def test_an_hour_has_one_spelling() -> None:
    """Zeros are left out."""
    assert [since(to_us(_at(hours)) - START) for hours in (0, 1, 1.5, 26)] == [
        "0s",
        "1h",
        "1h30m",
        "26h",
    ]


def _at(hours: float) -> datetime:
    return datetime(2000, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
