"""Token telemetry: OTLP and JSON in, hashed token events out. Decoders and sources are pure; `store` alone does SQL."""
