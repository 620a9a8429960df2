"""Access to forges as plain values, and the errors of those that refuse."""
