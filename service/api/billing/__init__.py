"""REST for provider accounts, bills and reconciliation."""
