"""Releases: what each cost, what it shipped, and what came back."""
