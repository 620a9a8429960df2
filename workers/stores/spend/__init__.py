"""Rows of spend: notes of what changed, team-days, and their sums by up to two dimensions."""
