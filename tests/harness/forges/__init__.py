"""Fake forges with state that answer over local HTTP, with the limits and headers of the real ones."""
