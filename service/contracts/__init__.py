"""Requests and responses of the API: msgspec structs that validate on decoding, one file per resource."""
