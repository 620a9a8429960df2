"""Benchmark: where an organization stands among others, once it has joined."""
