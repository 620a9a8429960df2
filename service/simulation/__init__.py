"""Companies that do not exist, with known truth, and what their forges and agents would send."""
