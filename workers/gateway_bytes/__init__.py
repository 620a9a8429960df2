"""Estimates tokens from bytes: calibrations from requests that report tokens, their errors and drift. Pure."""
