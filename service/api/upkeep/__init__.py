"""Endpoints about the service itself: dead letters."""
