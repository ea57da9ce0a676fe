"""Exploring."""

from __future__ import annotations

import warnings

from agent_framework import step

# The framework says once in each process that functional workflows are experimental, wherever the
# first one is met, and warnings are errors here.
with warnings.catch_warnings():
    warnings.simplefilter("ignore", FutureWarning)

    @step
    async def _first_of_all() -> None:
        """Take the warning."""
