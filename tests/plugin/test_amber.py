"""Records of wfsim in snapshots of syrupy's own fixture."""

from __future__ import annotations

import textwrap

import pytest
from syrupy.extensions.amber.serializer import AmberDataSerializer, AmberDataSerializerPlugin

from pytest_wfsim.amber import Records, join_syrupy
from tests.plugin.conftest import Run

PLAY = """
import pytest
from wfsim.snapshot import Outcomes, view

def play(sim, topic="AI"):
    run = sim.start("approval", input={"topic": topic})
    run.result()
    return run
"""


def _saved(project: pytest.Pytester) -> str:
    text = (project.path / "__snapshots__/test_it.ambr").read_text(encoding="utf-8")
    return text.split("# ---")[0].split("\n", 2)[2]


def _write(project: pytest.Pytester, text: str) -> None:
    (project.path / "test_it.py").write_text(f"{PLAY}\n{text}", encoding="utf-8")


def test_inline_use_gives_the_same_text(project: pytest.Pytester, both_ways: Run) -> None:
    """`assert run.history == snapshot` saves the text that `history_snapshot` saves."""
    _write(
        project,
        """
def test_it(sim, snapshot, history_snapshot):
    run = play(sim)
    assert run.history == snapshot
    assert run.history == history_snapshot
""",
    )
    both_ways("--snapshot-update").assert_outcomes(passed=1)
    both_ways().assert_outcomes(passed=1)
    file = project.path / "__snapshots__/test_it/test_it.history"
    assert textwrap.dedent(_saved(project)) == file.read_text(encoding="utf-8")


def test_nested_records_are_shown_as_texts(project: pytest.Pytester, run_pytest: Run) -> None:
    """Inside dicts, lists and dataclasses, records and lists of them stand like long texts."""
    _write(
        project,
        """
def test_it(sim, snapshot):
    run = play(sim)
    short = run.history[:2]
    assert {"a": [short, 1], "b": {"c": [short, short]}, "d": view([1]), "e": []} == snapshot
""",
    )
    run_pytest("--snapshot-update").assert_outcomes(passed=1)
    run_pytest().assert_outcomes(passed=1)
    shown = _saved(project)
    first = "      '''\n        # wfsim history, format 1\n        T+0s\n"
    assert shown.startswith(f"  dict({{\n    'a': list([\n{first}")
    assert "\n      ''',\n      1,\n    ]),\n    'b': dict({\n      'c': '''\n" in shown
    assert "\n        history 2\n          T+0s\n" in shown
    assert "\n    'd': '''\n      # wfsim value, format 1\n" in shown
    assert "\n    'e': list([\n    ]),\n" in shown


def test_odd_line_ends_survive(project: pytest.Pytester, run_pytest: Run) -> None:
    """Texts with line ends that not everybody takes for such come back from the files."""
    _write(
        project,
        """
def test_it(snapshot, outcomes_snapshot):
    texts = ["a\\x85b\\nc", "a\\u2028b" * 30, "a\\r\\nb\\rc", {"x\\x0cy": "a\\u2029b\\n"}]
    assert view(texts) == snapshot
    assert texts == outcomes_snapshot
""",
    )
    run_pytest("--snapshot-update").assert_outcomes(passed=1)
    run_pytest().assert_outcomes(passed=1)


def test_other_values_stay_as_syrupy_shows_them(project: pytest.Pytester, run_pytest: Run) -> None:
    """Neither plain values nor objects of other libraries look different with wfsim installed."""
    _write(
        project,
        """
def test_it(snapshot):
    from agent_framework import WorkflowEvent
    value = [{"id": "3f58a660-db64-4b01-8840-e860837c198e"}, {1, 2}, WorkflowEvent("started")]
    assert value == snapshot
    assert value[2:] == snapshot
""",
    )
    run_pytest("--snapshot-update").assert_outcomes(passed=1)
    without = ("-p", "no:pytest_wfsim.plugin")
    text = (project.path / "__snapshots__/test_it.ambr").read_text(encoding="utf-8")
    assert "wfsim" not in text
    assert "3f58a660" in text
    project.runpytest_subprocess("-p", "syrupy", *without).assert_outcomes(passed=1)


def test_other_plugins_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plugins that are there already are kept and asked first, and ours joins once."""

    class Theirs(AmberDataSerializerPlugin):
        @classmethod
        def is_data_serializable(cls, data: object) -> bool:
            return False

        @classmethod
        def serialize(cls, data: object, **kwargs: object) -> str:
            raise AssertionError

    monkeypatch.setattr(AmberDataSerializer, "serializer_plugins", (Theirs,))
    join_syrupy()
    join_syrupy()
    assert AmberDataSerializer.serializer_plugins == [Theirs, Records]
    monkeypatch.setattr(AmberDataSerializer, "serializer_plugins", None)
    join_syrupy()
    assert AmberDataSerializer.serializer_plugins == [Records]


def test_plugins_of_a_conftest_below_are_kept(project: pytest.Pytester, run_pytest: Run) -> None:
    """A conftest.py in a folder of tests may add its plugin, loaded after wfsim's."""
    folder = project.path / "tests"
    folder.mkdir()
    (folder / "conftest.py").write_text(
        """
from syrupy.extensions.amber.serializer import AmberDataSerializer, AmberDataSerializerPlugin

class Shouting(AmberDataSerializerPlugin):
    @classmethod
    def is_data_serializable(cls, data): return isinstance(data, str)

    @classmethod
    def serialize(cls, data, *, depth=0, **kwargs): return data.upper()

AmberDataSerializer.serializer_plugins = [Shouting]
""",
        encoding="utf-8",
    )
    (folder / "test_it.py").write_text(
        f"""{PLAY}
def test_it(sim, snapshot):
    assert "loud" == snapshot
    assert play(sim).history == snapshot
""",
        encoding="utf-8",
    )
    run_pytest("--snapshot-update").assert_outcomes(passed=1)
    text = (folder / "__snapshots__/test_it.ambr").read_text(encoding="utf-8")
    assert "\n  LOUD\n" in text
    assert "# wfsim history, format 1" in text


def test_without_syrupy_nothing_is_missed(project: pytest.Pytester) -> None:
    """Where syrupy's plugin is switched off, tests without snapshots run as ever."""
    project.makepyfile("def test_it(sim): sim.start('approval')")
    project.runpytest_subprocess("-p", "pytest_wfsim.plugin").assert_outcomes(passed=1)
