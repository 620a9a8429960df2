"""Imports: what a machine already knows of its pull requests and tokens, read here and sent through the API."""
