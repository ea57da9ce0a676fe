"""Every source, imported in every way, is heard in orchestrators and nowhere else."""

from __future__ import annotations

import functools

import pytest

from tests.guards.hazards import SOURCES, STYLES, planted
from wfsim import Finding, Simulation


@pytest.fixture(scope="module")
def heard(
    tmp_path_factory: pytest.TempPathFactory,
) -> functools.partial[tuple[list[list[Finding]], dict[int, int]]]:
    """Hands out, for a style, what was heard of each source, and its line."""
    folder = tmp_path_factory.mktemp("hazards")

    @functools.cache
    def of(style: str) -> tuple[list[list[Finding]], dict[int, int]]:
        with planted(folder, style) as it, Simulation(it.app(), replay="off") as sim:
            for index in range(len(SOURCES)):
                sim.start(f"f{index}", instance_id=str(index)).result()
            found = [
                [item for item in sim.findings if item.instance_id == str(index)]
                for index in range(len(SOURCES))
            ]
            sim.close(check=False)
        return found, it.lines

    return functools.partial(of)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("index", range(len(SOURCES)), ids=[source.key for source in SOURCES])
def test_a_source_is_heard_with_its_line(heard: object, style: str, index: int) -> None:
    """One finding for each call: what it does, the function as users know it, and the line."""
    source = SOURCES[index]
    found, lines = heard(style)  # type: ignore[operator]
    assert [item.code for item in found[index]] == ["WF120"]
    (finding,) = found[index]
    assert finding.message == f"f{index} '{index}' {source.does}: {source.shown}."
    assert finding.place.file.endswith(f"hazards_{style.replace(' ', '_')}.py")
    assert finding.place.line == lines[index]


@pytest.mark.parametrize("style", ["import", "kept"])
def test_activities_may_do_it_all(tmp_path_factory: pytest.TempPathFactory, style: str) -> None:
    """The same calls in activities are no findings."""
    folder = tmp_path_factory.mktemp("hazards")
    with planted(folder, style) as it, Simulation(it.app(), findings="error") as sim:
        sim.start("works").result()
        assert sim.findings == []
