"""SQL for provider accounts, bills and reconciliations."""
