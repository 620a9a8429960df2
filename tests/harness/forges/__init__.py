"""Forges that keep state and answer over real HTTP on this machine, with the limits and headers of the real ones."""
