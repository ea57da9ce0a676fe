"""The reader of pages reads what authors write."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.blocks import Block, Command, commands, read
from tests.docs.workspace import Workspace, difference, files_before

PAGE = """\
# Title

<!-- app: monitor -->
<!-- outcome: failed=1, passed=2 -->

```python title="test_it.py" hl_lines="1"
def test_it(): ...
```

<!-- not executed: needs the cloud -->
Text in between cancels a note.

1. In a list:

    ```console
    $ wfsim run \\
    >   x.yaml
    done in ...

      indented
    $ echo $?
    1
    ```

<!-- not executed: a sketch -->
````text
```python
inner
```
````
"""


@pytest.fixture
def blocks(tmp_path: Path) -> list[Block]:
    """The blocks of PAGE."""
    page = tmp_path / "page.md"
    page.write_text(PAGE, encoding="utf-8")
    return read(page)


def test_blocks_know_language_title_and_line(blocks: list[Block]) -> None:
    """A block carries what its opening fence says, and where it stands."""
    assert [(block.language, block.title, block.line) for block in blocks] == [
        ("python", "test_it.py", 6),
        ("console", "", 15),
        ("text", "", 26),
    ]


def test_notes_belong_to_the_next_block_only(blocks: list[Block]) -> None:
    """Comments right above a block are its notes; text in between cancels them."""
    assert [block.notes for block in blocks] == [
        {"app": "monitor", "outcome": "failed=1, passed=2"},
        {},
        {"not executed": "a sketch"},
    ]


def test_longer_fences_hold_shorter_ones(blocks: list[Block]) -> None:
    """A block ends at a fence as long as its own."""
    assert blocks[2].source == "```python\ninner\n```\n"


def test_commands_carry_their_output(blocks: list[Block]) -> None:
    """A `$` line may be continued, and owns the lines below it, blank ones included."""
    assert commands(blocks[1]) == [
        Command(text="wfsim run x.yaml", shown="done in ...\n\n  indented"),
        Command(text="echo $?", shown="1"),
    ]


def test_titled_blocks_are_files_of_the_page(blocks: list[Block]) -> None:
    """A titled block is there for itself and for the later blocks of its page."""
    assert [block.title for block in files_before(blocks[0], blocks)] == ["test_it.py"]
    assert [block.title for block in files_before(blocks[1], blocks)] == ["test_it.py"]


@pytest.mark.parametrize(
    ("shown", "got", "same"),
    [
        ("a ... c", "a b c  \n\n", True),
        ("a\n...\nd", "a\nb\nc\nd\n", True),
        ("", "anything", True),
        ("a b", "a c", False),
        ("a", "a\nb", False),
    ],
)
def test_dots_stand_for_anything(shown: str, got: str, *, same: bool) -> None:
    """Shown output is compared exactly, but for '...' and space at line ends."""
    assert (difference(Command(text="x", shown=shown), got) == "") is same


def test_a_workspace_passes_the_exit_status_on(tmp_path: Path) -> None:
    """`$ echo $?` below a command shows that command's exit code."""
    space = Workspace.make(tmp_path)
    failed = space.shell("exit 2")
    assert failed.returncode == 2
    assert space.shell("echo $?", status=failed.returncode).stdout == "2\n"
