"""Settles a period again by another method, after a preview of the change in totals."""
