"""Decides what webhooks missed, from a forge's lists, and when to request it. Pure."""
