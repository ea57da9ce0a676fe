"""Columns of lanes, against a naive model."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wfsim.report.chart import BarKind
from wfsim.report.columns import Columns

MOST = 3
STATES: list[BarKind | None] = ["runs", "waits", "suspended", None]
CHANGES = st.tuples(st.sampled_from("abcde"), st.sampled_from(STATES), st.booleans())
"""A lane, what it does from now on, and whether it only shows itself instead."""


class Model:
    """A table of everybody, searched from the top for each question."""

    def __init__(self) -> None:
        self.living: dict[str, tuple[int, BarKind]] = {}
        self.last: dict[str, int] = {}
        self.width = 0

    def set(self, lane: str, state: BarKind | None) -> None:
        if state is None:
            self.living.pop(lane, None)
            return
        if lane in self.living:
            place, _ = self.living.pop(lane)
        else:
            place = self.place(lane)
        self.living[lane] = place, state
        self.last[lane] = place
        self.width = max(self.width, place + 1)

    def place(self, lane: str) -> int:
        taken = {place for place, _ in self.living.values()}
        wanted = [*([self.last[lane]] if lane in self.last else []), *range(MOST)]
        return next((place for place in wanted if place not in taken), MOST - 1)

    def states(self) -> list[BarKind | None]:
        found: list[BarKind | None] = []
        for column in range(self.width):
            states = [state for place, state in self.living.values() if place == column]
            found.append("runs" if "runs" in states else next(iter(states), None))
        return found


@given(st.lists(CHANGES, max_size=60))
def test_columns_are_as_in_the_model(changes: list[tuple[str, BarKind | None, bool]]) -> None:
    """Whatever lanes live, each stands where the model says, the last column shared by the rest."""
    columns, model = Columns(most=MOST), Model()
    for lane, state, is_visit in changes:
        if is_visit:
            expected = model.living[lane][0] if lane in model.living else model.place(lane)
            assert columns.visit(lane) == expected
            if lane not in model.living:
                model.set(lane, "runs")
                model.set(lane, None)
        else:
            columns.set(lane, state)
            model.set(lane, state)
        assert list(columns.states()) == model.states()
        assert columns.width == model.width <= MOST


def test_a_lane_comes_back_to_its_column() -> None:
    """An entity that is asked again stands where it stood, if nobody else does."""
    columns = Columns(most=MOST)
    columns.set("run", "waits")
    assert columns.visit("entity") == 1
    columns.set("run", None)
    assert columns.visit("entity") == 1
    columns.set("other", "runs")
    assert columns.visit("other") == 0
