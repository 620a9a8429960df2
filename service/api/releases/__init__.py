"""Releases, what they cost, and their sums."""
