"""REST for connections to forges, pull requests, releases and repairs."""
