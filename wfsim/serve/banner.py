"""What a server says on stdout before clients come: the functions, and where it listens."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from wfsim.history.printable import printable
from wfsim.serve.options import ClockName
from wfsim.world import World

__all__ = ["show_functions", "show_listening"]

_CLOCKS: dict[ClockName, str] = {
    "real": "time passes as usual",
    "virtual": "time stands still until 'wfsim client advance'",
    "auto": "time jumps to the next timer when nothing else happens",
}


def show_functions(console: Console, world: World, base_url: str) -> None:
    """List the functions: those with a URL first, then the others with their triggers."""
    routes = sorted(world.host.functions.http_routes(), key=lambda route: route[2])
    others = sorted(_others(world))
    width = max((len(name) for *_, name in routes), default=0)
    width = max(width, max((len(name) for name, _ in others), default=0))
    console.print(Text(f"Functions of {printable(world.app.title)}:"), soft_wrap=True)
    for methods, path, name in routes:
        line = _named(name, width)
        line.append(f"[{','.join(methods) or 'any'}] ", style="green")
        line.append(f"{base_url}{printable(path)}")
        console.print(line, soft_wrap=True)
    for name, trigger in others:
        console.print(_named(name, width).append(trigger, style="dim"), soft_wrap=True)
    if not routes and not others:
        console.print(Text("  none", style="dim"))
    console.print()


def _named(name: str, width: int) -> Text:
    text = printable(name)
    return Text("  ").append(text, style="bold cyan").append(" " * (width - len(text) + 2))


def _others(world: World) -> Iterator[tuple[str, str]]:
    for function in world.app.functions:
        trigger = str(function.trigger.get("type", function.kind))
        if trigger != "httpTrigger":
            yield function.function_name, printable(trigger)


def show_listening(
    console: Console, base_url: str, *, clock: ClockName, addresses: list[str], is_loopback: bool
) -> None:
    """Say where the server listens, once it does."""
    if not is_loopback:
        where = ", ".join(addresses)
        warning = f"Not only this machine can reach it: it listens on {where}."
        console.print(Text(warning, style="bold yellow"), soft_wrap=True)
    line = Text("Listening on ").append(base_url, style="bold")
    line.append(f" (--clock {clock}: {_CLOCKS[clock]}; Ctrl-C ends it)", style="dim")
    console.print(line, soft_wrap=True)
    console.file.flush()
