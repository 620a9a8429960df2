"""Tokens that spans and metrics of one service report several times, counted once."""
