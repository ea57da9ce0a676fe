"""Every scenario under fixtures/, found on disk, through the real command."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.apps import HAS_AGENTS
from tests.cli.conftest import ROOT, Command
from wfsim.trace import CODES

APPS = ROOT / "fixtures" / "apps"
BAD = sorted((ROOT / "fixtures" / "scenarios" / "bad").glob("*.yaml"))
EVERY = sorted(
    path
    for path in APPS.rglob("*.yaml")
    if "bad" not in path.parts and (HAS_AGENTS or not path.parent.name.startswith("agents_"))
)
GOOD = [path for path in EVERY if "broken" not in path.parts]
BROKEN = [path for path in EVERY if "broken" in path.parts]

CERTAIN = {code for code, kind in CODES.items() if kind.certain}
STUCK = "WF101"


def _name(path: Path) -> str:
    return path.relative_to(ROOT / "fixtures").as_posix()


def _wanted(path: Path) -> set[str]:
    line = re.search(r"^# finds: (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert line, f"{_name(path)} does not say what it finds"
    return set(re.findall(r"WF\d{3}", line[1]))


@pytest.mark.parametrize("path", GOOD, ids=_name)
def test_good_scenarios_pass(path: Path, wfsim: Command) -> None:
    """A scenario of a sound app exits with 0 and shows no finding, even if findings are errors."""
    done = wfsim("run", path.relative_to(ROOT), "--findings", "error")
    assert done.code == 0, done.out
    assert "WF1" not in done.out
    assert done.out.splitlines()[-1].startswith(("✓", "  "))


@pytest.mark.parametrize("path", BROKEN, ids=_name)
def test_broken_apps_show_what_they_were_written_for(path: Path, wfsim: Command) -> None:
    """A broken app shows exactly the findings of the scenario's `# finds:` line."""
    wanted = _wanted(path)
    done = wfsim("run", path, "--json", "--findings", "error")
    assert done.code == (1 if wanted else 0), done.err
    assert {finding["code"] for finding in json.loads(done.out)["findings"]} == wanted


@pytest.mark.parametrize("path", BROKEN, ids=_name)
def test_findings_are_told_with_place_and_way_out(path: Path, wfsim: Command) -> None:
    """Certain findings and stuck runs exit with 1; each is told with way out and place."""
    wanted = _wanted(path)
    done = wfsim("run", path.relative_to(ROOT))
    assert done.code == (1 if wanted & {*CERTAIN, STUCK} else 0), done.err
    for code in wanted - {"WF109", "WF110"}:  # those two are errors with a text of their own
        told = done.out.partition(f"\n{code} ")[2].partition("\n\n")[0]
        assert "→ " in told
    for place in re.findall(r"[\w/.]*function_app\.py:\d+", done.out):
        file, _, line = place.rpartition(":")
        assert 0 < int(line) <= len(Path(file).read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("path", BAD, ids=_name)
def test_bad_scenarios_are_refused(path: Path, wfsim: Command, tmp_path: Path) -> None:
    """A bad scenario exits with 2 and a short message with a place; nothing else is written."""
    trace = tmp_path / "trace.jsonl"
    done = wfsim("run", path.relative_to(ROOT), "--trace", trace)
    assert done.code == 2
    assert done.out == ""
    assert re.match(rf"wfsim: {re.escape(str(path.relative_to(ROOT)))}:\d+: \S", done.err)
    assert "Traceback" not in done.err
    assert not any(tmp_path.iterdir())
    if path.stem != "app_raises":
        assert len(done.err) < 400


MESSAGES = {
    "app_raises": "function_app.py cannot be imported.*LookupError: the setting MAIL_GATEWAY",
    "app_v1": "V1 programming model.*Move it to the V2 model",
    "broken_yaml": ":4: this is not YAML: expected ',' or '}'.*that begins in line 3",
    "empty": ":1: the scenario is empty. It needs app: and start:",
    "missing_app": ":2: There is no app at 'fixtures/apps/aproval/function_app.py'",
    "negative_at": r":5: steps\[0\].at: .*'-5m'.*not negative",
    "no_action": r":5: steps\[0\]: the step does nothing; give one of raise_event, terminate",
    "no_app": ":2: .*holds no app. Assign a DFApp or FunctionApp",
    "no_entity_id": ":5: .*'stock' is no entity id; write '@', its name, '@' and its key",
    "no_instance": ":7: several orchestrations are started, .*instance: monday",
    "no_start": ":2: nothing happens here; give start: with an orchestrator, or steps:",
    "no_trigger": ":4: 'place_order' is an orchestrator",
    "nobody_meant": ":5: nothing is started by start:, so say which one is meant",
    "other_host": ":4: .*is not an address of the app, which is at http://localhost:7071",
    "relative_path": ":4: .*a path begins with '/', as in '/api/orders', but this is 'api/stock",
    "same_instance_twice": ":3: the instance_id 'post-1' is given twice",
    "two_actions": r":5: steps\[0\]: one step does one thing.*raise_event and terminate",
    "two_bodies": r":5: stubs.http\[0\]: an answer has json or body, not both",
    "two_answers": ":5: stubs.activities.publish: an answer either returns or raises",
    "two_apps": ":2: .*holds 2 apps .sales, support.*function_app.py:sales",
    "unknown_action": ":5: unknown key 'raise_evnt'. Did you mean 'raise_event'",
    "unknown_activity": ":5: .*no activity 'write_drafts'. Did you mean 'write_draft'",
    "unknown_activity_expected": ":5: .*no activity 'publsh'. Did you mean 'publish'",
    "unknown_entity": ":4: .*no entity 'stok'. Did you mean 'stock'",
    "unknown_entity_expected": ":4: .*no entity 'shock'. Did you mean 'stock'",
    "unknown_expectation": ":5: unknown key 'state'. Did you mean 'status'",
    "unknown_function": ":4: .*no function 'take_deliveries'. Did you mean 'take_delivery'",
    "unknown_instance": ":7: .*'tusday'.*Did you mean 'tuesday'",
    "unknown_key": ":4: unknown key 'untill'. Did you mean 'until'",
    "unknown_method": ":4: .*'PSOT' is no HTTP method. Did you mean 'POST'",
    "unknown_orchestrator": ":3: .*no orchestrator 'aproval'. Did you mean 'approval'",
    "unknown_status": ":5: expect.status: 'Complete' is not a status. Did you mean 'Completed'",
    "until_in_the_past": r":6: until: 1h lies before steps\[0\] at 2h",
    "wrong_type": ":4: steps: give a list, each entry behind a dash, not {'at'",
    "wrong_unit": r":5: steps\[0\].at: There is no unit of time 'fortnights'.*Known:",
}


@pytest.mark.parametrize("stem", MESSAGES)
def test_messages_name_place_cause_and_way_out(stem: str, wfsim: Command) -> None:
    """The message of each documented mistake names line and key, and what would be right."""
    done = wfsim("run", f"fixtures/scenarios/bad/{stem}.yaml")
    assert re.search(MESSAGES[stem], done.err, re.DOTALL), done.err


def test_an_app_that_raises_shows_only_its_own_frames(wfsim: Command) -> None:
    """The traceback of an app that cannot be imported holds the user's frames alone."""
    done = wfsim("run", "fixtures/scenarios/bad/app_raises.yaml")
    files = re.findall(r'File "(.*?)"', done.err)
    assert len(files) == 2
    assert all(file.endswith("raises_on_import/function_app.py") for file in files)
