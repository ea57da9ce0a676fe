"""Reads the code blocks of Markdown pages. Standard library only: `.ci/run` uses it bare.

An HTML comment right above a block says how it is to be taken:

    <!-- not executed: why -->     leave it alone
    <!-- app: monitor -->          run it beside fixtures/apps/monitor instead of approval
    <!-- continues -->             put the page's earlier Python blocks in front of it
    <!-- outcome: failed=1 -->     its tests end like this instead of all passing
    <!-- exit: 2 -->               its last command ends with this exit code instead of 0
    <!-- serves: shop --clock auto -->  beside `wfsim serve shop --clock auto`, which has another
                                   port than 7071 in truth

A block with `title="name.ext"` is that file, for itself and for the later blocks of its page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHELLS = ("bash", "console", "sh", "shell")

_FENCE = re.compile(r"^(?P<indent>[ ]*)(?P<fence>`{3,}|~{3,})[ ]*(?P<info>.*)$")
_NOTE = re.compile(
    r"^\s*<!--\s*(?P<key>not executed|app|continues|outcome|exit|serves)\s*"
    r"(?::\s*(?P<value>.*?))?\s*-->$"
)
_TITLE = re.compile(r"""\btitle=["'](?P<title>[^"']+\.\w+)["']""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fenced block of a page."""

    page: Path
    line: int
    """Of the opening fence, from 1."""
    language: str
    title: str
    """The file it stands for, or an empty string."""
    source: str
    notes: dict[str, str] = field(default_factory=dict[str, str])

    def __str__(self) -> str:
        page = self.page.relative_to(ROOT) if self.page.is_relative_to(ROOT) else self.page
        return f"{page.as_posix()}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One `$` line of a block, and what the block shows below it."""

    text: str
    shown: str


def read(page: Path) -> list[Block]:
    """Return the blocks of a page in order."""
    lines = page.read_text(encoding="utf-8").splitlines()
    found: list[Block] = []
    notes: dict[str, str] = {}
    rest = iter(enumerate(lines, 1))
    for number, line in rest:
        if note := _NOTE.match(line):
            notes[note["key"]] = note["value"] or ""
        elif opening := _FENCE.match(line):
            title = _TITLE.search(opening["info"])
            found.append(
                Block(
                    page=page,
                    line=number,
                    language=opening["info"].split(" ")[0],
                    title=title["title"] if title else "",
                    source=_body(rest, opening["fence"], len(opening["indent"])),
                    notes=notes,
                )
            )
            notes = {}
        elif line.strip():
            notes = {}
    return found


def _body(rest: Iterator[tuple[int, str]], fence: str, indent: int) -> str:
    lines: list[str] = []
    for _, line in rest:
        if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
            break
        lines.append(line[indent:] if not line[:indent].strip() else line)
    return "\n".join([*lines, ""])


def commands(block: Block) -> list[Command]:
    """Return the block's `$` lines with their output; a trailing backslash continues a line."""
    found: list[tuple[str, list[str]]] = []
    continued = False
    for line in block.source.splitlines():
        if continued:
            text, shown = found[-1]
            found[-1] = (f"{text.removesuffix(chr(92))}{line.removeprefix('>').strip()}", shown)
        elif line.startswith("$ "):
            found.append((line.removeprefix("$ "), []))
        elif found:
            found[-1][1].append(line)
        continued = bool(found) and found[-1][0].endswith("\\")
    return [Command(text=text, shown="\n".join(shown).strip("\n")) for text, shown in found]


def readme_commands() -> list[str]:
    """Return the README's two commands: the first runs the main job, the second the tests."""
    shells = [block for block in read(ROOT / "README.md") if block.language in SHELLS]
    lines = [
        line.removeprefix("$ ")
        for block in shells[:2]
        for line in block.source.splitlines()
        if line.strip()
    ]
    if len(lines) != 2:
        message = f"README.md must open with two one-line shell blocks, found {lines!r}."
        raise ValueError(message)
    return lines


def pages() -> list[Path]:
    """Return every page whose blocks are checked."""
    found = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [page for page in found if page.is_file()]
