"""Spend: the bill and what telemetry saw of it, why spend changed, budgets, the forecast, and where the money went."""
