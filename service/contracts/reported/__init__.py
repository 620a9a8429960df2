"""What clients report beside tokens and pull requests: changes, and outcomes of other work."""
