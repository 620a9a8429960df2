"""Clients of forges: every request goes through one line a connection, which keeps to what the forge allows."""
