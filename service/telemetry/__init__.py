"""Token telemetry: decode OTLP and JSON into hashed token events. Only `store` and `measured` run SQL."""
