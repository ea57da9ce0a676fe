"""What the README and the documentation show is what happens."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from collections.abc import Callable
from doctest import ELLIPSIS, DocTestParser, DocTestRunner
from pathlib import Path

import pytest
import yaml

from tests.docs.blocks import SHELLS, Block, commands, pages, read
from tests.docs.workspace import DEFAULT_APP, PORT, Workspace, difference, files_before

BLOCKS = {page: read(page) for page in pages()}
PROSE = ("diff", "ini", "mermaid", "text")


TEST = re.compile(r"^\s*(async )?def test_", re.MULTILINE)


def _name(block: Block) -> str:
    return block.title or f"test_line_{block.line}.py"


def _check_python(block: Block, space: Workspace) -> None:
    source = _whole(block)
    space.write(_name(block), source)
    if not TEST.search(source):
        done = space.run("python", _name(block))
        assert done.returncode == int(block.notes.get("exit", "0")), done.stdout
        return
    done = space.run("pytest", _name(block))
    got = pytest.RunResult.parse_summary_nouns(done.stdout.splitlines())
    pairs = [pair.split("=") for pair in block.notes["outcome"].split(", ")]
    wanted = {noun: int(count) for noun, count in pairs}
    assert {noun: got.get(noun, 0) for noun in wanted} == wanted, done.stdout


def _is_good_test(block: Block) -> bool:
    """Whether a block is a file of tests that all pass."""
    return (
        block.language == "python"
        and TEST.search(block.source) is not None
        and "outcome" not in block.notes
    )


def _whole(block: Block) -> str:
    """Return the source, behind the page's earlier Python where the block continues it."""
    if "continues" not in block.notes:
        return block.source
    earlier = [
        other.source
        for other in BLOCKS[block.page]
        if other.language == "python" and other.line < block.line and not other.title
    ]
    return "\n\n".join([*earlier, block.source])


def _check_session(block: Block, space: Workspace) -> None:
    session = DocTestParser().get_doctest(block.source, {}, str(block), str(block.page), block.line)
    report: list[str] = []
    result = DocTestRunner(optionflags=ELLIPSIS).run(session, out=report.append)
    assert result.attempted > 0
    assert result.failed == 0, "".join(report)


def _check_shell(block: Block, space: Workspace) -> None:
    if "serves" not in block.notes:
        _check_commands(block, space, PORT)
        return
    if "curl " in block.source and shutil.which("curl") is None:
        pytest.skip("there is no curl here")
    with space.serving(block.notes["serves"]) as port:
        _check_commands(block, space, port)


def _check_commands(block: Block, space: Workspace, port: str) -> None:
    status, output = 0, ""
    for command in commands(block):
        text = re.sub(r"\bwfsim client (\w+)", rf"\g<0> --port {port}", command.text)
        done = space.shell(text.replace(f":{PORT}/", f":{port}/"), status=status)
        status, output = done.returncode, done.stdout.replace(f":{port}/", f":{PORT}/")
        problem = difference(command, output)
        assert not problem, problem
    assert status == int(block.notes.get("exit", "0")), output


def _check_yaml(block: Block, space: Workspace) -> None:
    document = yaml.safe_load(block.source)
    if isinstance(document, dict) and "app" in document:
        from wfsim.scenario import load

        load(space.write(block.title or f"line_{block.line}.yaml", block.source))


def _check_toml(block: Block, space: Workspace) -> None:
    assert tomllib.loads(block.source)


def _check_json(block: Block, space: Workspace) -> None:
    json.loads(block.source)


CHECKS: dict[str, Callable[[Block, Workspace], None]] = {
    "json": _check_json,
    "pycon": _check_session,
    "python": _check_python,
    "toml": _check_toml,
    "yaml": _check_yaml,
    **dict.fromkeys(SHELLS, _check_shell),
}


def _is_checked(block: Block) -> bool:
    if block.language in SHELLS:
        # Other commands (pip, git, venv) set up the reader's machine; test_readme.py and .ci/run
        # see to those of the README.
        first = commands(block)[:1]
        if not any(command.text.split(" ")[0] in {"pytest", "wfsim"} for command in first):
            return False
    return "not executed" not in block.notes and block.language in CHECKS


EVERYTHING = [block for blocks in BLOCKS.values() for block in blocks]
CHECKED = [block for block in EVERYTHING if _is_checked(block)]
OTHERS = [block for block in CHECKED if not _is_good_test(block)]


def _tests() -> list[list[Block]]:
    """Return the blocks of tests, those together that see the same files beside them.

    A process for each would take most of the time of this whole suite.
    """
    groups: dict[tuple[object, ...], list[Block]] = {}
    for block in filter(_is_good_test, CHECKED):
        files = tuple(str(other) for other in files_before(block, BLOCKS[block.page]))
        app = block.notes.get("app", DEFAULT_APP)
        groups.setdefault((block.page, app, files), []).append(block)
    return list(groups.values())


Spaces = Callable[[list[Block]], Workspace]


@pytest.fixture
def space_for(tmp_path: Path, quick_python: Path) -> Spaces:
    """Makes a workspace for blocks, with the files that their page has shown before."""

    def make(blocks: list[Block]) -> Workspace:
        block = blocks[0]
        app = block.notes.get("app", DEFAULT_APP)
        before = files_before(block, BLOCKS[block.page])
        texts = [*map(_whole, blocks), *block.notes.values(), *(other.source for other in before)]
        space = Workspace.make(tmp_path, app=app, python=quick_python, texts=texts)
        for other in before:
            space.write(other.title, other.source)
        return space

    return make


@pytest.mark.parametrize("block", OTHERS, ids=str)
def test_block_holds(block: Block, space_for: Spaces) -> None:
    """Python runs, commands print what is shown, scenarios load, data parses."""
    check = CHECKS[block.language]
    check(block, space_for([block]))


@pytest.mark.parametrize("blocks", _tests(), ids=lambda blocks: "+".join(map(str, blocks)))
def test_tests_pass(blocks: list[Block], space_for: Spaces) -> None:
    """Every test that a page shows passes."""
    space = space_for(blocks)
    for block in blocks:
        space.write(_name(block), _whole(block))
    done = space.run("pytest", *map(_name, blocks))
    got = pytest.RunResult.parse_summary_nouns(done.stdout.splitlines())
    assert set(got) == {"passed"}, done.stdout
    assert got["passed"] >= len(blocks), done.stdout


def test_every_block_names_its_language() -> None:
    """Each block has a language that this file knows how to take, so none goes unchecked."""
    known = {*CHECKS, *PROSE}
    strange = [
        f"{block}: {block.language!r}" for block in EVERYTHING if block.language not in known
    ]
    assert not strange


def test_every_exemption_has_a_reason() -> None:
    """A block that is not executed says why."""
    bare = [str(block) for block in EVERYTHING if block.notes.get("not executed") == ""]
    assert not bare
