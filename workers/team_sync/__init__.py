"""Teams at a forge, and whose repositories and pull requests are: pure."""
