"""SQL for tokens: coverage, layers, gateways, engagement."""
