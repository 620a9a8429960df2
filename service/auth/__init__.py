"""Who may do what: API keys for programs, a session cookie for the dashboard."""
