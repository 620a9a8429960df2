"""Backups: the database as one consistent dump in a folder, and the way back to an equal ledger."""
