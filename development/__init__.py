"""Tools that contributors run with `make` and Git hooks; not part of the product."""
