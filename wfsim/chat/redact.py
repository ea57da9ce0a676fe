"""Takes secrets out of what is written to a file.

The rules are simple on purpose: names that secrets go by, forms that keys have, and the values of
environment variables with such names. They can miss a secret that looks like nothing; read a
recording before you commit it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

__all__ = ["Redactor"]

_GONE: Final = "[redacted]"
_SHORTEST: Final = 8
"""Characters below which the value of a variable is too common to be looked for in all texts."""

_NAMES: Final = (
    r"api[-_ ]?key|access[-_ ]?key|account[-_ ]?key|shared[-_ ]?access[-_ ]?(?:key|signature)"
    r"|(?:access|auth|bearer|refresh|id|session|sas)[-_ ]?token|token|secret|client[-_ ]?secret"
    r"|password|passwd|pwd|authorization|credentials?|subscription[-_ ]?key|connection[-_ ]?string"
    r"|private[-_ ]?key|cookie|sig"
)
_SECRET_NAME: Final = re.compile(
    r"(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PWD|CREDENTIALS?|CONNECTION_?STRING|SAS)(?:_|$)",
    re.IGNORECASE,
)

_ALWAYS: Final = (
    # Keys of the forms that providers give out.
    (re.compile(r"\b(?:sk|pk|rk)-[A-Za-z0-9_-]{8,}"), _GONE),
    (re.compile(r"\b(?:gh[pousr]_|xox[abpr]-|AKIA|AIza|hf_)[A-Za-z0-9_-]{10,}"), _GONE),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?"), _GONE),
    (re.compile(r"(?i)\b(bearer|basic)\s+(?=\S*[\d=])[\w.~+/=-]{8,}"), rf"\1 {_GONE}"),
    (
        re.compile(r"(?i)\b((?:account|sharedaccess)(?:key|signature)\s*=\s*)[^;\s\"']+"),
        rf"\1{_GONE}",
    ),
    (re.compile(r"(?i)([?&](?:sig|code|api[-_]?key|key|token)=)[^&\s\"']+"), rf"\1{_GONE}"),
    (re.compile(r"(\w+://)[^\s/@:]+:[^\s/@]+@"), rf"\1{_GONE}@"),
    (re.compile(r"-----BEGIN [^-]*KEY-----.*?(?:-----END [^-]*KEY-----|\Z)", re.DOTALL), _GONE),
)
_IN_ERRORS: Final = (
    # `api_key: x`, `"Authorization": "x"`, `Incorrect API key provided: x`, `password=x`.
    (
        re.compile(
            rf"(?i)((?:{_NAMES})\b[\w \-]{{0,20}}[\"']?\s*[:=]\s*[\"']?)(?!\[redacted)[^\s\"',;}}]+"
        ),
        rf"\1{_GONE}",
    ),
    # Anything long without a space that has letters and digits: a key, a signature, an id.
    (re.compile(r"(?<![\w])(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[\w+/=-]{24,}"), _GONE),
)


class Redactor:
    """Replaces secrets by "[redacted]".

    Args:
        environment: Variables whose values are secret if their names say so; those of the process
            by default.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        found = os.environ if environment is None else environment
        names = [name for name in found if _SECRET_NAME.search(name) and name != "PWD"]
        values = {found[name] for name in names if len(found[name]) >= _SHORTEST}
        # The longest first, in case one is part of another.
        self._values = sorted(values, key=lambda value: (-len(value), value))

    def text(self, text: str) -> str:
        """Return what a model said, without what certainly is a secret."""
        for value in self._values:
            text = text.replace(value, _GONE)
        for pattern, instead in _ALWAYS:
            text = pattern.sub(instead, text)
        return text

    def error(self, text: str) -> str:
        """Return an error's text, without anything that might be a secret."""
        text = self.text(text)
        for pattern, instead in _IN_ERRORS:
            text = pattern.sub(instead, text)
        return text

    def data(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        """Return a JSON value with `text` applied to every text in it."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.data(item) for item in cast("Sequence[Any]", value)]
        if isinstance(value, dict):
            fields = cast("dict[str, Any]", value)
            return {self.text(name): self.data(item) for name, item in fields.items()}
        return value
