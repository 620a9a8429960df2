"""Rows of token events, windows, and the batches they arrive in."""
