"""Reads of tokens as they arrived: coverage, layers, gateways."""
