"""JSON of spend: what was spent, and why it changed."""
