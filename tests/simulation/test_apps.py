"""What may be simulated: apps as objects, attributes, files and folders."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import azure.durable_functions as df
import azure.functions as func
import pytest

from tests.simulation import small_app
from tests.simulation.small_app import APPS
from wfsim import AppLoadError, Simulation

APPROVAL = APPS / "approval"


@contextmanager
def importable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(folder)
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        monkeypatch.delitem(sys.modules, name)


def blueprint() -> df.Blueprint:
    made = df.Blueprint()

    @made.orchestration_trigger(context_name="context")
    def echo(context: df.DurableOrchestrationContext) -> small_app.Steps:
        return context.get_input()
        yield

    return made


def function_app() -> func.FunctionApp:
    made = func.FunctionApp()
    made.register_functions(blueprint())
    return made


@pytest.mark.parametrize(
    "make",
    [lambda: small_app.app, blueprint, function_app],
    ids=["DFApp", "Blueprint", "FunctionApp"],
)
def test_an_app_may_be_an_object(make: object) -> None:
    """A DFApp, a Blueprint and a FunctionApp run as they are, again and again."""
    assert callable(make)
    app = make()
    for _ in range(2):
        with Simulation(app) as simulation:
            assert simulation.start("echo", input=1).result() == 1


@pytest.mark.parametrize(
    "app",
    [APPROVAL, str(APPROVAL), APPROVAL / "function_app.py", f"{APPROVAL / 'function_app.py'}:app"],
    ids=["folder", "text", "file", "file:attribute"],
)
def test_an_app_may_be_a_path(app: object) -> None:
    """A folder, a file, or an attribute of a file."""
    with Simulation(app) as simulation:
        run = simulation.start("approval", input={"topic": "AI"})
        assert run.result() == {"status": "escalated"}


def test_an_app_may_be_an_attribute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module and its attribute are imported as Python would."""
    source = (APPROVAL / "function_app.py").read_text(encoding="utf-8")
    (tmp_path / "posts.py").write_text(f"{source}\n\nposts = app\n", encoding="utf-8")
    with importable(tmp_path, monkeypatch), Simulation("posts:posts") as simulation:
        assert simulation.start("approval", input={"topic": "AI"}).status == "Pending"


def test_loading_leaves_nothing_behind() -> None:
    """sys.modules and sys.path are as before, while the simulation is open and afterwards."""
    before = (dict(sys.modules), list(sys.path))
    with Simulation(APPS / "blueprints") as simulation:
        assert "activities" not in sys.modules
        run = simulation.start("archive_case", input={"case": "c-1"})
        assert run.result()
        assert str(APPS / "blueprints") not in sys.path
    assert {"function_app", "activities", "workflows"}.isdisjoint(sys.modules)
    assert (set(before[0]) - set(sys.modules), sys.path) == (set(), before[1])


def test_one_app_runs_twice_in_one_process() -> None:
    """Each simulation has modules of its own, also side by side."""
    with Simulation(APPROVAL) as one, Simulation(APPROVAL) as two:
        first = one.start("approval", input={"topic": "AI"}, instance_id="same")
        second = two.start("approval", input={"topic": "tea"}, instance_id="same")
        two.stub_activity("ask_for_approval", returns=None)
        first.raise_event("approval", {"approved": True})
        one.run_until_idle()
        two.run_until_idle()
        assert (first.status, second.status) == ("Completed", "Running")


def _write_app(folder: Path, word: str) -> Path:
    folder.mkdir()
    (folder / "helpers.py").write_text(f"WORD = {word!r}\n", encoding="utf-8")
    (folder / "late.py").write_text(f"WORD = {word!r} * 2\n", encoding="utf-8")
    (folder / "function_app.py").write_text(
        """
import azure.durable_functions as df
import helpers

app = df.DFApp()

@app.orchestration_trigger(context_name="context")
def words(context):
    return (yield context.call_activity("say", None))

@app.activity_trigger(input_name="nothing")
def say(nothing):
    import late
    return [helpers.WORD, late.WORD]
""",
        encoding="utf-8",
    )
    return folder


def test_two_apps_have_modules_of_one_name(tmp_path: Path) -> None:
    """helpers.py beside one app is not the other's, also where it is imported late."""
    one, two = _write_app(tmp_path / "one", "a"), _write_app(tmp_path / "two", "b")
    with Simulation(one) as first, Simulation(two) as second:
        assert second.start("words").result() == ["b", "bb"]
        assert first.start("words").result() == ["a", "aa"]


def test_an_edited_app_is_read_again(tmp_path: Path) -> None:
    """Nothing of an earlier simulation is cached, not even within one second."""
    folder = _write_app(tmp_path / "one", "a")
    with Simulation(folder) as simulation:
        assert simulation.start("words").result() == ["a", "aa"]
    (folder / "helpers.py").write_text("WORD = 'c'\n", encoding="utf-8")
    with Simulation(folder) as simulation:
        assert simulation.start("words").result() == ["c", "aa"]


def test_the_tests_own_modules_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module of the test run that shares a name with one of the app's is there again."""
    mine = type(sys)("function_app")
    monkeypatch.setitem(sys.modules, "function_app", mine)
    with Simulation(APPROVAL) as simulation:
        simulation.start("approval", input={"topic": "AI"}).result()
        assert sys.modules["function_app"] is mine
    assert sys.modules["function_app"] is mine


@pytest.mark.parametrize(
    ("app", "message"),
    [
        (3, r"^3 is not a function app\. Give a DFApp, "),
        (None, r"^None is not a function app\."),
        (APPS / "aproval", r"^There is no app at '.*aproval'\. Did you mean '.*approval'\?"),
        (APPROVAL / "host.json", r"host\.json' is not a Python file"),
        (APPS / "bad" / "v1_function_json", r"V1 programming model \(function\.json files\)"),
        (APPS / "bad" / "two_apps", r"holds 2 apps \(sales, support\); the Functions host takes"),
        (APPS / "bad" / "no_app", r"holds no app\. Assign a DFApp or FunctionApp"),
        (APPS, r"has no function_app\.py\. Give the folder that holds it"),
        ("nowhere_at_all:app", r"^There is no module 'nowhere_at_all'"),
        ("json:app", r"^'json' has no attribute 'app'"),
        ("json:dumps", r"^'json:dumps' is a function, not a function app"),
        (f"{APPROVAL / 'function_app.py'}:ap", r"has no attribute 'ap' .* Did you mean 'app'\?"),
    ],
)
def test_what_is_no_app_is_refused(app: object, message: str) -> None:
    """The message says what was found instead, and what to give."""
    with pytest.raises(AppLoadError, match=message) as caught:
        Simulation(app)
    assert len(str(caught.value).splitlines()) <= 3


def test_one_of_two_apps_may_be_named() -> None:
    """A file with two apps runs when the attribute says which."""
    with Simulation(f"{APPS / 'bad' / 'two_apps' / 'function_app.py'}:sales") as simulation:
        assert simulation.start("quote", input="mug").result() == 103


def test_an_app_that_raises_on_import_shows_its_own_lines() -> None:
    """The message is a traceback of the user's frames, and the error itself."""
    with pytest.raises(AppLoadError) as caught:
        Simulation(APPS / "bad" / "raises_on_import")
    lines = str(caught.value).splitlines()
    files = [line for line in lines if line.startswith("  File ")]
    assert len(files) == 2
    assert all("function_app.py" in line for line in files)
    assert lines[-1] == "LookupError: the setting MAIL_GATEWAY is missing"


@pytest.mark.parametrize(
    ("source", "last"),
    [
        ("import no_such_library\n", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("def broken(:\n", "SyntaxError: "),
        ("raise SystemExit(3)\n", "called sys.exit(3) on import."),
    ],
)
def test_other_failures_on_import(tmp_path: Path, source: str, last: str) -> None:
    """A missing library, a syntax error and sys.exit are told in the same short way."""
    (tmp_path / "function_app.py").write_text(source, encoding="utf-8")
    with pytest.raises(AppLoadError) as caught:
        Simulation(tmp_path)
    assert last in str(caught.value).splitlines()[-1]
    assert "importlib" not in str(caught.value)


def test_clocks_are_real_again_when_loading_fails() -> None:
    """A simulation that cannot open leaves no trace."""
    from datetime import datetime

    with pytest.raises(AppLoadError):
        Simulation(APPS / "bad" / "no_app")
    assert datetime.now().year > 2000
