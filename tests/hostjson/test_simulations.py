"""An app's own settings files, for the length of a simulation."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wfsim import AppLoadError, HostSettings, Simulation, UsageError

APP = """
import os

import azure.durable_functions as df
import azure.functions as func

AT_IMPORT = os.environ.get("WFSIM_GREETING")
app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.orchestration_trigger(context_name="context")
def greet(context):
    first = yield context.call_activity("environment", "WFSIM_GREETING")
    yield context.create_timer(context.current_utc_datetime)
    second = yield context.call_activity("environment", "WEBSITE_HOSTNAME")
    return [AT_IMPORT, first, second, context.histories[1].Version]


@app.activity_trigger(input_name="name")
def environment(name):
    return os.environ.get(name)


@app.route(route="greeting")
def greeting(req: func.HttpRequest) -> str:
    return os.environ["WFSIM_GREETING"]
"""
HOST = """{
  "version": "2.0",
  "extensions": {
    "http": {"routePrefix": "v1"},
    "durableTask": {"hubName": "%WFSIM_HUB%", "defaultVersion": "1.7"} // the hub's own
  }
}"""


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that this machine sets."""
    for name in ("WFSIM_GREETING", "WFSIM_HUB", "WEBSITE_HOSTNAME"):
        monkeypatch.delenv(name, raising=False)


def make_app(folder: Path, greeting: str = "hello") -> Path:
    """Write an app with its settings and return its folder."""
    folder.mkdir(exist_ok=True)
    (folder / "function_app.py").write_text(APP, encoding="utf-8")
    (folder / "host.json").write_text(HOST, encoding="utf-8")
    (folder / "local.settings.json").write_text(
        f'{{"Values": {{"WFSIM_GREETING": "{greeting}", "WFSIM_HUB": "Blue{greeting}"}}}}',
        encoding="utf-8",
    )
    return folder


def is_clean() -> bool:
    """Whether nothing of an app's settings stands in the environment."""
    return not any(name.startswith(("WFSIM_", "WEBSITE_HOSTNAME")) for name in os.environ)


def test_the_apps_settings_are_honoured(tmp_path: Path) -> None:
    """host.json decides hub, version and prefix; local settings are there on import and later."""
    with Simulation(make_app(tmp_path)) as sim:
        assert (sim.settings.hub_name, sim.settings.route_prefix) == ("Bluehello", "v1")
        result = sim.start("greet").result()
        assert result == ["hello", "hello", "localhost:7071", "1.7"]
        assert sim.http.get("/v1/greeting").text == "hello"
        assert sim.http.get("/api/greeting").status_code == 404
        assert os.environ["WFSIM_GREETING"] == "hello"
    assert is_clean()


def test_settings_of_the_test_come_first(tmp_path: Path) -> None:
    """With `settings=` the file is not asked at all, not even when it is broken."""
    folder = make_app(tmp_path)
    (folder / "host.json").write_text("{", encoding="utf-8")
    with Simulation(folder, settings=HostSettings(hub_name="Mine")) as sim:
        assert sim.settings == HostSettings(hub_name="Mine")


def test_the_shell_comes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that is set already keeps its value, as with `func start`."""
    monkeypatch.setenv("WFSIM_GREETING", "from the shell")
    with Simulation(make_app(tmp_path)) as sim:
        assert sim.http.get("/v1/greeting").text == "from the shell"
    assert os.environ["WFSIM_GREETING"] == "from the shell"


def test_nothing_is_left_without_a_with_block(tmp_path: Path) -> None:
    """A simulation that nobody entered sets variables only while it runs code of the app."""
    sim = Simulation(make_app(tmp_path))
    assert is_clean()
    run = sim.start("greet")
    sim.run_until_idle()
    assert is_clean()
    assert run.result() == ["hello", "hello", "localhost:7071", "1.7"]
    sim.close()
    assert is_clean()


@pytest.mark.parametrize("first_closed", [0, 1])
def test_two_apps_at_once_see_their_own(tmp_path: Path, first_closed: int) -> None:
    """Whichever runs has its own values, and they may close in any order."""
    sims = [Simulation(make_app(tmp_path / name, name)) for name in ("one", "two")]
    for sim in sims:
        sim.__enter__()
    for sim, name in (*zip(sims, ("one", "two"), strict=True), (sims[0], "one")):
        assert sim.http.get("/v1/greeting").text == name
    sims[first_closed].close()
    other = sims[1 - first_closed]
    assert other.http.get("/v1/greeting").text == ("one", "two")[1 - first_closed]
    other.close()
    assert is_clean()


def test_the_test_sees_the_app_of_the_inner_block(tmp_path: Path) -> None:
    """Whichever ran last, outside of operations the innermost `with` block has its values."""
    one, two = (make_app(tmp_path / name, name) for name in ("one", "two"))
    with (
        Simulation(one, start=datetime(2031, 1, 1, tzinfo=UTC)) as outer,
        Simulation(two, start=datetime(2032, 1, 1, tzinfo=UTC)) as inner,
    ):
        inner.run_until_idle()
        assert outer.http.get("/v1/greeting").text == "one"
        assert (os.environ["WFSIM_GREETING"], datetime.now(UTC).year) == ("two", 2032)
        outer.at("1m", inner.close)
        outer.advance("2m")
        assert (os.environ["WFSIM_GREETING"], datetime.now(UTC).year) == ("one", 2031)
    assert is_clean()


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("host.json", "{", r"host\.json is not JSON"),
        ("local.settings.json", '{"IsEncrypted": true}', "is encrypted"),
        ("function_app.py", "raise RuntimeError('no luck')", "no luck"),
    ],
)
def test_a_broken_file_leaves_nothing_behind(
    tmp_path: Path, file: str, text: str, message: str
) -> None:
    """One clear error, and an environment as it was."""
    (make_app(tmp_path) / file).write_text(text, encoding="utf-8")
    with pytest.raises(AppLoadError, match=message):
        Simulation(tmp_path)
    assert is_clean()


@pytest.mark.parametrize(("value", "is_there"), [("true", False), ("1", False), ("false", True)])
def test_a_disabled_function_is_not_there(tmp_path: Path, value: str, *, is_there: bool) -> None:
    """`AzureWebJobs.<function>.Disabled` takes a route and an orchestrator away."""
    make_app(tmp_path)
    settings = {
        "WFSIM_GREETING": "hello",
        "WFSIM_HUB": "Blue",
        "AzureWebJobs.Greeting.Disabled": value,
        "azurewebjobs.greet.disabled": value,
    }
    text = json.dumps({"Values": settings})
    (tmp_path / "local.settings.json").write_text(text, encoding="utf-8")
    with Simulation(tmp_path) as sim:
        assert (sim.http.get("/v1/greeting").status_code == 200) is is_there
        if is_there:
            assert sim.start("greet").result()
        else:
            with pytest.raises(UsageError, match="has no orchestrator 'greet'"):
                sim.start("greet")
