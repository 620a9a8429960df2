"""SQL across all kinds of rows: due work, expired rows, planner statistics."""
