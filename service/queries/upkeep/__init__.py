"""SQL about the service itself: backlog, dead letters, set-up."""
