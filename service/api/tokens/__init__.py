"""Endpoints of tokens: bulk intake, coverage, layers, gateways."""
