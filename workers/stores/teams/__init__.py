"""Rows of teams that are synced from forges."""
