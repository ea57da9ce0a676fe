"""Loads a function app from whatever names it, and looks its functions up."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType

from wfsim.errors import AppLoadError, nearest
from wfsim.nested import NOTHING
from wfsim.workers.azure_functions import _sdk
from wfsim.workers.azure_functions._sdk import Registered
from wfsim.workers.azure_functions.blame import is_users
from wfsim.workers.azure_functions.fingerprint import State
from wfsim.workers.azure_functions.kept import CompiledFiles, KeptApp
from wfsim.workers.azure_functions.memory import EpisodeMemory
from wfsim.workers.azure_functions.sandbox import Sandbox
from wfsim.workers.azure_functions.shared import may_share

__all__ = ["LoadedApp", "folder_of", "load_again", "load_app", "loaded_before"]

_FILE = "function_app.py"
_DISABLED = ".disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedApp:
    """A function app, ready to run."""

    title: str
    """How messages call it."""
    functions: Sequence[Registered]
    root: Path | None
    """Folder of the app's files."""
    sandbox: Sandbox | None = None
    """Holds the app's modules, where wfsim imported them itself."""
    memory: EpisodeMemory | None = None
    """What earlier simulations of the app found out, where something is kept."""
    _index: Mapping[tuple[str, str], Registered] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        index = {(item.kind, item.name.casefold()): item for item in self.functions}
        # Most are called as they are spelled.
        index |= {
            (item.kind, item.name): index[item.kind, item.name.casefold()]
            for item in self.functions
        }
        object.__setattr__(self, "_index", index)

    def find(self, kind: str, name: str) -> Registered | None:
        """Return a function by kind and name, ignoring case as the host does."""
        index = self._index
        return index.get((kind, name)) or index.get((kind, name.casefold()))

    def names(self, kind: str) -> list[str]:
        """Return the names of all functions of a kind."""
        return sorted(item.name for item in self.functions if item.kind == kind)

    def without_disabled(self, environ: Mapping[str, str]) -> LoadedApp:
        """Return the app without the functions that `AzureWebJobs.<function>.Disabled` turns off.

        To the host they are not there: the setting's name ignores case, and "1" means "true".
        """
        settings = {
            name.casefold(): value.strip().casefold()
            for name, value in environ.items()
            if name[-len(_DISABLED) :].casefold() == _DISABLED
        }
        if not settings:
            return self
        enabled = [
            function
            for function in self.functions
            if settings.get(f"azurewebjobs.{function.function_name.casefold()}{_DISABLED}")
            not in {"true", "1"}
        ]
        return replace(self, functions=enabled)

    def active(self) -> AbstractContextManager[None]:
        """Let the app's modules be the ones that imports find."""
        return NOTHING if self.sandbox is None else self.sandbox.active()

    @property
    def shares_state(self) -> bool:
        """Whether the app's modules hold something that one activity may change and another see."""
        codes = (_sdk.orchestrator_code(function.call) for function in self.functions)
        return may_share(codes, self.modules())

    def modules(self) -> list[ModuleType]:
        """Return the modules that hold the app's own code."""
        found: dict[str, ModuleType] = {} if self.sandbox is None else dict(self.sandbox.modules)
        for function in self.functions:
            name = getattr(_sdk.orchestrator_code(function.call), "__module__", None)
            module = sys.modules.get(name) if name else None
            if name and module is not None:
                found.setdefault(name, module)
        return list(found.values())


def load_app(source: object, files: CompiledFiles | None = None) -> LoadedApp:
    """Load an app.

    Args:
        source: A `DFApp`, `FunctionApp`, `Blueprint` or another app object; the text
            "module:attribute"; or the path of a `function_app.py`, or of its folder; or one that is
            kept.
        files: Compiled files to load from, and to add to.

    Raises:
        AppLoadError: there is no such app, or it fails on import; the message shows the user's
            own frames.
    """
    if isinstance(source, KeptApp):
        return loaded_before(source) or _kept(source)
    if isinstance(source, str):
        module, colon, attribute = source.rpartition(":")
        if colon and not Path(source).exists() and len(module) > 1:
            return _load_attribute(source, module, attribute, files)
        return _load_path(Path(source), files=files)
    if isinstance(source, Path):
        return _load_path(source, files=files)
    if _sdk.is_app(source):
        return _from_object(source)
    raise AppLoadError(
        f"{source!r} is not a function app. Give a DFApp, FunctionApp or Blueprint, "
        '"module:attribute", or the path of a function_app.py or its folder.'
    )


def load_again(source: object, *, is_later: bool) -> LoadedApp:
    """Load an app as a worker would that starts now; see `load_app`.

    Args:
        source: See `load_app`.
        is_later: Whether it is another time than when the app was loaded first. Where nothing that
            the app's functions read is another one then, it need not be loaded afresh each time.
    """
    if not isinstance(source, KeptApp):
        return load_app(source)
    fresh = load_app(source.source, source.files)
    if is_later and source.latest is not None:
        source.loads_alike = _state_of(fresh, source.episodes).mark == source.latest[1].mark
    return fresh


def loaded_before(source: object) -> LoadedApp | None:
    """Return a kept app as it was loaded, if nothing has changed and a new one would be equal."""
    if not isinstance(source, KeptApp) or source.latest is None or not source.loads_alike:
        return None
    app, state = source.latest
    is_same = app.sandbox is not None and not app.sandbox.is_active and state.holds()
    return app if is_same and source.files.present == source.files.loaded else None


def _kept(source: KeptApp) -> LoadedApp:
    """Load a kept app, and remember it if everything that its functions read is understood."""
    app = replace(load_app(source.source, source.files), memory=source.episodes)
    source.latest = None
    if app.sandbox is None:
        source.is_plain = False  # it is not loaded afresh: one run leaves its mark on the next
        return app
    state = _state_of(app, source.episodes)
    source.is_plain = source.is_plain and state.mark is not None
    if source.is_plain:
        source.latest = app, state
    return app


def _state_of(app: LoadedApp, memory: EpisodeMemory) -> State:
    calls = [item.call for item in app.functions]
    with app.active():
        return memory.fingerprints.of([*calls, *map(_sdk.orchestrator_code, calls)])


def folder_of(source: object) -> Path | None:
    """Return the folder of an app that is named by its path, before it is loaded."""
    if isinstance(source, KeptApp):
        source.folder = source.folder or folder_of(source.source)
        return source.folder
    if not isinstance(source, str | Path):
        return None
    path = Path(source)
    if not path.exists():
        path = Path(str(source).rpartition(":")[0])  # "folder/function_app.py:app"
        if path.suffix != ".py" or not path.is_file():
            return None
    return (path if path.is_dir() else path.parent).resolve()


def _from_object(app: object) -> LoadedApp:
    functions = _functions(app, type(app).__name__)
    return LoadedApp(title=type(app).__name__, functions=functions, root=_root_of(functions))


def _functions(app: object, title: str) -> list[Registered]:
    try:
        return _sdk.functions_of(app)
    except Exception as error:
        raise AppLoadError(f"The functions of {title} cannot be indexed: {error}") from error


def _root_of(functions: Sequence[Registered]) -> Path | None:
    for function in functions:
        code = getattr(_sdk.orchestrator_code(function.call), "__code__", None)
        if code is not None and is_users(code.co_filename):
            return Path(code.co_filename).resolve().parent
    return None


# --- "module:attribute" -------------------------------------------------------------------------


def _load_attribute(
    source: str, module_name: str, attribute: str, files: CompiledFiles | None
) -> LoadedApp:
    if module_name.endswith(".py"):
        return _load_path(Path(module_name), attribute=attribute, files=files)
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is not None and module_name.startswith(error.name):
            raise AppLoadError(
                f"There is no module {module_name!r} (app {source!r}). Is its folder on sys.path?"
            ) from None
        raise _import_failure(source, error) from error
    except Exception as error:
        raise _import_failure(source, error) from error
    app = _attribute(module, attribute, source)
    functions = _functions(app, source)
    return LoadedApp(title=source, functions=functions, root=_root_of(functions))


def _attribute(module: ModuleType, attribute: str, source: str) -> object:
    value: object = module
    for part in attribute.split("."):
        if not hasattr(value, part):
            apps = [name for name, item in vars(module).items() if _sdk.is_app(item)]
            raise AppLoadError(
                f"{module.__name__!r} has no attribute {attribute!r} (app {source!r})."
                f"{nearest(attribute, apps)}"
            )
        value = getattr(value, part)
    if not _sdk.is_app(value):
        raise AppLoadError(
            f"{source!r} is a {type(value).__name__}, not a function app. Name the attribute that "
            "holds the DFApp, FunctionApp or Blueprint."
        )
    return value


# --- paths --------------------------------------------------------------------------------------


def _load_path(
    path: Path, *, attribute: str | None = None, files: CompiledFiles | None
) -> LoadedApp:
    file = _file(path)
    sandbox = Sandbox(file.parent.resolve(), files)
    try:
        module = sandbox.load(file)
    except Exception as error:
        raise _import_failure(str(path), error) from error
    except SystemExit as error:
        raise AppLoadError(f"{file} called sys.exit({error.code!r}) on import.") from error
    with sandbox.active():
        app = (
            _app_in(module, file)
            if attribute is None
            else _attribute(module, attribute, f"{path}:{attribute}")
        )
        functions = _functions(app, str(path))
    return LoadedApp(title=str(path), functions=functions, root=sandbox.folder, sandbox=sandbox)


def _file(path: Path) -> Path:
    if not path.exists():
        beside = sorted(path.parent.iterdir()) if path.parent.is_dir() else []
        apps = [item for item in beside if item.suffix == ".py" or (item / _FILE).is_file()]
        hint = nearest(str(path), map(str, apps)) if apps else ""
        raise AppLoadError(f"There is no app at {str(path)!r}.{hint}")
    if path.is_file():
        if path.suffix != ".py":
            raise AppLoadError(f"{str(path)!r} is not a Python file; give a {_FILE} or its folder.")
        return path
    if (path / _FILE).is_file():
        return path / _FILE
    if any(path.glob("*/function.json")):
        raise AppLoadError(
            f"{str(path)!r} is an app of the V1 programming model (function.json files), which "
            f"wfsim does not run. Move it to the V2 model: one {_FILE} with decorators."
        )
    raise AppLoadError(f"{str(path)!r} has no {_FILE}. Give the folder that holds it.")


def _app_in(module: ModuleType, file: Path) -> object:
    """Return the one app of a `function_app.py`, by the rule of the Functions worker."""
    apps = {id(item): name for name, item in vars(module).items() if _sdk.is_indexed_app(item)}
    if len(apps) == 1:
        return getattr(module, *apps.values())
    if apps:
        names = ", ".join(sorted(apps.values()))
        raise AppLoadError(
            f"{file} holds {len(apps)} apps ({names}); the Functions host takes exactly one. "
            f"Keep one, or name it: '{file}:{min(apps.values())}'."
        )
    raise AppLoadError(
        f"{file} holds no app. Assign a DFApp or FunctionApp to a name at the top of the module."
    )


def _import_failure(source: str, error: BaseException) -> AppLoadError:
    """Return the import's error with the user's frames only."""
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if is_users(frame.filename)
    ]
    lines = traceback.format_list(frames) + traceback.format_exception_only(error)
    return AppLoadError(f"{source} cannot be imported.\n{''.join(lines).rstrip()}")
