"""local.settings.json, and the environment while a simulation runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from wfsim import AppLoadError
from wfsim.workers.azure_functions.appsettings import (
    Environment,
    app_environment,
    local_settings,
)

NAME = "WFSIM_TEST_QUEUE"


@pytest.fixture(autouse=True)
def unchanged_environment() -> Iterator[None]:
    """Whatever a test does, the environment is afterwards what it was."""
    before = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    yield
    after = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    assert after == before


def write(folder: Path, text: str) -> Path:
    """Write a local.settings.json and return its folder."""
    (folder / "local.settings.json").write_text(text, encoding="utf-8")
    return folder


def test_no_file_sets_nothing(tmp_path: Path) -> None:
    """A file is not needed, nor are values in it."""
    assert local_settings(None) == local_settings(tmp_path) == {}
    assert local_settings(write(tmp_path, '{"IsEncrypted": false, "Host": {}}')) == {}


def test_values_become_text(tmp_path: Path) -> None:
    """Numbers and flags are turned to text as the tools do; a null sets nothing."""
    folder = write(
        tmp_path,
        '{"IsEncrypted": false, /* mine */ "Values": '
        '{"A": "text", "B": 1.50, "C": true, "D": null, "E": "", "F__G": "nested"},}',
    )
    assert local_settings(folder) == {
        "A": "text",
        "B": "1.50",
        "C": "true",
        "E": "",
        "F__G": "nested",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"IsEncrypted": true, "Values": {}}', r"encrypted.*\n?.*func settings decrypt"),
        ('{"Values": ["A"]}', r'"Values" in .*local\.settings\.json must be an object'),
        ('{"Values": {"A": {"b": 1}}}', r"'A' must be text, .* written as 'A__key'"),
        (
            '{"Values": {"A": "1" "B": "2"}}',
            r"local\.settings\.json is not JSON: line 1, column 22",
        ),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, text: str, message: str) -> None:
    """The error names the file, what is wrong, and the way out."""
    with pytest.raises(AppLoadError, match=message):
        local_settings(write(tmp_path, text))


def test_variables_stand_only_meanwhile() -> None:
    """They are set by `apply` and gone after `restore`, however often each is called."""
    environment = Environment({NAME: "orders"})
    environment.restore()
    environment.apply()
    environment.apply()
    assert os.environ[NAME] == "orders"
    environment.restore()
    environment.restore()
    assert NAME not in os.environ


def test_existing_variables_win(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with `func start`, the shell's own value stays."""
    monkeypatch.setenv(NAME, "shell")
    environment = Environment({NAME: "file"})
    assert environment.merged()[NAME] == "shell"
    environment.apply()
    assert os.environ[NAME] == "shell"
    environment.restore()
    assert os.environ[NAME] == "shell"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0), (0, 2, 1)])
def test_simulations_may_close_in_any_order(order: tuple[int, ...]) -> None:
    """The latest that is still open decides; at the end nothing is left."""
    layers = [Environment({NAME: str(number), f"{NAME}_{number}": "own"}) for number in range(3)]
    for layer in layers:
        layer.apply()
        assert os.environ[NAME] == str(layers.index(layer))
    open_now = [0, 1, 2]
    for number in order:
        layers[number].restore()
        open_now.remove(number)
        assert os.environ.get(NAME) == (str(open_now[-1]) if open_now else None)
        assert (f"{NAME}_{number}" in os.environ) is False


def test_applying_again_brings_values_to_the_top() -> None:
    """Two open simulations each see their own, whichever runs."""
    one, two = Environment({NAME: "one"}), Environment({NAME: "two"})
    one.apply()
    two.apply()
    assert (two.merged()[NAME], one.merged()[NAME]) == ("two", "one")
    one.apply()
    assert os.environ[NAME] == "one"
    one.restore()
    assert os.environ[NAME] == "two"
    two.restore()


def test_what_the_app_changes_is_taken_back() -> None:
    """A variable that the simulation set is gone afterwards, whatever the app made of it."""
    environment = Environment({NAME: "file", f"{NAME}_2": "file"})
    environment.apply()
    os.environ[NAME] = "changed by the app"
    del os.environ[f"{NAME}_2"]
    environment.restore()
    assert NAME not in os.environ


def test_what_func_start_adds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runtime's own variables are there, and settings of the file come before them."""
    for name in ("AZURE_FUNCTIONS_ENVIRONMENT", "FUNCTIONS_WORKER_RUNTIME", "WEBSITE_HOSTNAME"):
        monkeypatch.delenv(name, raising=False)
    folder = write(
        tmp_path, f'{{"Values": {{"AZURE_FUNCTIONS_ENVIRONMENT": "Test", "{NAME}": "q"}}}}'
    )
    merged = app_environment(folder, address="localhost:9000").merged()
    assert merged["AZURE_FUNCTIONS_ENVIRONMENT"] == "Test"
    assert merged["FUNCTIONS_WORKER_RUNTIME"] == "python"
    assert merged["WEBSITE_HOSTNAME"] == "localhost:9000"
    assert merged[NAME] == "q"
