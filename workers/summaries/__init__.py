"""Summaries on pull requests: from figures to text. Pure."""
