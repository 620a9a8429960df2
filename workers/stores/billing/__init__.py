"""Rows of provider usage, bills and reconciliations."""
