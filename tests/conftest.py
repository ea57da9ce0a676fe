"""Settings of the whole suite; fixtures live beside the tests that use them."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Deadlines measure wall time, which says more about the machine than about the code.
settings.register_profile(
    "repeatable",
    deadline=None,
    derandomize=True,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("search", settings.get_profile("repeatable"), derandomize=False)
settings.register_profile("long", settings.get_profile("search"), max_examples=2000)
settings.load_profile(os.environ.get("WFSIM_HYPOTHESIS_PROFILE", "repeatable"))
