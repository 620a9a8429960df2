"""SQL for the ledger: attributions, releases, rollups, totals and costs."""
