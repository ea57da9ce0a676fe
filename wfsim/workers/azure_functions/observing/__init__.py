"""One pass of an orchestrator, and what is to be seen of it."""
