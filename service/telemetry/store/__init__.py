"""Writes what arrived to the database, in one transaction."""
