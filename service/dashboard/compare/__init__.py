"""Compare teams and repositories: who differs, from whom, and from before."""
