"""How fast telemetry gets from a request's bytes to durable rows, and what that takes of memory."""
