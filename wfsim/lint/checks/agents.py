"""Models that are asked by the orchestrator itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from wfsim.lint.resolve import Resolver
from wfsim.lint.scene import Hit, Scene
from wfsim.lint.source import Class
from wfsim.lint.values import Cls, Ext, Fun, Inst, Value

__all__ = ["agents"]

_METHODS: Final = frozenset(
    {"run", "run_stream", "get_response", "get_streaming_response", "create", "parse", "complete"}
    | {"stream", "generate_content", "invoke", "ainvoke", "embed"}
)
_PACKAGES: Final = (
    *("agent_framework", "openai", "anthropic", "mistralai", "ollama", "litellm", "langchain"),
    *("azure.ai.inference", "azure.ai.agents", "azure.ai.projects", "google.genai"),
)
_CLIENTS: Final = ("Agent", "Client", "OpenAI", "Anthropic", "Mistral", "litellm", "ollama", "Chat")


def agents(scene: Scene) -> Iterator[Hit]:
    """Report agents and chat clients that are not asked through the durable wrapper."""
    for node in scene.calls():
        if scene.is_task(node):
            continue
        name = _asked(scene.value(node.func), scene.resolver)
        if name is not None:
            yield Hit(
                "WF215",
                node,
                f"`{name}` is asked by the orchestrator itself, again at each replay",
            )


def _asked(called: Value | None, resolver: Resolver) -> str | None:
    if isinstance(called, Ext):
        package, method = called.plain, called.plain.rpartition(".")[2]
        is_model = package.startswith(tuple(f"{name}." for name in _PACKAGES))
        if is_model and method in _METHODS and any(word in package for word in _CLIENTS):
            return ".".join(package.split(".")[-2:])
    if isinstance(called, Fun) and called.function.owner is not None:
        owner = called.function.owner
        if called.function.name in _METHODS and _is_client(owner, resolver):
            return f"{owner.qualname}.{called.function.name}"
    return None


def _is_client(cls: Class, resolver: Resolver, depth: int = 0) -> bool:
    for base in resolver.bases(cls):
        if isinstance(base, Ext) and base.name.startswith("agent_framework"):
            return base.name.endswith(("ChatClient", "Agent"))
        if isinstance(base, Cls | Inst) and depth < 8 and _is_client(base.cls, resolver, depth + 1):
            return True
    return False
