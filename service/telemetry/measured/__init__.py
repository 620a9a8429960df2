"""Counting once what spans and metrics of one service report several times."""
