"""Speed of telemetry from a request's bytes to durable rows, and its memory."""
