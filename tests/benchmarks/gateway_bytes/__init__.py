"""Error of tokens estimated from bytes, on generated traffic with known truth."""
