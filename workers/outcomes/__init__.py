"""What became of pull requests: their end, reverts, and releases that ship them. Pure."""
