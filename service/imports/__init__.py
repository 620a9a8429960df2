"""Imports: readers of pull requests and tokens in local files, clones and gateways, to be sent through the API."""
