"""host.json and the environment variables that override it."""

from __future__ import annotations

import inspect
from datetime import timedelta
from pathlib import Path

import azure.durable_functions as df
import pytest

from tests.apps import Context, Steps, app_of
from wfsim import AppLoadError, HostSettings, Simulation
from wfsim.workers.azure_functions.hostjson import read_host_json

DURABLE = "AzureFunctionsJobHost__extensions__durableTask"


def durable(text: str) -> str:
    """Return a host.json with members of `extensions.durableTask`."""
    return f'{{"version": "2.0", "extensions": {{"durableTask": {{{text}}}}}}}'


def read(folder: Path, text: str, **environ: str) -> HostSettings:
    """Return the settings of a folder with that host.json."""
    (folder / "host.json").write_text(text, encoding="utf-8")
    return read_host_json(folder, environ)


def test_defaults_without_a_file(tmp_path: Path) -> None:
    """No folder, no file and an empty file all mean the host's defaults."""
    assert read_host_json(None, {}) == HostSettings()
    assert read_host_json(tmp_path, {}) == HostSettings()
    assert read(tmp_path, "{}") == HostSettings()


def test_every_setting_that_is_honoured(tmp_path: Path) -> None:
    """Each key lands in its setting; keys that mean nothing here are ignored."""
    text = """{
      "version": "2.0",
      "logging": {"logLevel": {"default": "Warning"}},
      "extensions": {
        "http": {"routePrefix": "v2", "maxOutstandingRequests": 20},
        "durableTask": {
          "hubName": "OrderHub",
          "storeInputsInOrchestrationHistory": true,
          "defaultVersion": "1.4",
          "versionMatchStrategy": "Strict",
          "versionFailureStrategy": "Fail",
          "overridableExistingInstanceStates": "AnyState",
          "maxEntityOperationBatchSize": 7,
          "entityMessageReorderWindowInMinutes": 5,
          "httpSettings": {"defaultAsyncRequestSleepTimeMilliseconds": 2500},
          "storageProvider": {"type": "AzureStorage", "partitionCount": 3}
        }
      }
    }"""
    assert read(tmp_path, text) == HostSettings(
        hub_name="OrderHub",
        store_inputs=True,
        default_version="1.4",
        version_match="Strict",
        version_failure="Fail",
        overridable_states="AnyState",
        max_entity_batch=7,
        http_sleep_ms=2500,
        route_prefix="v2",
    )


def test_keys_and_names_ignore_case(tmp_path: Path) -> None:
    """The host's configuration does not tell upper from lower case."""
    settings = read(
        tmp_path,
        '{"EXTENSIONS": {"DurableTask": {"HubName": "H11", "versionmatchstrategy": "none"}}}',
    )
    assert (settings.hub_name, settings.version_match) == ("H11", "None")


def test_scalars_are_text_to_the_host(tmp_path: Path) -> None:
    """A flag or number may stand in quotes, and a version may stand without; 1.0 stays 1.0."""
    settings = read(
        tmp_path,
        durable(
            '"storeInputsInOrchestrationHistory": "True", "maxEntityOperationBatchSize": "12", '
            '"defaultVersion": 1.0, "hubName": null'
        ),
    )
    assert settings == HostSettings(store_inputs=True, max_entity_batch=12, default_version="1.0")


def test_an_empty_route_prefix_is_none(tmp_path: Path) -> None:
    """An empty text takes the prefix away."""
    assert read(tmp_path, '{"extensions": {"http": {"routePrefix": ""}}}').route_prefix == ""


def test_comments_and_trailing_commas_are_fine(tmp_path: Path) -> None:
    """As the host reads it; what looks like a comment inside text is text."""
    text = """\ufeff{
      // which hub
      "extensions": { /* all of
                         them */ "durableTask": {"hubName": "H22", "defaultVersion": "a//b,}",},
      },
    }"""
    settings = read(tmp_path, text)
    assert (settings.hub_name, settings.default_version) == ("H22", "a//b,}")


@pytest.mark.parametrize("name", [f"{DURABLE}__hubName", f"{DURABLE.upper()}:HUBNAME"])
def test_the_environment_overrides_the_file(tmp_path: Path, name: str) -> None:
    """Both ways to write the path work, in any case."""
    settings = read(
        tmp_path, durable('"hubName": "FromFile", "defaultVersion": "2.0"'), **{name: "Env"}
    )
    assert (settings.hub_name, settings.default_version) == ("Env", "2.0")


def test_the_environment_works_without_a_file() -> None:
    """An app that has no host.json still has an environment."""
    environ = {f"{DURABLE}__storeInputsInOrchestrationHistory": "true", "UNRELATED__KEY": "x"}
    assert read_host_json(None, environ) == HostSettings(store_inputs=True)


def test_a_hub_name_may_name_a_setting(tmp_path: Path) -> None:
    """`%Name%` is looked up in the app's environment."""
    assert read(tmp_path, durable('"hubName": "%TaskHub%"'), TaskHub="Blue").hub_name == "Blue"
    with pytest.raises(AppLoadError, match=r"hubName = '%TaskHub%' .* set TaskHub in local"):
        read(tmp_path, durable('"hubName": "%TaskHub%"'))


@pytest.mark.parametrize(
    ("site", "hub"),
    [("my-orders", "myorders"), ("2go", "t2go"), ("ab", "abHub"), ("--", "DefaultTaskHub")],
)
def test_the_default_hub_is_the_sites(tmp_path: Path, site: str, hub: str) -> None:
    """Without a name the site's is used, made fit for storage."""
    assert read(tmp_path, "{}", WEBSITE_SITE_NAME=site).hub_name == hub


@pytest.mark.parametrize("kind", ["mssql", "Netherite", "azureManaged"])
def test_other_providers_do_not_split_timers(tmp_path: Path, kind: str) -> None:
    """Only Azure Storage limits timers, and the names of hubs."""
    settings = read(
        tmp_path, durable(f'"hubName": "my-hub", "storageProvider": {{"type": "{kind}"}}')
    )
    assert (settings.max_short_timer_us, settings.long_timer_interval_us) == (None, None)
    assert settings.hub_name == "my-hub"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"extensions": {', r"host\.json is not JSON: line 1, column 17"),
        ('{\n// one\n"a": 1 "b"}', r"host\.json is not JSON: line 3, column 8"),
        ("[]", r"host\.json must hold one JSON object, .* and holds \[\]"),
        (durable('"hubName": {"a": 1}'), r"durableTask:hubName = .* must be text"),
        (durable('"hubName": "a-b"'), r"hubName = 'a-b' .*letters and digits only"),
        (
            durable('"maxEntityOperationBatchSize": "many"'),
            r"= 'many' .* whole number of at least 1",
        ),
        (durable('"maxEntityOperationBatchSize": 0'), r"= '0' .* whole number of at least 1"),
        (durable('"storeInputsInOrchestrationHistory": 1'), r"= '1' .* must be true or false"),
        (durable('"versionMatchStrategy": "Newest"'), r"= 'Newest' .* one of None, Strict, Curr"),
    ],
)
def test_what_the_host_refuses_is_named(tmp_path: Path, text: str, message: str) -> None:
    """The error names the file, the key and the value, or the line."""
    with pytest.raises(AppLoadError, match=message) as caught:
        read(tmp_path, text)
    assert "host.json" in str(caught.value)


def test_a_bad_override_names_the_variable(tmp_path: Path) -> None:
    """The blame falls on the environment where the value comes from there."""
    name = f"{DURABLE}__maxEntityOperationBatchSize"
    with pytest.raises(AppLoadError, match=rf"{name} = 'x' \(the environment\)"):
        read(tmp_path, durable('"maxEntityOperationBatchSize": 3'), **{name: "x"})


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are one clear error, too."""
    (tmp_path / "host.json").write_bytes(b"\xff\xfe{}")
    with pytest.raises(AppLoadError, match=r"host\.json cannot be read"):
        read_host_json(tmp_path, {})


def renewal(context: Context) -> Steps:
    yield context.create_timer(context.current_utc_datetime + timedelta(days=30))


@pytest.mark.skipif(
    "framework-internal" in inspect.getsource(df.DurableOrchestrationContext.create_timer),
    reason="this release of the SDK sets no timer without these limits",
)
def test_timers_are_whole_where_the_provider_has_no_limit() -> None:
    """Without the two durations in its context the SDK does not split a long timer."""
    settings = HostSettings(max_short_timer_us=None, long_timer_interval_us=None)
    with Simulation(app_of(renewal), settings=settings) as sim:
        run = sim.start("renewal")
        run.result()
        assert run.history.short == "OS ES TMC0 OC · OS TMF0 EC1 OC"
