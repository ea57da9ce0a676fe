"""`pytest --wfsim-corpus DIR`: each recorded history is a test that today's code takes it over."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from wfsim.replay import Replayer, ReplayResult

__all__ = ["CorpusFailure", "CorpusFile", "CorpusItem"]

_REPLAYERS = pytest.StashKey[dict[str, "Replayer"]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("wfsim").addoption(
        "--wfsim-corpus",
        metavar="DIR",
        help="Also replay the histories that `wfsim record` has kept in a folder.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Add the folder to what is collected."""
    folder = config.getoption("--wfsim-corpus")
    if folder is None:
        return
    if not Path(folder).is_dir():
        raise pytest.UsageError(
            f"--wfsim-corpus {folder}: there is no such folder. Record one with `wfsim record "
            f"SCENARIO --to {folder}`."
        )
    config.stash[_REPLAYERS] = {}
    # A folder below another one that is collected is collected with it; named again, releases of
    # pytest before 9 take it for the only one. The workers of xdist get it with the arguments.
    here = config.invocation_params.dir
    roots = [(here / argument.partition("::")[0]).resolve() for argument in config.args]
    if not any(Path(here / folder).resolve().is_relative_to(root) for root in roots):
        config.args.append(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let go of the apps."""
    for replayer in config.stash.get(_REPLAYERS, dict[str, "Replayer"]()).values():
        replayer.close()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> CorpusFile | None:
    """Take a corpus file in the folder."""
    folder = parent.config.getoption("--wfsim-corpus")
    if folder is None or file_path.suffix != ".yaml":
        return None
    if not file_path.is_relative_to(Path(folder).resolve()):
        return None
    from wfsim.replay.corpus import is_corpus  # noqa: PLC0415 - only where it is asked for

    with file_path.open(encoding="utf-8", errors="replace") as lines:
        first = lines.readline()
    return _child(CorpusFile, parent, path=file_path) if is_corpus(first) else None


def _child(kind: Any, parent: pytest.Collector, **more: object) -> Any:  # noqa: ANN401
    """Return a node; pytest leaves the arguments of this untyped."""
    return kind.from_parent(parent, **more)


class CorpusFile(pytest.File):
    """A file with one history."""

    def collect(self) -> Iterable[CorpusItem]:
        """Return the one test."""
        return [_child(CorpusItem, self, name="replay")]


class CorpusFailure(Exception):
    """Today's code does not take a history over; the text explains it."""


class CorpusItem(pytest.Item):
    """Replays one history."""

    def runtest(self) -> None:
        """Replay it.

        Raises:
            CorpusFailure: today's code does not take it over, or the file is damaged.
        """
        from wfsim.errors import UsageError  # noqa: PLC0415 - the first use
        from wfsim.replay.text import difference_lines  # noqa: PLC0415 - the first use

        try:
            result = self._replayed()
        except UsageError as error:
            raise CorpusFailure(str(error)) from None
        if result.difference is not None:
            lines = [
                f"{result.verdict}: {result.name}: {result.difference.cause}",
                *difference_lines(result.difference),
            ]
            raise CorpusFailure("\n".join(lines))
        for warning in result.warnings:
            from wfsim import WfsimWarning  # noqa: PLC0415 - imported already

            text = f"{self.path.name}: {warning.recorded} is {warning.replayed} now, at step "
            warnings.warn(WfsimWarning(f"{text}{warning.step}, {warning.place}"), stacklevel=1)

    def _replayed(self) -> ReplayResult:
        from wfsim.errors import UsageError  # noqa: PLC0415 - the first use
        from wfsim.replay import Replayer  # noqa: PLC0415 - the first use
        from wfsim.replay.corpus.read import CorpusFile as Content  # noqa: PLC0415 - the first use

        content = Content(self.path)
        history = content.history
        app = content.app or str(self.config.getini("wfsim_app"))
        if not app:
            raise UsageError(f"{self.path}: it names no app. Set wfsim_app in pytest's options.")
        replayers = self.config.stash[_REPLAYERS]
        if app not in replayers:
            replayers[app] = Replayer(app)
        return replayers[app].replay(history)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ANN401 - pytest's own
        """Return the explanation, and for anything else what pytest shows."""
        if isinstance(excinfo.value, CorpusFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return file, line and title."""
        return self.path, 0, f"replay of {self.path.name}"
