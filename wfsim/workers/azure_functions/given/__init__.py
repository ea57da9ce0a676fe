"""What an orchestrator is given, as the SDK's own objects: contexts and the events of histories."""
