"""Requests and answers of the API as JSON, a file for each: msgspec structs that validate on decoding."""
