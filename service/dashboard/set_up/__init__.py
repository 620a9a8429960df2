"""Set-up: what to connect next, with commands for this instance."""
