"""REST for tokens: intake in bulk, coverage, layers, gateways."""
