"""Alerts: what is unusual about spend, since when, and where it is sent; budgets, policies and mutes."""
