"""Endpoints of connections to forges, imports, features and repairs."""
