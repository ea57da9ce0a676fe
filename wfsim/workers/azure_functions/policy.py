"""How much a worker checks, and what it may leave out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["EACH", "Policy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a simulation asks of its worker; see `Options.replay`."""

    is_verified: bool = True
    """Whether episodes are replayed at all."""
    is_fast: bool = False
    """Whether generators stay alive between episodes, and only some borders of a long history are
    replayed. Else each episode begins anew, and all are."""
    trusts_proofs: bool = False
    """Whether orchestrators that are self-contained need not be replayed often."""


EACH: Final = Policy()
"""Each episode begins anew, and is replayed."""
