"""Settling a period again by another method, after showing how far that would move the totals."""
