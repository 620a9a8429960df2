"""What is exchanged as JSON: one file a contract, as msgspec structs that validate on decoding."""
