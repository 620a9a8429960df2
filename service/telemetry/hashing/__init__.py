"""From clear names to rows of keyed hashes. Pure."""
