"""Rows about alerts: announcing them, and sending them to channels."""
