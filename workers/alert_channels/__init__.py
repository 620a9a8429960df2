"""Clients of the channels that alerts are sent to."""
