"""Answers for AI assistants: a Model Context Protocol server in front of the REST API of a running service."""
