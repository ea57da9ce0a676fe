"""Draws where the time goes: shares that `python -m tests.benchmarks.profiling` has printed."""  # noqa: INP001

from __future__ import annotations

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

__all__ = ["on_files"]

SHARES = {
    "a chain of 1,000": {
        "worker: lanes, activities, what is compared": (34, 3),
        "hub: the host's machine, messages, the loop": (27, 0),
        "the SDK": (15, 10),
        "opening, starting, results": (6, 0),
        "clocks and chance": (2, 0),
    },
    "500 instances of 3": {
        "worker: lanes, activities, what is compared": (32, 1),
        "hub: the host's machine, messages, the loop": (32, 0),
        "the SDK": (14, 1),
        "opening, starting, results": (9, 0),
        "clocks and chance": (8, 0),
    },
}
"""Percent of first passes and of replays, by who is at work; rounded, so they do not add up."""
_LINE, _LEFT, _SCALE, _WIDTH = 22, 330, 9, 700


def shares_svg() -> str:
    """Return one bar for each share, first passes dark and replays light."""
    parts: list[str] = []
    y = 10
    for workload, shares in SHARES.items():
        parts.append(f'<text x="0" y="{y + 14}" font-weight="bold">{workload}</text>')
        y += _LINE
        for who, (first, replays) in shares.items():
            parts.append(f'<text x="{_LEFT - 10}" y="{y + 14}" text-anchor="end">{who}</text>')
            bars = ((_LEFT, first, "#3f51b5"), (_LEFT + first * _SCALE, replays, "#9fa8da"))
            parts += [
                f'<rect x="{x}" y="{y + 3}" width="{share * _SCALE}" height="14" fill="{colour}"/>'
                for x, share, colour in bars
            ]
            end = _LEFT + (first + replays) * _SCALE + 6
            parts.append(f'<text x="{end}" y="{y + 14}">{first + replays} %</text>')
            y += _LINE
        y += 8
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y}" width="{_WIDTH}" '
        f'font-family="sans-serif" font-size="13" fill="#777">\n{body}\n</svg>\n'
    )


def on_files(files: Files, /, *, config: MkDocsConfig) -> Files:
    """Add the picture to the site."""
    files.append(File.generated(config, "pictures/shares.svg", content=shares_svg()))
    return files
