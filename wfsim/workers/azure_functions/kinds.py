"""Kinds of values, by what a look at an app's state has to do with each."""

from __future__ import annotations

import logging
import re
from abc import ABCMeta
from collections import Counter, OrderedDict, defaultdict, deque
from datetime import date, datetime, time, timedelta, timezone
from enum import EnumMeta
from types import (
    BuiltinFunctionType,
    GenericAlias,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodType,
    WrapperDescriptorType,
)
from typing import Final, NamedTuple, cast

__all__ = [
    "ATOMS",
    "BUILTINS",
    "CANNOT_CHANGE",
    "CODE",
    "DATES",
    "DESCRIPTORS",
    "FIXED",
    "HOLDERS",
    "MADE_BY_LIBRARIES",
    "MAPPINGS",
    "METACLASSES",
    "MOST_HELD",
    "OF_CLASSES",
    "OF_MEMBERS",
    "SDK",
    "SETS",
]

SDK: Final = "azure.durable_functions"
BUILTINS: Final = frozenset(
    {
        *("abs", "all", "any", "bool", "bytes", "callable", "chr", "dict", "divmod", "enumerate"),
        *("filter", "float", "format", "int", "isinstance", "issubclass", "iter", "len", "list"),
        *("map", "max", "min", "next", "object", "ord", "pow", "print", "property", "range"),
        *("repr", "reversed", "round", "slice", "sorted", "str", "sum", "super", "tuple", "type"),
        *("zip", "hasattr", "NotImplemented", "Ellipsis"),
    }
)
"""Not among them: what opens files, looks names up, iterates by hashes, or tells addresses."""
ATOMS: Final = frozenset({type(None), bool, int, str, bytes, complex, range, type(...)})
DATES: Final = frozenset({date, datetime, time, timedelta, timezone, float})
OF_CLASSES: Final = {
    *("__dict__", "__weakref__", "__doc__", "__module__", "__qualname__"),
    *("__annotations__", "__annotate__", "__annotate_func__", "__annotations_cache__"),
    *("__abstractmethods__", "_abc_impl", "__dataclass_fields__", "__dataclass_params__"),
    *("__match_args__", "__slots__", "__firstlineno__", "__static_attributes__"),
    *("__orig_bases__", "__parameters__", "__classdictcell__"),
}
OF_MEMBERS: Final = frozenset({"_value_", "_name_", "__objclass__", "_sort_order_"})
CODE: Final = frozenset({BuiltinFunctionType, logging.Logger, type, ABCMeta, EnumMeta})
"""Kinds of what is no data."""
FIXED: Final = frozenset(
    {
        *(BuiltinFunctionType, GenericAlias, re.Pattern, logging.Logger, type, ABCMeta, EnumMeta),
        *(MethodType, staticmethod, classmethod, property),
        *(GetSetDescriptorType, MemberDescriptorType, WrapperDescriptorType),
    }
)
"""Kinds of what cannot change; of classes, those of the user's can, which is seen to later."""
MAPPINGS: Final = frozenset({dict, OrderedDict, Counter, defaultdict})
HOLDERS: Final = frozenset({list, set, deque}) | MAPPINGS
"""Kinds of what holds other values, and may hold others later."""
CANNOT_CHANGE: Final = FIXED | HOLDERS
"""With those whose changes are asked for."""
SETS: Final = frozenset({set, frozenset})
MOST_HELD: Final = 200
"""What holds more is looked at anew each time."""
METACLASSES: Final = (type, ABCMeta)
DESCRIPTORS: Final = (GetSetDescriptorType, MemberDescriptorType, WrapperDescriptorType)


class _Pair(NamedTuple):
    first: object


MADE_BY_LIBRARIES: Final = frozenset({cast("type[object]", type(vars(_Pair)["first"]))})
"""Kinds of what libraries put into classes."""
