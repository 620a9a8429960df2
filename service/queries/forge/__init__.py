"""Reads and raw rows of connections to forges, and of what forges said."""
