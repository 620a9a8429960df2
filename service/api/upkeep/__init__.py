"""Routes about the service itself: dead letters."""
