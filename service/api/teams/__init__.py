"""REST for teams and their sync with forges."""
