"""Reads about the service itself: keys, backlog, dead letters, set-up."""
