"""Tokens from bytes: calibrations fitted on requests whose tokens are told, their errors, and what drifts. Pure."""
