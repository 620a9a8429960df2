"""OTLP bodies in both encodings, decoded into neutral records."""
