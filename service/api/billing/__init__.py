"""Endpoints of provider accounts, bills and reconciliation."""
