"""Prices of models: what a price list asks for a request, by kind, size, service tier and piece. Pure."""
