"""Rows of the ledger: settlements, attributions, rollups, calibrations."""
