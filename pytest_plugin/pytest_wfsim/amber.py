"""What syrupy's own fixture writes of wfsim's records: the text that is in wfsim's files."""

from __future__ import annotations

from typing import Any

from syrupy.extensions.amber.serializer import AmberDataSerializer, AmberDataSerializerPlugin

from pytest_wfsim.origins import origins

__all__ = ["Records", "join_syrupy"]

_INDENT = "  "


class Records(AmberDataSerializerPlugin):
    """Shows histories, traces, views and other records of wfsim, and lists of them, as views.

    Objects of other libraries stay as syrupy shows them, also those that wfsim has views of: what
    is in a snapshot must not depend on what is installed or imported.
    """

    @classmethod
    def is_data_serializable(cls, data: object) -> bool:
        """Whether it is a record of wfsim."""
        if "wfsim" not in origins(data):
            return False
        from pytest_wfsim.viewing import is_known  # noqa: PLC0415 - wfsim is imported by now

        return is_known(data)

    @classmethod
    def serialize(cls, data: object, *, depth: int = 0, **kwargs: Any) -> str:  # noqa: ANN401, ARG003
        """Return its text; where it is nested, between quotes as a text of several lines is."""
        from pytest_wfsim.viewing import header, seen  # noqa: PLC0415 - wfsim is imported by now
        from wfsim.snapshot import Rules  # noqa: PLC0415

        found = seen(data, Rules())
        lines = [header(found.kind), *str(found).split("\n")]
        if not depth:
            return "\n".join(lines)
        inner = (f"{_INDENT * (depth + 1)}{line}".rstrip() for line in lines)
        quotes = f"{_INDENT * depth}'''"
        return "\n".join([quotes, *inner, quotes])


def join_syrupy() -> None:
    """Add the plugin to those that syrupy asks, once; those that are there go first."""
    name = Records.__qualname__, Records.__module__
    others = [
        plugin
        for plugin in AmberDataSerializer.serializer_plugins or ()
        if (plugin.__qualname__, plugin.__module__) != name
    ]
    AmberDataSerializer.serializer_plugins = [*others, Records]
