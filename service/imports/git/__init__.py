"""Reads pull requests and releases from git clones."""
