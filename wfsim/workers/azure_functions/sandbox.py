"""Keeps the modules of a loaded app apart from everybody else's.

Two apps may both have a `function_app.py` and a `helpers.py`, and one app may be loaded twice. Each
keeps its own modules, which stand in `sys.modules` only while its code runs.
"""

from __future__ import annotations

import importlib
import os
import sys
import sysconfig
from collections.abc import Generator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from types import ModuleType

from wfsim.workers.azure_functions.kept import CompiledFiles

__all__ = ["Sandbox"]

_TESTS = frozenset({"tests", "test"})
"""Folders beside an app whose modules belong to whoever runs the simulation."""
_STDLIB = Path(sysconfig.get_path("stdlib"))


class Sandbox:
    """The modules that come from one folder.

    Args:
        folder: The app's folder, which goes first on `sys.path` while its code runs.
        files: Compiled files to load from, and to add to.
    """

    def __init__(self, folder: Path, files: CompiledFiles | None = None) -> None:
        self.folder = folder
        self._files = files
        self.modules: dict[str, ModuleType] = {}
        self._depth = 0
        self._outer: dict[str, ModuleType] = {}
        self._before: tuple[str, int] = ("", 0)
        """The newest of all modules on entering, and how many there were."""
        self._names: frozenset[str] | None = None

    @property
    def is_active(self) -> bool:
        """Whether its modules are in place now."""
        return self._depth > 0

    def load(self, file: Path) -> ModuleType:
        """Import a file of the folder afresh, with what it imports from there."""
        if self._files is not None:
            with self.active(), self._files.importing(self.folder):
                return importlib.import_module(file.stem)
        importlib.invalidate_caches()
        before = sys.dont_write_bytecode
        # A cached .pyc is trusted by whole seconds and size; a file just edited may match both.
        sys.dont_write_bytecode = True
        try:
            with self.active():
                return importlib.import_module(file.stem)
        finally:
            sys.dont_write_bytecode = before

    @contextmanager
    def active(self) -> Generator[None]:
        """Put the app's modules and folder in place, and everybody else's back afterwards."""
        if self._depth == 0:
            self._enter()
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if self._depth == 0:
                self._leave()

    def _enter(self) -> None:
        hidden = {name for name in self._top_names() if self._hides(name)}
        self._outer = {name: sys.modules[name] for name in hidden}
        packages = {name for name, module in self._outer.items() if hasattr(module, "__path__")}
        if packages:  # only these have modules below them
            self._outer |= {
                name: module
                for name, module in sys.modules.items()
                if name.partition(".")[0] in packages
            }
        for name in self._outer:
            del sys.modules[name]
        sys.modules.update(self.modules)
        self._before = (next(reversed(sys.modules)), len(sys.modules))
        sys.path.insert(0, str(self.folder))

    def _leave(self) -> None:
        # Modules may have been imported late, inside a function.
        for name in self._imported():
            if self._is_own(sys.modules[name]):
                self.modules[name] = sys.modules[name]
        for name in self.modules:
            sys.modules.pop(name, None)
        sys.modules.update(self._outer)
        self._outer = {}
        if str(self.folder) in sys.path:
            sys.path.remove(str(self.folder))

    def _imported(self) -> list[str]:
        """Return the names of modules that were imported since entering."""
        newest, count = self._before
        names = list(takewhile(lambda name: name != newest, reversed(sys.modules)))
        # Some may have been taken out, and put in again behind the newest.
        return names if len(names) == len(sys.modules) - count else list(sys.modules)

    def _hides(self, top: str) -> bool:
        """Whether a module that is loaded already has the name of one of the app's."""
        module = sys.modules.get(top)
        file = getattr(module, "__file__", None)
        return module is not None and (file is None or not Path(file).is_relative_to(_STDLIB))

    def _is_own(self, module: ModuleType) -> bool:
        file = getattr(module, "__file__", None)
        # A virtual environment may lie inside the app's folder; its libraries are everybody's.
        return (
            isinstance(file, str)
            and file.startswith(f"{self.folder}{os.sep}")
            and "site-packages" not in file
        )

    def _top_names(self) -> frozenset[str]:
        if self._names is None and self._files is not None:
            self._names = self._files.names.get(self.folder)
        if self._names is None:
            files = {item.stem for item in self.folder.glob("*.py")}
            packages = {item.parent.name for item in self.folder.glob("*/*.py")}
            self._names = frozenset(files | (packages - _TESTS))
            if self._files is not None:
                self._files.names[self.folder] = self._names
        return self._names
