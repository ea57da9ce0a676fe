"""A workflow of Temporal's, for its replayer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import workflow

__all__ = ["Order"]


@workflow.defn
class Order:
    """Reserves."""

    @workflow.run
    async def run(self, order: Any) -> Any:
        """Call one activity."""
        return await workflow.execute_activity(
            "reserve", order, start_to_close_timeout=timedelta(seconds=10)
        )
