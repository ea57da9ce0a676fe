"""Messages from an orchestration to entities, as the extension writes them (semantics 7.4)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Final

from wfsim.clock import from_us
from wfsim.history.jsontext import write

__all__ = ["RequestWriter"]

_NAMESPACE: Final = uuid.UUID("9e952959-5e33-4daf-827f-2fa12937b875")
_NEVER: Final = "0001-01-01T00:00:00"
_TICKS_PER_US: Final = 10


@dataclass(slots=True, kw_only=True)
class RequestWriter:
    """Writes the requests of one pass over a history.

    Ids are made from the clock and a counter, so a replay makes the same ones as long as both
    agree; where they do not, the host waits for ever (semantics 2.9).
    """

    instance_id: str
    execution_id: str
    _count: int = 0
    _sent: dict[str, int] = field(default_factory=dict[str, int])
    """Per receiver: the stamp of the latest message, in ticks of 100 ns."""

    def write(
        self, target: str, operation: str, payload: str, *, is_signal: bool, now_us: int
    ) -> tuple[str, str]:
        """Return a request's id and its JSON text.

        Args:
            target: The entity's id.
            operation: What it shall do.
            payload: JSON text of the input, which becomes a string inside a string.
            is_signal: Whether nobody waits for the answer.
            now_us: The orchestrator's clock.
        """
        moment = f"{from_us(now_us):%Y-%m-%dT%H:%M:%S.%f}0Z"
        request_id = str(uuid.uuid5(_NAMESPACE, f"{self.instance_id}_{moment}_{self._count}"))
        self._count += 1
        last = self._sent.get(target)
        stamp = now_us * _TICKS_PER_US
        if last is not None and last >= stamp:
            stamp = last + 1
        self._sent[target] = stamp
        message = {
            "op": operation,
            **({"signal": True} if is_signal else {}),
            "input": write(payload),
            "id": request_id,
            "parent": self.instance_id,
            "parentExecution": self.execution_id,
            "Timestamp": _text(stamp),
            "Predecessor": _NEVER if last is None else _text(last),
        }
        return request_id, write(message)


def _text(ticks: int) -> str:
    us, rest = divmod(ticks, _TICKS_PER_US)
    text = f"{from_us(us):%Y-%m-%dT%H:%M:%S.%f}{rest}".rstrip("0").rstrip(".")
    return f"{text}Z"
