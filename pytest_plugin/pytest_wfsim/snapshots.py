"""Snapshot files of views: one for each assertion, its first line naming kind and format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest
from syrupy.assertion import DiffMode, SnapshotAssertion
from syrupy.exceptions import TaintedSnapshotError
from syrupy.extensions.base import AbstractSyrupyExtension
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from pytest_wfsim.paths import shown
from pytest_wfsim.viewing import header, seen
from wfsim.errors import UsageError, WfsimError
from wfsim.snapshot import Outcomes, Rules, View

__all__ = [
    "CheckpointsFile",
    "EventsFile",
    "HistoryFile",
    "OutcomesFile",
    "TraceFile",
    "ViewFile",
    "assertion",
]


class ViewFile(SingleFileSnapshotExtension):
    """Keeps the view of one kind of recorded things, as text."""

    _write_mode = WriteMode.TEXT
    kind: ClassVar[str]
    """What views it takes; the file's extension, too."""
    wanted: ClassVar[str]
    """What a test should give it, in words."""
    rules: Rules = Rules()

    def serialize(
        self,
        data: Any,  # noqa: ANN401 - whatever stands in the assertion
        *,
        exclude: object = None,
        include: object = None,
        matcher: object = None,  # noqa: ARG002 - syrupy always gives one
    ) -> str:
        """Return the text of the file.

        Raises:
            UsageError: the data are of another kind.
        """
        refuse(exclude=exclude, include=include)
        text = str(self._view(data))
        return f"{header(self.kind)}\n{text}\n" if text else f"{header(self.kind)}\n"

    def read_snapshot_data_from_location(
        self, *, snapshot_location: str, snapshot_name: str, session_id: str
    ) -> str | None:
        """Return the text of a file, or None where there is none.

        Raises:
            TaintedSnapshotError: it was written in another format.
        """
        text: str | None = super().read_snapshot_data_from_location(
            snapshot_location=snapshot_location,
            snapshot_name=snapshot_name,
            session_id=session_id,
        )
        if text is not None and text.partition("\n")[0] != header(self.kind):
            raise TaintedSnapshotError(snapshot_data=text)
        return text

    def _view(self, data: object) -> View:
        if type(data) in {list, tuple} and not data:
            return View(kind=self.kind, groups=(), width=0)  # a list of nothing is of every kind
        found = seen(data, self.rules)
        if found.kind != self.kind:
            what = f"the view of {found.kind}" if isinstance(data, View) else type(data).__name__
            raise UsageError(
                f"This snapshot takes {self.wanted}, and got {what}. For other values there is "
                "syrupy's fixture `snapshot`."
            )
        return found


class HistoryFile(ViewFile):
    """Keeps histories."""

    kind = file_extension = "history"
    wanted = "a history such as run.history, or a list of them"


class TraceFile(ViewFile):
    """Keeps traces."""

    kind = file_extension = "trace"
    wanted = "a trace such as sim.trace"


class EventsFile(ViewFile):
    """Keeps events of Agent Framework workflows."""

    kind = file_extension = "events"
    wanted = "events of a workflow such as run.events"


class CheckpointsFile(ViewFile):
    """Keeps checkpoints of Agent Framework workflows."""

    kind = file_extension = "checkpoints"
    wanted = "checkpoints of a workflow such as run.checkpoints"


class OutcomesFile(ViewFile):
    """Keeps sets of outcomes with their counts."""

    kind = file_extension = "outcomes"
    wanted = "outcomes, one for each run"

    def _view(self, data: object) -> View:
        if isinstance(data, View | Outcomes):
            return super()._view(data)
        return super()._view(Outcomes(cast("Iterable[object]", data)))


class _Assertion(SnapshotAssertion):
    """An assertion that follows rules, and says in wfsim's words why it fails."""

    rules: Rules = Rules()

    @property
    def extension(self) -> AbstractSyrupyExtension:
        extension = super().extension
        if isinstance(extension, ViewFile):
            extension.rules = self.rules
        return extension

    def with_defaults(self, **options: Any) -> SnapshotAssertion:  # noqa: ANN401 - syrupy's own
        __tracebackhide__ = True
        refuse(**options)
        made = super().with_defaults(**options)
        if isinstance(made, _Assertion):
            made.rules = self.rules
        return made

    def __call__(self, **options: Any) -> SnapshotAssertion:  # noqa: ANN401 - syrupy's own
        __tracebackhide__ = True
        refuse(**options)
        return super().__call__(**options)

    def get_assert_diff(self, *, diff_mode: DiffMode = DiffMode.DETAILED) -> list[str]:
        result = self.executions[self.num_executions - 1]
        match result.exception:
            case TaintedSnapshotError():
                path = shown(Path(result.snapshot_location), result.test_location.item.config)
                return _regenerate(path, result.recalled_data)
            case WfsimError() as error:
                return str(error).split("\n")
            case _:
                return super().get_assert_diff(diff_mode=diff_mode)


def assertion(snapshot: SnapshotAssertion, file: type[ViewFile], rules: Rules) -> SnapshotAssertion:
    """Return what a fixture of wfsim gives its test.

    Args:
        snapshot: What syrupy's own fixture gives this test.
        file: How views are kept.
        rules: How views are made.
    """
    _check_fixture("snapshot", snapshot, SnapshotAssertion)
    _check_fixture("wfsim_view_rules", rules, Rules)
    # What syrupy's releases need to know of a test differs, and all of it stands in there.
    known: dict[str, Any] = {
        item.name: getattr(snapshot, item.name) for item in fields(snapshot) if item.init
    }
    known |= {"extension_class": file, "exclude": None, "include": None, "matcher": None}
    made = _Assertion(**known)
    made.rules = rules
    return made


def _check_fixture(name: str, given: object, wanted: type) -> None:
    if not isinstance(given, wanted):
        pytest.fail(
            f"wfsim's snapshot fixtures need from the fixture `{name}` a {wanted.__name__} of "
            f"{wanted.__module__.partition('.')[0]}, and got {given!r}.",
            pytrace=False,
        )


def refuse(**options: object) -> None:
    """Refuse options of syrupy that look into data: they would look into text.

    Raises:
        UsageError: one of them is given.
    """
    __tracebackhide__ = True
    for name in ("exclude", "include", "matcher"):
        if options.get(name) is not None:
            raise UsageError(
                f"wfsim's snapshot fixtures take no {name}=. Hide values by their paths: "
                "view(run.history, masks={'**.token': '<token>'}), with `from wfsim.snapshot "
                "import view`, or for all tests by the fixture wfsim_view_rules."
            )


def _regenerate(path: str, text: object) -> list[str]:
    first = str(text or "").partition("\n")[0]
    return [
        "This snapshot was written by another version of wfsim; it need not be wrong.",
        f"  file: {path}",
        f"  its first line: {first[:80]}",
        "Run `pytest --snapshot-update` and review the diff.",
    ]
