"""Usage and cost reports of providers, one file each: what to ask, and what the answers mean."""
