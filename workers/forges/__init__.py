"""Clients of forges. Each connection sends all requests through one transport that obeys the forge's limits."""
