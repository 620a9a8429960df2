"""Statements about every kind of row: what is due, what expires, planner statistics."""
