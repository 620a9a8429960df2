"""Reads of the ledger: attributions, rollups, totals and costs."""
