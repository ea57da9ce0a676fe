"""Mistakes in a scenario: where, what, and what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenario.conftest import Load
from wfsim.errors import ScenarioError
from wfsim.scenario import load

START = "start: {orchestrator: echo, instance_id: x}\n"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("start: echo\n", 2, "start: give a mapping with some of orchestrator, input, instance_id"),
        ("start: []\n", 2, "start: this is empty; give at least one."),
        ("start: {orchestrator: 5}\n", 2, "start.orchestrator: give text, not 5; quotes make text"),
        ("start:\n  - {orchestrater: echo}\n", 3, "unknown key 'orchestrater'. Did you mean 'orch"),
        (START + "steps: [x]\n", 3, "steps[0]: give a mapping with some of at, instance, raise_ev"),
        (START + "steps: {at: 1h}\n", 3, "steps: give a list, each entry behind a dash, not {'at"),
        (START + "steps:\n  - raise_event: go\n", 4, "steps[0].raise_event: give a mapping with"),
        (START + "steps:\n  - raise_event: {name: ''}\n", 4, "raise_event.name: this is empty"),
        (
            START + "steps:\n  - raise_event: {nam: x}\n",
            4,
            "unknown key 'nam'. Did you mean 'name'",
        ),
        (
            START + "steps:\n  - raise_event: {name: x, via: fax}\n",
            4,
            "'http' or 'client', not 'fax'",
        ),
        (START + "steps:\n  - {http: {}}\n", 4, "the key 'path' is missing"),
        (START + "steps:\n  - {http: /api}\n", 4, "give a mapping with some of method, path, json"),
        (START + "steps:\n  - {http: {pth: /}}\n", 4, "unknown key 'pth'. Did you mean 'path'"),
        (START + "steps:\n  - {http: {path: /, jsn: 1}}\n", 4, "'jsn'. Did you mean 'json'?"),
        (START + "steps:\n  - {http: {path: api}}\n", 4, "http.path: a path begins with '/', as"),
        (START + "steps:\n  - {http: {path: /, method: PSOT}}\n", 4, "no HTTP method. Did you mea"),
        (START + "steps:\n  - {http: {path: /, method: '*'}}\n", 4, "a request has one method"),
        (START + "steps:\n  - {http: {path: /, status: 20}}\n", 4, "greater than or equal to 100"),
        (START + "steps:\n  - {http: {path: /, json: 1, body: x}}\n", 4, "json or body, not both"),
        (START + "steps:\n  - {http: {path: /, headers: [x]}}\n", 4, "headers: give a mapping of"),
        (
            START + "steps:\n  - {http: {path: /, params: {x: [1]}}}\n",
            4,
            "params.x: give text, no",
        ),
        (START + "steps:\n  - {instance: x, http: {path: /}}\n", 4, "leave instance: out"),
        (START + "steps:\n  - {trigger: {functon: f}}\n", 4, "'functon'. Did you mean 'function'"),
        (START + "steps:\n  - {trigger: {function: f, metadata: x}}\n", 4, "metadata is a mapping"),
        (START + "steps:\n  - {trigger: {function: f, inputs: x}}\n", 4, "inputs: give a mapping"),
        (
            START + "steps:\n  - {signal_entity: {entity: box, operation: x}}\n",
            4,
            "no entity id; wr",
        ),
        (START + "steps:\n  - {signal_entity: {entity: '@b@a'}}\n", 4, "'operation' is missing"),
        (
            START + "steps:\n  - {signal_entity: {entity: '@b@a', operation: x, via: http}}\n",
            4,
            "'orchestrator' or 'client', not 'http'",
        ),
        (START + "steps:\n  - {purge: {reason: x}}\n", 4, "unknown key 'reason'. None is known."),
        (START + "stubs: {activities: [say]}\n", 3, "stubs.activities: give a mapping of names"),
        (START + "stubs: {agents: [x]}\n", 3, "stubs.agents: give a mapping of names"),
        (START + "stubs: {agents: {x: 5}}\n", 3, "a list of turns, or the path of a script, not 5"),
        (START + "stubs:\n  activities:\n    say: {}\n", 5, "an answer needs returns, raises or"),
        (START + "stubs:\n  activities:\n    say: {retrns: 1}\n", 5, "Did you mean 'returns'?"),
        (START + "stubs: {activities: {say: {raises: 5}}}\n", 3, "'raises' is text such as 'Value"),
        (START + "stubs: {activities: {say: {raises: {type: a b}}}}\n", 3, "not the name of an"),
        (START + "stubs: {activities: {say: {takes: soon, returns: 1}}}\n", 3, "takes: "),
        (START + "expect: {activity_calls: {say: -1}}\n", 3, "a number of calls is 0 or more"),
        (START + "expect: {activity_calls: {say: many}}\n", 3, "give a number of calls, or {exec"),
        (
            START + "expect: {activity_calls: {say: {executions_at_mst: 1}}}\n",
            3,
            "Did you mean 'ex",
        ),
        (START + "expect: {activity_calls: {say: {executions_at_most: -1}}}\n", 3, "greater than"),
        (START + "stubs: {http: [x]}\n", 3, "http[0]: give a mapping with some of status, json, b"),
        (START + "stubs: {http: {method: GET}}\n", 3, "the key 'url' is missing"),
        (START + "stubs:\n  http:\n    - {url: x, stats: 1}\n", 5, "Did you mean 'status'?"),
        (START + "stubs: {http: {url: x, method: GTE}}\n", 3, "'GTE' is no HTTP method. Did you"),
        (START + "stubs: {http: {url: x, json: 1, body: x}}\n", 3, "has json or body, not both"),
        (START + "stubs: {http: {url: x, status: 200, fails: x}}\n", 3, "but this one has status"),
        (START + "stubs: {http: {url: x, fails: ''}}\n", 3, "fails: this is empty"),
        (
            START + "stubs: {http: {url: x, headers: {a: {}}}}\n",
            3,
            "headers.a: give text, not {}",
        ),
        (START + "stubs: {http: {url: x, answers: []}}\n", 3, "answers: this is empty"),
        (START + "stubs: {http: {url: x, body: a, answers: [{}]}}\n", 3, "body or answers, not bo"),
        (
            START + "stubs:\n  http:\n    url: x\n    answers:\n      - {take: 1s}\n",
            7,
            "unknown key 'take'. Did you mean 'takes'?",
        ),
        (START + "expect: {entities: [x]}\n", 3, "expect.entities: give a mapping of names, not"),
        (START + "expect:\n  entities:\n    '@a': 1\n", 5, "entities.@a: '@a' is no entity id; wr"),
        ("until: 1h\n", 1, "nothing happens here; give start: with an orchestrator, or steps:"),
        ("steps:\n  - terminate:\n", 3, "nothing is started by start:, so say which one is meant"),
        (
            "steps:\n  - http: {path: /}\nexpect: {status: Completed}\n",
            4,
            "nothing is started by start:, so say which one is meant: instance: <instance id>.",
        ),
        (START + "until: 5\n", 3, "until: A plain number has no unit, but the duration is 5."),
        (START + "until: [1h]\n", 3, "until: a duration is text such as '2h' or '3d', not ['1h']"),
        (START + "until: 99999999d\n", 3, "until: Virtual time ends with the year 9999"),
    ],
)
def test_mistakes_are_told(text: str, line: int, said: str, loaded: Load) -> None:
    """A mistake is told with its line, its path in the file and the way out."""
    with pytest.raises(ScenarioError) as error:
        loaded(text)
    assert f"s.yaml:{line}: " in str(error.value)
    assert said in str(error.value)


def test_several_mistakes_come_at_once(loaded: Load) -> None:
    """All mistakes of a file come together in order of lines, but no more than five."""
    with pytest.raises(ScenarioError) as error:
        loaded("strt: 1\nutil: 2\nstep: 3\nexpct: 4\nstub: 5\nfoo: 6\n")
    lines = str(error.value).splitlines()
    assert [line.split("s.yaml:")[1].split(":")[0] for line in lines[:5]] == list("23456")
    assert lines[5] == "… and 1 more."


def test_a_file_that_is_no_mapping_is_told(tmp_path: Path) -> None:
    """A file with a list in it is told what a scenario is."""
    path = tmp_path / "list.yaml"
    path.write_text("- a\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"list\.yaml:1: a scenario is a mapping with app: and"):
        load(path)


def test_keys_without_content_are_as_good_as_none(loaded: Load) -> None:
    """Sections whose content is commented out are no mistakes."""
    data = loaded(START + "steps:\nstubs:\n  activities:\nexpect:\nuntil:\n").data
    assert (data.steps, data.stubs.activities, data.expect, data.until) == ([], {}, [], None)
