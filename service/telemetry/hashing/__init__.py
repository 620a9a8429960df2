"""Keyed hashes in place of names, as rows for the database. Pure."""
