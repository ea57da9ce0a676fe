"""An app that is loaded again and again, and what can be kept from one time to the next."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING

from wfsim.workers.azure_functions.memory import EpisodeMemory

if TYPE_CHECKING:
    from wfsim.workers.azure_functions.app import LoadedApp
    from wfsim.workers.azure_functions.fingerprint import State

__all__ = ["CompiledFiles", "KeptApp"]


class KeptApp:
    """An app, to be given to many simulations one after the other.

    Each loads its modules afresh, unless nothing in them can have changed; its files are compiled
    once, and what its orchestrators did with a history is remembered where that is safe.

    Args:
        source: What names the app; see `Simulation`.
    """

    def __init__(self, source: object) -> None:
        self.source = source
        self.folder: Path | None = None
        """The app's folder, once it is known."""
        self.is_plain = True
        """Whether all that its functions read, in each time it was loaded, is understood: then the
        same things happening make the same run."""
        self.latest: tuple[LoadedApp, State] | None = None
        """The app as it was loaded last, and all that its functions read, if that is understood."""
        self.loads_alike = False
        """Whether loading it at another time has made an app in the same state."""
        self.files = CompiledFiles()
        self.episodes = EpisodeMemory()

    def __repr__(self) -> str:
        return repr(self.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compiled:
    mtime_ns: int
    size: int
    code: CodeType


class CompiledFiles:
    """The compiled code of an app's files, as long as they stay as they are."""

    def __init__(self) -> None:
        self._codes: dict[str, _Compiled] = {}
        self._places: dict[tuple[str, str], tuple[str, bool]] = {}
        self.names: dict[Path, frozenset[str]] = {}
        """Names of the modules and packages in a folder."""

    @contextmanager
    def importing(self, folder: Path) -> Generator[None]:
        """Let modules of a folder be imported from here meanwhile."""
        finder = _Finder(self, str(folder))
        # Behind those of modules that are built in, which win over files.
        place = sys.meta_path.index(PathFinder) if PathFinder in sys.meta_path else 0
        sys.meta_path.insert(place, finder)
        try:
            yield
        finally:
            sys.meta_path.remove(finder)

    def code(self, loader: SourceFileLoader) -> CodeType:
        """Return what a loader would compile."""
        now = os.stat(loader.path)  # noqa: PTH116 - a Path would cost more than the call
        known = self._codes.get(loader.path)
        if known is not None and (known.mtime_ns, known.size) == (now.st_mtime_ns, now.st_size):
            return known.code
        code: CodeType = loader.source_to_code(loader.get_data(loader.path), loader.path)
        self._codes[loader.path] = _Compiled(mtime_ns=now.st_mtime_ns, size=now.st_size, code=code)
        return code

    @property
    def loaded(self) -> tuple[tuple[str, int, int], ...]:
        """In what state the files were when they were loaded."""
        codes = self._codes.items()
        return tuple([(path, known.mtime_ns, known.size) for path, known in codes])

    @property
    def present(self) -> tuple[tuple[str, int, int], ...]:
        """In what state the same files are now; another one after an edit."""
        now = [(path, os.stat(path)) for path in self._codes]  # noqa: PTH116
        return tuple([(path, stat.st_mtime_ns, stat.st_size) for path, stat in now])

    def place(self, folder: str, name: str) -> tuple[str, bool] | None:
        """Return the file of a module in a folder, and whether it is a package's."""
        found = self._places.get((folder, name))
        if found is not None:
            return found
        base = os.path.join(folder, name)  # noqa: PTH118 - as the import system writes it
        for file, is_package in ((os.path.join(base, "__init__.py"), True), (f"{base}.py", False)):  # noqa: PTH118
            if Path(file).is_file():
                found = self._places[folder, name] = (file, is_package)
                return found
        return None


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, files: CompiledFiles) -> None:
        super().__init__(name, path)
        self._files = files

    def get_code(self, fullname: str) -> CodeType:
        """Return the module's code."""
        del fullname
        return self._files.code(self)


class _Finder(MetaPathFinder):
    def __init__(self, files: CompiledFiles, folder: str) -> None:
        self._files = files
        self._folder = folder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module of the folder is; None for one that is elsewhere."""
        del target
        for base in [self._folder] if path is None else path:
            if base != self._folder and not base.startswith(f"{self._folder}{os.sep}"):
                return None
            place = self._files.place(base, fullname.rpartition(".")[2])
            if place is not None:
                file, is_package = place
                return spec_from_file_location(
                    fullname,
                    file,
                    loader=_Loader(fullname, file, self._files),
                    submodule_search_locations=[os.path.dirname(file)] if is_package else None,  # noqa: PTH120
                )
        return None
