"""What a piece of compiled code reads besides its arguments."""

from __future__ import annotations

import dis
import re
from dataclasses import dataclass
from types import CodeType
from typing import Any, Final, cast

__all__ = ["CodeReads", "reads_of"]

_FORBIDDEN: Final = frozenset(
    {
        "BUILD_SET",
        "DELETE_GLOBAL",
        "IMPORT_STAR",
        "LOAD_BUILD_CLASS",
        "LOAD_LOCALS",
        "STORE_GLOBAL",
        "STORE_NAME",
    }
)
"""Code with one of these may depend on more than names tell, or change it: it iterates in the
order of a set, rebinds globals, imports or makes classes."""
_FIELD: Final = re.compile(r"\{[^{}]*?\.(\w+)")
"""An attribute that `str.format` looks up."""
_SETTING: Final = frozenset({"STORE_ATTR", "DELETE_ATTR", "STORE_DEREF", "DELETE_DEREF"})
_OF_SETS: Final = frozenset({"&", "|", "^", "-"})
_ATTRIBUTES: Final = frozenset(
    {"LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR", "STORE_ATTR", "DELETE_ATTR", "IMPORT_FROM"}
)
_DUNDERS: Final = frozenset(
    {
        "__class__",
        "__doc__",
        "__eq__",
        "__init__",
        "__len__",
        "__name__",
        "__post_init__",
        "__qualname__",
        "__setattr__",
    }
)
_FRAMES: Final = ("ag_", "cr_", "f_", "gi_", "tb_")
"""Attributes of frames and generators begin so; they lead to everybody's variables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeReads:
    """Names that code looks up, nested functions included."""

    names: tuple[str, ...]
    """Globals and builtins."""
    attributes: frozenset[str]
    """Attributes, of whatever."""
    imports: tuple[str, ...]
    """Modules that it imports where it runs."""
    sets_attributes: bool
    """Whether it sets attributes of something, or variables around it."""
    makes_sets: bool
    """Whether it combines the keys of dictionaries, which makes sets."""
    is_plain: bool
    """Whether names and arguments are all that can decide what it does."""


def reads_of(code: CodeType) -> CodeReads:
    """Return what code reads; what is not understood makes it not plain."""
    names: dict[str, None] = {}
    attributes: set[str] = set()
    imports: dict[str, None] = {}
    is_plain, combines, sets = True, False, False
    before, loaded = "", None
    for step in dis.get_instructions(code):
        operation = step.opname
        sets = sets or operation in _SETTING
        if operation in _FORBIDDEN or (operation == "IMPORT_NAME" and _is_relative(code, step)):
            is_plain = False
        elif operation == "MATCH_CLASS" and isinstance(loaded, tuple):
            attributes.update(cast("tuple[str, ...]", loaded))  # those that a pattern looks at
        elif operation.startswith("BINARY_"):
            combines = combines or step.argrepr.rstrip("=") in _OF_SETS
        elif operation == "IMPORT_NAME":
            imports[step.argval] = None
        elif operation in _ATTRIBUTES:
            attributes.add(step.argval)
            # What an attribute of a global is set to stays when the orchestrator has ended.
            stays = operation in {"STORE_ATTR", "DELETE_ATTR"} and before == "LOAD_GLOBAL"
            is_plain = is_plain and not stays
        elif ("GLOBAL" in operation or operation == "LOAD_NAME") and isinstance(step.argval, str):
            names[step.argval] = None
        if isinstance(step.argval, frozenset):
            is_plain = is_plain and _is_only_asked(code, step.offset)
        before, loaded = operation, cast("Any", step).argval
    for constant in code.co_consts:
        if isinstance(constant, str):
            attributes.update(_FIELD.findall(constant))
        if isinstance(constant, CodeType):
            inner = reads_of(constant)
            names |= dict.fromkeys(inner.names)
            attributes |= inner.attributes
            combines = combines or inner.makes_sets
            sets = sets or inner.sets_attributes
            imports |= dict.fromkeys(inner.imports)
            is_plain = is_plain and inner.is_plain
    return CodeReads(
        names=tuple(names),
        attributes=frozenset(attributes),
        imports=tuple(imports),
        sets_attributes=sets,
        makes_sets=combines and not attributes.isdisjoint({"keys", "items"}),
        is_plain=is_plain and all(map(_is_harmless, attributes)),
    )


def _is_only_asked(code: CodeType, offset: int) -> bool:
    """Whether the set that is loaded at an offset is asked for a member, and not iterated."""
    later = (step for step in dis.get_instructions(code) if step.offset > offset)
    follower = next(later, None)
    return follower is not None and follower.opname == "CONTAINS_OP"


def _is_relative(code: CodeType, step: dis.Instruction) -> bool:
    """Whether an import names a module from where the code is, as its level says."""
    earlier = [item for item in dis.get_instructions(code) if item.offset < step.offset]
    # The level, and the names that are imported, are loaded just before.
    return len(earlier) < 2 or earlier[-2].argval != 0


def _is_harmless(attribute: str) -> bool:
    if attribute.startswith("__") and attribute.endswith("__"):
        return attribute in _DUNDERS
    return not attribute.startswith(_FRAMES)
