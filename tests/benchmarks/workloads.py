"""What is measured: the same work for both sides, with the result that both must reach."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ESCALATED", "QUICK", "SLOW", "Workload", "chain_of", "chains_of", "fan_out_of"]

ESCALATED = {"status": "escalated"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """One job, run by wfsim and by the peer.

    Args:
        name: How it is called in the table.
        orchestrator: Which of the orchestrators both sides define.
        input: What each instance is started with.
        output: What each instance must return.
        instances: How many are started before the first is waited for.
        activities: How many activities one instance calls.
        takes_real_time: What the peer would have to wait for, timers being real there.
    """

    name: str
    orchestrator: str
    input: object
    output: object
    instances: int = 1
    activities: int
    takes_real_time: str = ""

    @property
    def calls(self) -> int:
        """Activities in all."""
        return self.instances * self.activities


def chain_of(length: int) -> Workload:
    """Return a chain of so many activities."""
    return Workload(
        name=f"chain of {length:,}",
        orchestrator="chain",
        input=length,
        output=length,
        activities=length,
    )


def chains_of(length: int, instances: int) -> Workload:
    """Return so many chains, each of so many activities."""
    return Workload(
        name=f"{instances:,} instances of {length:,}",
        orchestrator="chain",
        input=length,
        output=length,
        instances=instances,
        activities=length,
    )


def fan_out_of(width: int) -> Workload:
    """Return a fan-out to so many activities."""
    return Workload(
        name=f"fan-out of {width:,}",
        orchestrator="fan_out",
        input=width,
        output=width * (width + 1) // 2,
        activities=width,
    )


QUICK = (
    chain_of(10),
    chain_of(100),
    fan_out_of(1_000),
    chains_of(3, 500),
    Workload(
        name="72-hour approval",
        orchestrator="approval",
        input={"topic": "AI"},
        output=ESCALATED,
        activities=3,
        takes_real_time="72 hours",
    ),
)
SLOW = (chain_of(1_000),)
"""The peer takes 20 seconds for it, so only with `--full`."""
