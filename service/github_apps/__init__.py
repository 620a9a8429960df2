"""Registering a GitHub App by its manifest: what is asked of GitHub, and what its answers are tied to."""
