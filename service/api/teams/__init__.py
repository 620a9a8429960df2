"""Endpoints of teams, their sync with forges, and API keys."""
