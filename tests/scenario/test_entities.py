"""Entities in a scenario: signals, and what they should hold at the end."""

from __future__ import annotations

import pytest

from tests.scenario.conftest import Play
from wfsim.errors import ScenarioError
from wfsim.scenario import EntityReport

ADD = "{signal_entity: {entity: '@box@a', operation: add, input: 2}}"


def test_signals_reach_their_entity(outside: Play) -> None:
    """Signals are sent in order, at 0 and later; names have no case, keys do."""
    outcome = outside(
        f"""
steps:
  - {ADD}
  - {{at: 1h, signal_entity: {{entity: "@Box@a", operation: add, input: 3}}}}
  - {{at: 1h, signal_entity: {{entity: "@box@A", operation: set, input: {{x: null}}}}}}
expect: {{entities: {{"@BOX@a": 5, "@box@A": {{x: null}}}}}}
"""
    )
    assert outcome.is_good, outcome.mismatches
    assert outcome.entities == (
        EntityReport(entity_id="@box@a", exists=True, state=5),
        EntityReport(entity_id="@box@A", exists=True, state={"x": None}),
    )


@pytest.mark.parametrize(("via", "state"), [("orchestrator", 0), ("client", 7)])
def test_via_decides_whether_an_empty_input_arrives(via: str, state: int, outside: Play) -> None:
    """The Python client drops an empty input, so that the operation fails; orchestrators do not."""
    outcome = outside(
        f"""
steps:
  - {{signal_entity: {{entity: "@box@a", operation: set, input: 7}}}}
  - {{at: 1h, signal_entity: {{entity: "@box@a", operation: set, input: 0, via: {via}}}}}
expect: {{entities: {{"@box@a": {state}}}}}
"""
    )
    assert outcome.is_good, outcome.mismatches


@pytest.mark.parametrize(
    ("steps", "wanted", "told"),
    [
        ([ADD], "3", ("3", "2")),
        ([ADD], "null", ("does not exist", "2")),
        ([], "2", ("2", "does not exist")),
        ([ADD, "{at: 1h, signal_entity: {entity: '@box@a', operation: drop}}"], "null", None),
        (["{signal_entity: {entity: '@box@a', operation: touch}}"], "null",
         ("does not exist", "null")),
        (["{signal_entity: {entity: '@box@a', operation: set, input: [1]}}"], "[1]", None),
    ],
)  # fmt: skip
def test_states_are_compared(
    steps: list[str], wanted: str, told: tuple[str, str] | None, outside: Play
) -> None:
    """A state that differs is told; `null` means that the entity does not exist."""
    text = "start: {orchestrator: echo, instance_id: x}\nsteps:\n"
    text += "".join(f"  - {step}\n" for step in steps)
    outcome = outside(f"{text}expect: {{status: Completed, entities: {{'@box@a': {wanted}}}}}\n")
    found = [(item.key, item.wanted, item.got) for item in outcome.mismatches]
    assert found == ([("entities.@box@a", *told)] if told else [])


def test_entities_stand_in_an_entry_of_their_own(outside: Play) -> None:
    """Where several are started, an entry with entities alone needs no instance."""
    outcome = outside(
        """
start: [{orchestrator: echo, instance_id: a}, {orchestrator: echo, instance_id: b}]
expect: [{instance: a, status: Completed}, {entities: {"@box@a": null}}]
"""
    )
    assert outcome.is_good, outcome.mismatches


def test_a_scenario_ends_when_entities_have_done_their_work(outside: Play) -> None:
    """A signal that was sent with a run's last breath is run before the end, however long."""
    outcome = outside(
        """
start: {orchestrator: leave_a_mark, instance_id: a}
expect: {finished_by: 0s, entities: {"@box@mark": late}}
"""
    )
    assert outcome.is_good, outcome.mismatches
    assert outcome.elapsed_us == 2_000_000


@pytest.mark.parametrize(
    "text",
    [
        "steps:\n  - signal_entity: {entity: '@bax@a', operation: add}\n",
        "start: {orchestrator: echo}\nexpect: {entities: {'@bax@a': 1}}\n",
    ],
)
def test_unknown_entities_are_told_before_anything_runs(text: str, outside: Play) -> None:
    """An entity that the app does not have is a mistake, with its line and the nearest name."""
    with pytest.raises(ScenarioError, match=r"s\.yaml:3: .*no entity 'bax'\. Did you mean 'box'"):
        outside(text)
