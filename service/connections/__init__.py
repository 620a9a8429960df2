"""Connections to forges: their public ids, and the addresses of forges and of ourselves. Pure."""
