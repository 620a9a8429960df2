"""How long pages of the dashboard take."""
