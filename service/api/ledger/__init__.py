"""REST for the ledger: attributions, totals, metrics."""
