"""Channels of alerts, what was sent to them, and mutes."""
