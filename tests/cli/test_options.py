"""What the command line takes, and how it says what it does not take."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Command

Small = Callable[..., Path]
ECHO = "app: function_app.py\nstart: {orchestrator: echo, input: hi, instance_id: e}\n"


def test_help_teaches(wfsim: Command) -> None:
    """`wfsim --help` says what it is, gives examples and the exit codes, and exits with 0."""
    done = wfsim("--help")
    assert done.code == 0
    assert "examples:" in done.out
    assert "2 the call is wrong" in done.out


def test_no_arguments_teach_too(wfsim: Command) -> None:
    """`wfsim` alone prints the help on stderr and exits with 2."""
    done = wfsim()
    assert (done.code, done.out) == (2, "")
    assert "wfsim run approval.yaml" in done.err


def test_help_of_run_shows_a_scenario(wfsim: Command) -> None:
    """`wfsim run --help` shows what a scenario looks like and every option."""
    done = wfsim("run", "--help")
    assert done.code == 0
    for part in ("start: {orchestrator:", "--json", "--trace", "--seed", "--findings"):
        assert part in done.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run"], "required: SCENARIO. Try 'wfsim run --help'."),
        (["run", "x.yaml", "--jsno"], "unknown option '--jsno'. Did you mean '--json'?"),
        (["run", "x.yaml", "--seed", "five"], "invalid int value: 'five'"),
        (["run", "x.yaml", "--findings", "all"], "choose from 'default', 'error'"),
        (["walk"], "invalid choice: 'walk'"),
    ],
)
def test_wrong_options_are_explained(arguments: list[str], said: str, wfsim: Command) -> None:
    """A wrong command line exits with 2 and says what is wrong and where help is."""
    done = wfsim(*arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err.replace('"', "'")
    assert "--help" in done.err


def test_a_missing_file_is_told_with_the_nearest(wfsim: Command) -> None:
    """A scenario that does not exist is named with the nearest file beside it."""
    done = wfsim("run", "fixtures/apps/approval/escalate.yaml")
    assert done.code == 2
    assert "There is no scenario at 'fixtures/apps/approval/escalate.yaml'." in done.err
    assert "Did you mean 'escalates.yaml'?" in done.err


def test_python_is_not_a_scenario(wfsim: Command) -> None:
    """An app given in a scenario's place is told from one."""
    done = wfsim("run", "fixtures/apps/approval/function_app.py")
    assert done.code == 2
    assert "is Python. Give a scenario, a YAML file with app: and start:." in done.err


def test_a_folder_means_the_scenarios_in_and_below_it(small: Small, wfsim: Command) -> None:
    """A folder stands for its scenarios in order of path; other YAML and hidden folders do not."""
    small(ECHO, "b.yaml")
    small(ECHO.replace("function", "../function"), "sub/a.yml")
    small("services:\n  app: {image: nginx}\n", "docker-compose.yaml")
    small(ECHO, ".hidden/c.yaml")
    small(ECHO, "env/pyvenv.cfg")
    small(ECHO, "env/d.yaml")
    folder = small(ECHO, "c.yaml").parent
    done = wfsim("run", folder)
    assert done.code == 0
    heads = [line for line in done.out.splitlines() if line.endswith((".yaml", ".yml"))]
    assert heads == [str(folder / name) for name in ("b.yaml", "c.yaml", "sub/a.yml")]
    assert done.out.endswith("\n✓ all 3 scenarios\n")


def test_a_folder_hides_no_broken_scenario(small: Small, wfsim: Command) -> None:
    """A scenario in a folder that cannot be read is reported, not skipped."""
    folder = small("app: function_app.py\nstart: {orchestrator: echo\n").parent
    assert wfsim("run", folder).code == 2


def test_an_empty_folder_is_a_wrong_call(tmp_path: Path, wfsim: Command) -> None:
    """A folder without a scenario exits with 2 and says what a scenario is."""
    done = wfsim("run", tmp_path)
    assert done.code == 2
    assert "A scenario is a YAML file with app: and start:." in done.err


def test_each_file_is_played_once(small: Small, wfsim: Command) -> None:
    """A file that is given beside its folder is played once."""
    path = small(ECHO)
    assert wfsim("run", path, path.parent).out.count("▶ echo") == 1


def test_several_scenarios_end_with_a_summary(small: Small, wfsim: Command) -> None:
    """The last lines of several scenarios say how many failed, and which."""
    good = small(ECHO, "good.yaml")
    wrong = small(ECHO + "expect: {output: ho}\n", "wrong.yaml")
    done = wfsim("run", good, wrong)
    assert done.code == 1
    assert done.out.endswith(f"\n✗ 1 of 2 scenarios failed:\n  {wrong}\n")


def test_every_file_is_read_before_the_first_runs(small: Small, wfsim: Command) -> None:
    """A mistake in the last of several files is told before anything is played."""
    done = wfsim("run", small(ECHO, "good.yaml"), small("app: 5\n", "bad.yaml"))
    assert (done.code, done.out) == (2, "")
    assert "the app says" not in done.err


def test_what_the_app_prints_stays_out_of_the_way(small: Small, wfsim: Command) -> None:
    """Lines that the app prints go to stderr, so that stdout is the timeline alone."""
    done = wfsim("run", small(ECHO))
    assert "the app says hi" in done.err
    assert "the app says" not in done.out


def test_seed_decides_made_up_ids(small: Small, wfsim: Command) -> None:
    """The same seed makes up the same instance id, another seed another one."""
    path = small("app: function_app.py\nstart: {orchestrator: echo}\n")
    first, again, other = (wfsim("run", path, "--seed", seed).out for seed in (1, 1, 2))
    assert first == again != other


def test_max_steps_decides_what_counts_as_endless(wfsim: Command) -> None:
    """--max-steps is how many episodes at one instant are let pass."""
    path = "fixtures/apps/broken/wf109_endless_continue_as_new/two_batches.yaml"
    done = wfsim("run", path, "--max-steps", 100)
    assert done.code == 1
    assert "101 episodes at T+0s" in done.out
    assert "raise max_steps from 100." in done.out


def test_failures_that_nobody_expects_are_wrong(small: Small, wfsim: Command) -> None:
    """A run that fails makes exit code 1 unless `expect` speaks of its status or failure."""
    scenario = "app: function_app.py\nstart: {orchestrator: fail, input: oh, instance_id: f}\n"
    done = wfsim("run", small(scenario))
    assert done.code == 1
    assert "got      Failed: ValueError: oh" in done.out
    assert wfsim("run", small(scenario + "expect: {failure: oh}\n")).code == 0
    assert wfsim("run", small(scenario + "expect: {status: Failed}\n")).code == 0
