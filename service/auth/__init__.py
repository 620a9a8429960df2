"""Authentication and scopes: API keys for programs, a session cookie for the dashboard."""
