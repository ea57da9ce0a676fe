"""What the SDK answers to an episode, without the JSON text where nothing needs it."""
