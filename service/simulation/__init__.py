"""Simulated companies with a known true attribution, and what their forges and agents would send."""
