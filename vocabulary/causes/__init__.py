"""Why spend changed between two periods. Pure."""
