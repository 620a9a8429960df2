"""One team: what it spent and merged, from before, why, by model and workflow, its budgets, alerts and dearest work."""
