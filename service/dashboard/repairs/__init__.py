"""Repairs: what webhooks missed, and what was fetched later."""
