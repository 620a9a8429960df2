"""How activity of pull requests is spread over hours, and which way fits a team."""
