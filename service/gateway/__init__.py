"""Intake of requests through gateways that count bytes: read, hash and store."""
