"""Overview: what was spent, what shipped, what changed, and why."""
