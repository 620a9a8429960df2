"""JSON that service and workers both read, a file for each: msgspec structs that validate on decoding."""
