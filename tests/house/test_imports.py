"""Who may import whom: the contracts of pyproject.toml, and what they cannot say."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator

from tests.house.source import ROOT, Module, dotted, listing, modules

WFSIM = modules("wfsim")
SDK_ROOMS = modules("wfsim/workers", "wfsim/chat", "wfsim/agents", "wfsim/workflows")
SDK_FRONT_DOORS = ("azure.functions", "azure.durable_functions")


def test_contracts_hold() -> None:
    """lint-imports keeps every contract: imports point down, SDKs stay in their rooms."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "pytest_plugin")])
    command = "from importlinter.cli import lint_imports_command as run; run()"
    done = subprocess.run(
        [sys.executable, "-c", command, "--no-cache"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_module_has_a_floor() -> None:
    """Each module and package directly under wfsim stands on a floor of the layers contract."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    floors = {room.strip(" ()") for layer in layers for room in layer.split(":")}
    homes = {f"wfsim.{module.path.relative_to(ROOT / 'wfsim').parts[0]}" for module in WFSIM}
    homeless = {home.removesuffix(".py") for home in homes} - {"wfsim.__init__"} - floors
    assert not homeless, listing(sorted(homeless))


def test_no_floor_imports_the_front_door() -> None:
    """Inside wfsim, names come from their modules; `from wfsim import X` would close a circle."""
    inside = [module for module in WFSIM if module.path != ROOT / "wfsim" / "__init__.py"]
    homes = {part.stem for part in (ROOT / "wfsim").iterdir()}
    offenders = [
        f"{module.name}:{line} {name}"
        for module in inside
        for line, name in module.imports()
        if name == "wfsim" or (name.count(".") == 1 and _from_front_door(name, homes))
    ]
    assert not offenders, listing(offenders)


def _from_front_door(name: str, homes: set[str]) -> bool:
    package, _, member = name.partition(".")
    return package == "wfsim" and member not in homes


def test_sdk_modules_are_entered_by_the_front_door() -> None:
    """Only _sdk.py reaches behind azure.functions and azure.durable_functions."""
    offenders = [
        f"{module.name}:{line} {name}"
        for module in WFSIM
        if module.path.name != "_sdk.py"
        for line, name in module.imports()
        if name.startswith("azure.") and not _is_public_sdk_name(name)
    ]
    assert not offenders, listing(offenders)


def test_only_the_doors_reach_out() -> None:
    """Besides the server and the commands, one module imports an HTTP client, for allow_network."""
    doors = ("wfsim/serve/", "wfsim/cli/", "wfsim/workers/azure_functions/network.py")
    clients = ("urllib.request", "http.client", "requests.", "httpx.", "aiohttp.", "urllib3.")
    offenders = [
        f"{module.name}:{line} {name}"
        for module in WFSIM
        if not module.name.startswith(doors)
        for line, name in module.imports()
        if f"{name}.".startswith(clients)
    ]
    assert not offenders, listing(offenders)


def _is_public_sdk_name(name: str) -> bool:
    if name in SDK_FRONT_DOORS:
        return True
    package, _, member = name.rpartition(".")
    return package in SDK_FRONT_DOORS and not member.startswith("_") and member[:1].isupper()


def test_sdk_underscores_stay_in_one_module() -> None:
    """Where an SDK is driven, only _sdk.py touches an underscore attribute of another object."""
    offenders = [
        f"{module.name}:{line} {name}"
        for module in SDK_ROOMS
        if module.path.name != "_sdk.py"
        for line, name in _foreign_underscores(module)
    ]
    assert not offenders, listing(offenders)


def _foreign_underscores(module: Module) -> Iterator[tuple[int, str]]:
    own = _defined(module)
    for node in ast.walk(module.tree):
        match node:
            case ast.Attribute(value=ast.Name(id="self" | "cls" | "other")):
                continue
            case ast.Attribute(attr=name):
                pass
            case ast.Call(
                func=ast.Name(id="getattr" | "setattr" | "hasattr" | "delattr"),
                args=[_, ast.Constant(value=str(name)), *_],
            ):
                pass
            case _:
                continue
        if name.startswith("_") and not name.endswith("__") and name not in own:
            yield node.lineno, name


def _defined(module: Module) -> set[str]:
    """Return the names that the module's own functions, classes and objects have."""
    names = {function.name for function in module.functions()}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names |= {node.attr} if dotted(node.value) == "self" else set()
    return names
