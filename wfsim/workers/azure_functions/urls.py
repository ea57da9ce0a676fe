"""URLs, and patterns for them, compared the way people mean them."""

from __future__ import annotations

import re
from urllib.parse import quote

from wfsim.errors import UsageError

__all__ = ["UrlPattern", "normal_url", "origin_of"]

_ORIGIN = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)(.*)", re.DOTALL)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_LEGAL = "%/:?#[]@!$&'()*+,;=~-._"
"""What .NET leaves in a URL as it is, besides letters and digits."""


def normal_url(url: str) -> str:
    """Return a URL as the host's client sends it.

    Scheme and host are in lower case, a default port and the fragment are left out, an empty path
    is "/", and what a URL may not hold is percent-encoded. Text that is no absolute URL is only
    encoded.
    """
    encoded = quote(url.partition("#")[0].strip(), safe=_LEGAL)
    match = _ORIGIN.fullmatch(encoded)
    if match is None:
        return encoded
    scheme, host, rest = match[1].lower(), match[2].lower(), match[3]
    host = host.removesuffix(_DEFAULT_PORTS.get(scheme, "\0"))
    # A pattern may have its last asterisk in the host; then it stands for the path as well.
    path = rest if rest.startswith("/") or host.endswith("*") else f"/{rest}"
    return f"{scheme}://{host}{path}"


def origin_of(url: str) -> str:
    """Return scheme, host and port of a URL; an empty text if it is not absolute."""
    match = _ORIGIN.fullmatch(normal_url(url))
    return "" if match is None else f"{match[1]}://{match[2]}"


class UrlPattern:
    """A URL; a URL with `*`, each of which stands for any text; or a regular expression.

    A text without "?" matches whatever the query is. A regular expression sees the whole URL, and
    matches where it does from the start.

    Args:
        pattern: Text or a compiled expression.
        what: How the caller names it, for the error text.

    Raises:
        UsageError: it can match no absolute URL.
    """

    def __init__(self, pattern: str | re.Pattern[str], *, what: str = "url") -> None:
        self.given = pattern
        self._ignores_query = False
        if isinstance(pattern, re.Pattern):
            self._expression = pattern
            return
        if not isinstance(pattern, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageError(f"{what}={pattern!r} must be text or a compiled regular expression.")
        if "://" not in pattern and not pattern.startswith("*"):
            raise UsageError(
                f"{what}={pattern!r} is not an absolute URL. Give all of it, "
                f"'https://example.org/…', or begin it with an asterisk: {f'*{pattern}'!r}."
            )
        self._ignores_query = "?" not in pattern
        parts = normal_url(pattern).split("*")
        self._expression = re.compile(".*".join(map(re.escape, parts)) + r"\Z", re.DOTALL)

    def matches(self, url: str) -> bool:
        """Whether it stands for a URL."""
        whole = normal_url(url)
        seen = whole.partition("?")[0] if self._ignores_query else whole
        return self._expression.match(seen) is not None

    def __str__(self) -> str:
        return self.given if isinstance(self.given, str) else f"/{self.given.pattern}/"
