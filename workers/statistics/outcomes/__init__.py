"""What tokens do for outcomes beside pull requests."""
