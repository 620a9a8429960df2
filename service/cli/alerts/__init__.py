"""Commands about alerts, their channels, budgets and forecasts."""
