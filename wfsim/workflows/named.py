"""Workflows that are named by text, and imported where no model's key is needed."""

from __future__ import annotations

import importlib

from wfsim.agents import AgentScripts
from wfsim.errors import AppLoadError, nearest

__all__ = ["named"]


def named(text: str) -> object:
    """Import what "module:attribute" names.

    Chat clients that the module makes may lack their credentials: a script stands for their model.

    Raises:
        AppLoadError: there is no such module or attribute, or the module fails on import.
    """
    module_name, colon, attribute = text.partition(":")
    if not (module_name and colon and attribute):
        raise AppLoadError(
            f"{text!r} names no workflow. Write 'module:attribute', such as 'app.flows:review', or "
            "import the workflow."
        )
    try:
        with AgentScripts().active():
            value: object = importlib.import_module(module_name)
    except Exception as error:
        raise AppLoadError(
            f"The module {module_name!r} of the workflow {text!r} cannot be imported: "
            f"{type(error).__name__}: {error}"
        ) from error
    for part in attribute.split("."):
        if not hasattr(value, part):
            known = [name for name in vars(value) if not name.startswith("_")]
            raise AppLoadError(
                f"{module_name!r} has no attribute {attribute!r}.{nearest(part, known)}"
            )
        value = getattr(value, part)
    return value
