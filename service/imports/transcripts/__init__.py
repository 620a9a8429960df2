"""Transcripts of Claude Code: finding, reading and remembering them."""
