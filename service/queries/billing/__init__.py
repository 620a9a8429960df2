"""Reads and raw rows of provider usage, bills and reconciliations."""
