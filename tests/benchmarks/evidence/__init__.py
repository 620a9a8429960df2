"""Tokens of recorded kinds of sessions on the right pull request, by agent, without and with Git hooks."""
