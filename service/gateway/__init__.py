"""Requests through gateways that count bytes: read, hashed and stored."""
