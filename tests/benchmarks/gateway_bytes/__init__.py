"""How near tokens estimated from bytes come to the truth, on generated traffic whose truth is known."""
