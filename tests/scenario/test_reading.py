"""YAML that means what JSON means, with the line of every mistake."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from wfsim.errors import ScenarioError
from wfsim.yamltext import FileKind, read

SCENARIO = FileKind(name="scenario", holds="app: and start:", error=ScenarioError)


def _read(folder: Path, text: str | bytes) -> Any:
    path = folder / "s.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(path, SCENARIO)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2000-01-01", "2000-01-01"),
        ("2000-01-01T10:00:00Z", "2000-01-01T10:00:00Z"),
        ("no", "no"),
        ("NO", "NO"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("0150", "0150"),
        ("+4712345678", "+4712345678"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("=", "="),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("-5", -5),
        (str(2**200), 2**200),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("-2.5E-1", -0.25),
        (".inf", math.inf),
        ("-.inf", -math.inf),
        ("'5'", "5"),
        ("!!str 5", "5"),
        ("!!float 5", 5.0),
        ('"\\u6771\\u4eac"', "東京"),
        ("æøå 東京 👩‍🚀", "æøå 東京 👩‍🚀"),
        ("{a: [1, {b: null}]}", {"a": [1, {"b": None}]}),
    ],
)
def test_values_are_those_of_json(text: str, value: object, tmp_path: Path) -> None:
    """Plain text is text unless JSON has it as a number, true, false or null."""
    data = _read(tmp_path, f"x: {text}\n").data["x"]
    assert (data, type(data)) == (value, type(value))


def test_not_a_number_is_a_number(tmp_path: Path) -> None:
    """`.nan` is a float; the host writes it as text later."""
    assert math.isnan(_read(tmp_path, "x: .nan").data["x"])


def test_anchors_and_merges_are_resolved(tmp_path: Path) -> None:
    """Aliases stand for their anchor, `<<` brings in keys that the mapping's own override."""
    text = "a: &a {x: 1, y: 2}\nb: *a\nc: {y: 3, <<: *a}\nd: {<<: [{x: 9}, *a]}\n"
    assert _read(tmp_path, text).data == {
        "a": {"x": 1, "y": 2},
        "b": {"x": 1, "y": 2},
        "c": {"x": 1, "y": 3},
        "d": {"x": 9, "y": 2},
    }


def test_a_mark_at_the_beginning_is_skipped(tmp_path: Path) -> None:
    """A byte order mark, as Windows editors write it, is no part of the first key."""
    assert _read(tmp_path, b"\xef\xbb\xbfapp: x\r\n").data == {"app": "x"}


def test_every_value_knows_its_line(tmp_path: Path) -> None:
    """A value's line is that of its key, an entry's that of its dash."""
    position = _read(tmp_path, "a:\n  b:\n    - 1\n    - c: 2\n\nd: 3\n").position
    assert position.line_of(("a",)) == 1
    assert position.line_of(("a", "b", 0)) == 3
    assert position.line_of(("a", "b", 1, "c")) == 4
    assert position.line_of(("d",)) == 6
    assert position.line_of(("a", "b", 1, "none")) == 4


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a:\n  &a\n  - *a\n", 2, "contains itself, through an alias"),
        ("a: &a {b: *a}", 1, "contains itself, through an alias"),
        ("a: &a {<<: *a}", 1, "contains itself, through an alias"),
        ("a: *b", 1, "undefined alias 'b'"),
        ("a: 1\nb: 2\na: 3", 3, "the key 'a' stands here twice"),
        ("a:\n  1: x", 2, "a key must be text, as in JSON, not '1'; put it in quotes"),
        ("a:\n  null: x", 2, "a key must be text, as in JSON, not 'null'"),
        ("? [a]\n: b", 1, "a key must be text, as in JSON, not a list or mapping"),
        ("a: {<<: 5}", 1, "'<<' takes a mapping, or a list of them"),
        ("\na: !!set {x}", 2, "the tag '!!set' says nothing that JSON can say; leave it out"),
        ("a: !!binary aGk=", 1, "the tag '!!binary'"),
        ("a: !!python/object:os.system {}", 1, "the tag '!!python/object:os.system'"),
        ("a: !!int x", 1, "'x' cannot be read as !!int"),
        ("a: !!map [1]", 1, "the tag '!!map'"),
        ("a: " + "9" * 5000, 1, "… cannot be read as !!int".replace("… ", "…' ")),
        ("a: {b: 1\nc: 2\n", 2, "this is not YAML"),
        ("a: b: c", 1, "this is not YAML: mapping values are not allowed here"),
        ("a: 1\n---\nb: 2", 2, "this is not YAML: but found another document"),
        ("a:\n\tb: 1", 2, "this is not YAML"),
        ("a: 1\nb: \x00", 2, "a character that YAML does not allow, U+0000"),
        (b"a: 1\nb: \xff", 2, "this is not text in UTF-8"),
        ("a: " + "[" * 5000, 1, "nested too deeply"),
        ("", 1, "the scenario is empty"),
        ("# nothing\n", 1, "the scenario is empty"),
    ],
)
def test_mistakes_name_their_line(text: str | bytes, line: int, said: str, tmp_path: Path) -> None:
    """What cannot be read is told with file, line and cause."""
    with pytest.raises(ScenarioError) as error:
        _read(tmp_path, text)
    assert str(error.value).startswith(f"{tmp_path / 's.yaml'}:{line}: ")
    assert said in str(error.value)


def test_aliases_cannot_blow_up(tmp_path: Path) -> None:
    """A few lines of aliases of aliases that mean billions of values are refused at once."""
    lines = ["a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 40)]
    with pytest.raises(ScenarioError, match=r":7: with its aliases .* more than 1,000,000 values"):
        _read(tmp_path, "\n".join(lines))


@pytest.mark.parametrize("path", ["none/s.yaml", "none.yaml", "x" * 300, "nul\0byte.yaml", "."])
def test_what_is_no_file_is_told(path: str, tmp_path: Path) -> None:
    """A path without a file behind it is a mistake of the call, whatever the reason."""
    with pytest.raises(ScenarioError, match=r"no scenario at|cannot be read|is a folder"):
        read(tmp_path / path, SCENARIO)
