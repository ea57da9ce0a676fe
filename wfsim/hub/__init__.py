"""The task hub: instances, messages, timers and one loop; it follows the host and knows no SDK."""
