"""Questions about tokens and money, answered in the terminal."""
