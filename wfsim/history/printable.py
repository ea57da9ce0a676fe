"""Text from outside, made safe to print."""

from __future__ import annotations

import re

__all__ = ["printable"]

_STEERING = (
    r"\x00-\x1f\x7f-\x9f"  # control characters, terminal escapes among them
    r"\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"  # what reorders or hides text
    r"\u2028\u2029"  # line ends of other worlds
    r"\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f"  # marks, halves of pairs, tags
)
_UNSAFE = re.compile(f"[{_STEERING}]")
_UNSAFE_IN_LINES = re.compile(rf"(?![\n\t])[{_STEERING}]")


def printable(text: str, *, lines: bool = False) -> str:
    r"""Return `text` with everything that steers a terminal written as an escape, e.g. `\x1b`.

    Payloads, ids and failures are data of somebody else: printed raw, they could colour, move or
    forge what stands around them.

    Args:
        text: Any text.
        lines: Whether line ends and tabs may stay.
    """
    if lines:
        return _UNSAFE_IN_LINES.sub(_escape, text.replace("\r\n", "\n"))
    return text if text.isprintable() else _UNSAFE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")
