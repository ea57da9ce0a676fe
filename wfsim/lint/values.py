"""What an expression stands for, as far as reading tells: the linter's idea of a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wfsim.lint.source import Class, Function, Module

__all__ = ["CONTEXT", "ENTITY_CONTEXT", "Cls", "Ext", "Fun", "Inst", "Mod", "Value"]


@dataclass(frozen=True, slots=True)
class Ext:
    """Something that the project imports or Python brings; `()` stands for what a call gives."""

    name: str

    @property
    def plain(self) -> str:
        """Return the name without calls: the method of an instance reads like one of its class."""
        return self.name.replace("()", "")


@dataclass(frozen=True, slots=True)
class Fun:
    """A function of the project."""

    function: Function
    is_bound: bool = False
    """Whether its first parameter is already given."""


@dataclass(frozen=True, slots=True)
class Cls:
    """A class of the project."""

    cls: Class


@dataclass(frozen=True, slots=True)
class Inst:
    """An instance of a class of the project."""

    cls: Class


@dataclass(frozen=True, slots=True)
class Mod:
    """A module of the project."""

    module: Module


Value = Ext | Fun | Cls | Inst | Mod

CONTEXT: Final = Ext("azure.durable_functions.DurableOrchestrationContext()")
ENTITY_CONTEXT: Final = Ext("azure.durable_functions.DurableEntityContext()")
