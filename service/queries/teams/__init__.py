"""Reads and administration of teams and their repositories."""
