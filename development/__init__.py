"""What contributors run by `make` and by Git hooks; no part of the program."""
