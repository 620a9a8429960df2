"""Endpoints of the ledger: attributions, releases, totals, metrics."""
