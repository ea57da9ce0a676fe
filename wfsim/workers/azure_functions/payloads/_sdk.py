"""The codec of payloads: the same that the Functions worker and the SDK use.

tests/worker/test_sdk_contract.py fails where a release moves one of the internals.
"""

from __future__ import annotations

import json
from typing import Any, cast

from azure.functions import _durable_functions as codec  # pyright: ignore[reportPrivateUsage]
from azure.functions.durable_functions import ActivityTriggerConverter
from azure.functions.meta import Datum

from wfsim.workers.azure_functions.shortcuts._sdk import shortcuts

__all__ = ["dump_input", "dumps", "encode_result", "load_input"]


def dump_input(value: object) -> str:
    """Encode a value as the Python client encodes an orchestration's input (semantics 1.2).

    Raises:
        TypeError: `value` cannot be encoded.
    """
    with shortcuts():
        return dumps(value)


def dumps(value: object) -> str:
    """Encode a value as the SDK encodes all that it sends.

    Raises:
        TypeError: `value` cannot be encoded.
    """
    write = getattr(codec, "df_dumps", None)
    if write is not None:
        return cast("str", write(value))
    custom: Any = codec  # azure-functions before df_dumps
    return json.dumps(value, default=custom._serialize_custom_object)


def load_input(text: str) -> object:
    """Decode an activity's input as the Functions worker does."""
    converter: Any = ActivityTriggerConverter
    return cast("object", converter.decode(Datum(type="json", value=text), trigger_metadata=None))


def encode_result(value: object) -> str:
    """Encode an activity's result as the Functions worker does.

    Raises:
        ValueError: `value` cannot be encoded.
    """
    return str(ActivityTriggerConverter.encode(value, expected_type=None).value)
