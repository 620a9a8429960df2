"""Alerts as the messages of channels. Pure."""
